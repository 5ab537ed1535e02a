"""The translations of this project are in step with its pages."""

from pathlib import Path

from edgedocs.translation import Tree, overview

ROOT = Path(__file__).parents[2]


def test_every_page_is_fresh_in_every_language() -> None:
    tree = Tree.open(ROOT / "docs", ROOT / "translations")
    found = overview(tree)
    assert {"index.md", "04-gguf.md"} <= set(tree.pages())
    assert len(found.entries) == len(tree.pages()) * len(tree.languages())
    states = {f"{entry.language} {entry.page}": entry.status.as_dict() for entry in found.entries}
    assert {page: status for page, status in states.items() if status["state"] != "fresh"} == {}
    assert all(status["recorded"] for status in states.values())
