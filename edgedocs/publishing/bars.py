"""Bars: in a table that an example printed, a bar behind each number of a column, as long as the number is large.

The text of the table stays as it was printed; the bars are its background.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ATTRIBUTE = "data-edgedocs-bars"
"""The attribute of a staged code block that names the columns, with commas between them."""

WIDEST = 12
"""Characters; a column of shorter numbers takes blanks before them, as far as all rows have some."""

FEWEST = 2
"""Numbers; one alone is compared with nothing."""

_NUMBER = re.compile(r"(?<![\w.,+-])[+-]?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.,]*\w)")
_CODE = re.compile(r"(<code>)(.*)(</code>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A number of a column: its row, the columns of characters that a bar can be drawn in, and its value."""

    row: int
    start: int
    end: int
    value: float

    @property
    def room(self) -> int:
        """How long a bar can be, in characters."""
        return self.end - self.start


def require(body: str, names: str, where: str) -> None:
    """See that an output has the columns.

    Args:
        body: what the example printed.
        names: the columns, with commas between them; those with = between them share a scale.
        where: what messages call the place of the output.

    Raises:
        BadInput: for a column that is not there, or whose numbers no bar can show.
    """
    for name in (name for group in _groups(names) for name in group):
        try:
            _column(body.split("\n"), name)
        except ValueError as error:
            raise BadInput(
                f"no bars for {name!r}: {error}",
                where=where,
                expected="the heading of a column of numbers, or a word that stands beside a number in several lines",
                remedy='correct bars="…", or leave it out',
            ) from None


def drawn(html: str, body: str, names: str) -> str:
    """The HTML of a code block with bars.

    Args:
        html: of the block, as it was highlighted.
        body: the text that it shows.
        names: the columns, with commas between them, which :func:`require` has accepted.

    Returns:
        ``html`` as it is if the text is marked up in it, so that no bar can be put in its place.
    """
    lines = body.split("\n")
    parts = sorted(
        (part for group in _groups(names) for part in _parts(lines, group)),
        key=lambda part: (part[0].row, part[0].start),
    )
    marked = "\n".join(_marked(line, [part for part in parts if part[0].row == row]) for row, line in enumerate(lines))

    def replaced(code: re.Match[str]) -> str:
        is_plain = "<" not in code[2] and unescape(code[2]).strip("\n") == body.strip("\n")
        end = code[2][len(code[2].rstrip("\n")) :]
        return code[1] + marked.strip("\n") + end + code[3] if is_plain else code[0]

    return _CODE.sub(replaced, html, count=1)


def _groups(names: str) -> list[list[str]]:
    """The names of the columns; those of a list share a scale."""
    return [[name.strip() for name in group.split("=")] for group in names.split(",")]


def _parts(lines: Sequence[str], names: Sequence[str]) -> list[tuple[_Cell, float]]:
    """The cells of columns that share a scale, with how much of its room the bar of each takes.

    A bar is as long as the number is large in every row, also where there is more room for it.
    """
    cells = [cell for name in names for cell in _column(lines, name)]
    greatest = max(cell.value for cell in cells) or 1.0
    room = min(cell.room for cell in cells)
    return [(cell, cell.value / greatest * room / cell.room) for cell in cells]


def _marked(line: str, parts: Sequence[tuple[_Cell, float]]) -> str:
    pieces, place = [], 0
    for cell, part in parts:
        if cell.start < place:
            continue  # two names for one column
        pieces.append(escape(line[place : cell.start], quote=False))
        shown = escape(line[cell.start : cell.end], quote=False)
        pieces.append(f'<span class="edgedocs-bar" style="--part:{part:.1%}">{shown}</span>')
        place = cell.end
    return "".join([*pieces, escape(line[place:], quote=False)])


def _column(lines: Sequence[str], name: str) -> list[_Cell]:
    """The cells of a column.

    Raises:
        ValueError: if there are none, or one is negative; says so.
    """
    found = list(_numbers(lines, name))
    if len(found) < FEWEST:
        raise ValueError(f"{len(found)} numbers have that heading or stand beside that word")
    values = [float(number[0].replace(",", "")) for _, number in found]
    if min(values) < 0:
        raise ValueError(f"{min(values):g} is negative")
    start, end = min(number.start() for _, number in found), max(number.end() for _, number in found)
    while start > 1 and end - start < WIDEST and all(not lines[row][start - 2 : start].strip() for row, _ in found):
        start -= 1
    cells = []
    for (row, number), value in zip(found, values, strict=True):
        is_free = not lines[row][number.end() : end].strip()
        cells.append(_Cell(row, start, end if is_free else number.end(), value))
    return cells


def _numbers(lines: Sequence[str], name: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The number of each row that stands beside the word or, if those are fewer than two, under the heading."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    named = [row for row, line in enumerate(lines) if word.search(line)]
    beside = [(row, number) for row in named if (number := _beside(lines[row], word))]
    if len(beside) >= FEWEST or not named:
        yield from beside
        return
    heading = _heading(lines[named[0]], word)
    for row, line in enumerate(lines[named[0] + 1 :], start=named[0] + 1):
        if not line.strip():
            return  # what stands under a blank line is another table
        if number := _under(line, heading):
            yield row, number


def _heading(line: str, word: re.Pattern[str]) -> re.Match[str]:
    """The heading itself, not a longer one that the word is in: more than one blank stands before it, or nothing."""
    found = list(word.finditer(line))
    return next((one for one in found if not line[max(one.start() - 2, 0) : one.start()].strip()), found[0])


def _beside(line: str, word: re.Pattern[str]) -> re.Match[str] | None:
    """The number that the word follows or stands before, with blanks between, or a percent sign."""
    numbers = list(_NUMBER.finditer(line))
    for found in word.finditer(line):
        for number in numbers:
            if number.end() <= found.start() and not line[number.end() : found.start()].strip(" %"):
                return number
            if number.start() >= found.end() and not line[found.end() : number.start()].strip():
                return number
    return None


def _under(line: str, heading: re.Match[str]) -> re.Match[str] | None:
    """The first number under a heading; of a number with its uncertainty, the number."""
    numbers = list(_NUMBER.finditer(line))
    for place, number in enumerate(numbers):
        if number.start() < heading.end() and number.end() > heading.start():
            uncertain = place > 0 and line[numbers[place - 1].end() : number.start()].strip() == "\u00b1"
            return numbers[place - 1] if uncertain else number
    return None
