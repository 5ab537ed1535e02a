"""Decision records are numbered and listed; changelog fragments are named so that they will be collected."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = ROOT / "docs" / "project" / "decisions"
FRAGMENT = re.compile(r"(\d+|\+[a-z0-9-]+)\.(feature|bugfix|doc|removal|misc)(\.\d+)?\.md")


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in DECISIONS.glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_decisions_are_all_listed() -> None:
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (DECISIONS / "index.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))


def test_decisions_say_why_and_what_follows() -> None:
    for path in DECISIONS.glob("[0-9]*.md"):
        text = path.read_text(encoding="utf-8")
        assert f"\n# {path.name[:4]}: " in text, path
        for part in ("Context", "Decision", "Consequences"):
            assert f"\n## {part}" in text, f"{path}: no {part}"


def test_fragments_will_be_collected() -> None:
    names = [path.name for path in (ROOT / "changelog.d").iterdir() if not path.name.startswith(".")]
    assert [name for name in names if not FRAGMENT.fullmatch(name)] == []
