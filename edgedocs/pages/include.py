"""Include: a line ``--8<-- "folder/file.py:section"`` that stands for the text of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_text
from edgedocs.pages.lines import split_lines, without_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCISSORS = "-8<-"
"""What every including line has."""

_LINE = re.compile(r"""[ \t]*-+8<-+[ \t]+(?P<quote>["'])(?P<target>.+)(?P=quote)[ \t]*$""")
_MARKER = re.compile(r"[ \t]*(?P<escape>;*)-+8<-+[ \t]*$")
_TARGET = re.compile(
    r"(?P<path>.*?)(?::(?P<section>[A-Za-z][-\w]*)|(?P<lines>(?::(?:-?\d+)?){1,2}(?:,(?:-?\d+)?(?::(?:-?\d+)?)?)*))?$"
)
_SECTION = re.compile(
    r"(?<![;-])-+8<-+[ \t]+\[[ \t]*(?P<type>start|end)[ \t]*:[ \t]*(?P<name>[a-z][-\w]*)[ \t]*\]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Include:
    """One file that a page includes.

    Args:
        path: the file, relative to the snippets folder, as written.
        section: the named section of the file that is shown, or None for all of it.
        line: number of the including line in the page, from 1.
        lines: the range of lines that is shown, as written (``":1:5"``), or None.
    """

    path: str
    section: str | None
    line: int
    lines: str | None = None

    def resolve(self, snippets: Path, place: str) -> Path:
        """The file included, which lies in ``snippets`` and exists.

        Args:
            snippets: the snippets folder.
            place: what the error message calls the including line, for example ``"docs/04-gguf.md:12"``.

        Raises:
            BadInput: if the path leaves the folder, or there is no such file.
        """
        root = snippets.resolve()
        target = (root / self.path).resolve()
        if "://" in self.path or "\\" in self.path or not target.is_relative_to(root):
            raise BadInput(
                f"the include {self.path!r} leaves the snippets folder",
                where=place,
                expected=f"a path in {snippets.name}/, with forward slashes",
                remedy=f"move the file into {snippets.name}/ and include it by its path there",
            )
        if not target.is_file():
            raise BadInput(
                f"the include {self.path!r} does not exist",
                where=place,
                expected=f"a file {snippets.name}/{self.path}",
                remedy="correct the path, or write the file",
            )
        return target

    def read(self, snippets: Path, place: str) -> str:
        """The text that the include stands for, line ends as LF, without the lines that mark sections.

        Raises:
            BadInput: as :meth:`resolve`, and if the section is missing or the file is not UTF-8.
        """
        lines = [without_end(line) for line in split_lines(read_text(self.resolve(snippets, place)))]
        if self.lines is not None:
            lines = _ranges(lines, self.lines)
        shown = _section(lines, self.section)
        if shown is None:
            raise BadInput(
                f"no section {self.section!r} in {self.path}",
                where=place,
                expected=f'a line with --8<-- "[start:{self.section}]" without the quotes',
                remedy="name a section that the file marks",
            )
        return "".join(f"{line}\n" for line in shown)


def find_includes(text: str, first_line: int) -> Iterator[Include]:
    """The includes of a text, in the one-line form and in the form of a block between two bare markers.

    Args:
        text: the body of a fence, or a block of a page.
        first_line: number of the text's first line in the page.
    """
    if _SCISSORS not in text:
        return
    within = False
    for number, line in enumerate(split_lines(text), start=first_line):
        bare = without_end(line)
        if match := _LINE.match(bare):
            yield _include(match["target"], number)
        elif (marker := _MARKER.match(bare)) and not marker["escape"]:
            within = not within
        elif within and bare.strip() and not bare.lstrip().startswith(";"):
            yield _include(bare.strip(), number)


def _include(target: str, line: int) -> Include:
    match = _TARGET.match(target)
    assert match is not None, "the pattern matches any line"
    return Include(match["path"].strip(), match["section"], line, match["lines"])


def _section(lines: list[str], name: str | None) -> list[str] | None:
    """The lines of a section, or all lines, without those that mark sections; None if there is no such section."""
    shown = []
    inside = name is None
    found = inside
    for line in lines:
        marker = _SECTION.search(line)
        if marker is None:
            if inside:
                shown.append(line)
        elif name is not None and marker["name"] == name:
            if marker["type"].lower() == "end":
                break
            inside = found = True
    return shown if found else None


def _ranges(lines: list[str], ranges: str) -> list[str]:
    shown = []
    for part in ranges.removeprefix(":").split(","):
        first, _, last = part.partition(":")
        start = int(first) - 1 if first and int(first) > 0 else int(first or 0)
        shown += lines[start : int(last) if last else None]
    return shown
