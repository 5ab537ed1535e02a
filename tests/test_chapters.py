"""The map of chapters in ``docs/index.md``: what it calls written is there, and all that is there is on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / "index.md", *sorted((ROOT / "translations").glob("*/index.md"))]
ROW = re.compile(
    r"^\| (?P<number>\d{2}) \| (?:\[(?P<linked>[^\]]+)\]\((?P<file>[^)]+)\)|[^|\[]+)"
    r" \| [^|]+ \| (?P<state>[^|]+) \|$",
    re.MULTILINE,
)
CHAPTERS = 21
"""00 to 20."""


def written() -> dict[str, str]:
    """The chapters that exist: their number and file."""
    return {path.name[:2]: path.name for path in (ROOT / "docs").glob("[0-9][0-9]-*.md")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_map_lists_every_chapter_with_its_state(page: Path) -> None:
    rows = list(ROW.finditer(page.read_text(encoding="utf-8")))
    assert [row["number"] for row in rows] == [f"{number:02}" for number in range(CHAPTERS)]
    assert {row["number"]: row["file"] for row in rows if row["file"]} == written()
    states = {row["state"] for row in rows if row["file"]}, {row["state"] for row in rows if not row["file"]}
    assert len(states[0]) == 1, "one word for what is written"
    assert len(states[1]) == 1, "one word for what is planned"
    assert states[0].isdisjoint(states[1])


def test_words_of_the_source() -> None:
    rows = list(ROW.finditer((ROOT / "docs" / "index.md").read_text(encoding="utf-8")))
    assert {bool(row["file"]): row["state"] for row in rows} == {True: "written", False: "planned"}


def test_map_names_chapters_as_they_name_themselves() -> None:
    for row in ROW.finditer((ROOT / "docs" / "index.md").read_text(encoding="utf-8")):
        if row["file"]:
            text = (ROOT / "docs" / row["file"]).read_text(encoding="utf-8")
            assert f"\n# {row['linked']} {{ #" in text, row["file"]
