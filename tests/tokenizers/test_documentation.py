"""The page on tokenizers lists the ways of cutting text that there are, and each one's difference."""

from __future__ import annotations

from pathlib import Path

from edgedocs.tokenizers import pre_tokenizers, registry

PAGE = Path(__file__).parents[2] / "docs" / "project" / "tokenizers.md"


def rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index("| Name in GGUF | Models | Differs |") + 2
    end = next(place for place in range(start, len(lines)) if not lines[place])
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:end]]


def test_the_table_is_that_of_the_data() -> None:
    known = pre_tokenizers.known()
    assert rows() == [[f"`{one.name}`", one.families, one.differs] for one in known]
    assert len(known) == 9


def test_every_difference_is_described() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for one in pre_tokenizers.known():
        assert not one.differs or f"- **{one.differs}**:" in text


def test_every_kind_is_described() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert registry.names() == ["byte_level_bpe", "sentencepiece_bpe", "unigram", "wordpiece"]
    assert all(f"| `{kind.model}`" in text or f"`{kind.model}`," in text for kind in registry)
