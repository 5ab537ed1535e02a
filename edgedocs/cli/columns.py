"""Columns: texts of any script side by side in a terminal, which counts cells, not characters."""

from __future__ import annotations

import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_JOINERS = "\u200c\u200d"
_TAB = 4


def visible(text: str) -> str:
    r"""The text with what a terminal would obey, or hide, as escapes: control characters, direction marks, ``\ufeff``.

    Line feeds stay, tabs become blanks, and joiners stay, which scripts and pictures need.
    """
    return "".join(map(_visible, text.replace("\r\n", "\n").expandtabs(_TAB)))


def _visible(character: str) -> str:
    if character == "\n" or character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp"):
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def width(text: str) -> int:
    """Cells that a line takes: two for a wide character, none for a mark that joins the one before it."""
    return sum(width_of for _, width_of in _clusters(text))


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """Characters with the marks and joined characters that belong to them, and the cells that they take."""
    cluster, cells = "", 0
    joined = False
    for character in text:
        if cluster and (joined or _cells(character) == 0):
            cluster += character
        else:
            if cluster:
                yield cluster, cells
            cluster, cells = character, _cells(character)
        joined = character == "\u200d"
    if cluster:
        yield cluster, cells


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, cells: int) -> list[str]:
    """The lines of a text, none of which takes more cells: broken at blanks, and within a word if it is longer."""
    return [line for content in text.split("\n") for line in _wrapped(content, max(cells, 2))]


def _wrapped(text: str, cells: int) -> Iterator[str]:
    line, used = "", 0
    for word in _words(text):
        length = width(word)
        if used and used + width(word.rstrip(" ")) > cells:
            yield line.rstrip(" ")
            line, used = "", 0
            if not word.strip(" "):
                continue
        if length <= cells:
            line, used = line + word, used + length
            continue
        for cluster, taken in _clusters(word):
            if used + taken > cells:
                yield line
                line, used = "", 0
            line, used = line + cluster, used + taken
    yield line.rstrip(" ")


def _words(text: str) -> Iterator[str]:
    """The words, each with the blanks after it; blanks at the start are a word."""
    start = 0
    for place in range(1, len(text)):
        if text[place - 1] == " " and text[place] != " ":
            yield text[start:place]
            start = place
    if text[start:]:
        yield text[start:]


def side_by_side(columns: Sequence[str], cells: int, gap: str = " │ ") -> list[str]:
    """Texts beside each other, in columns of equal width, as lines of at most ``cells`` cells."""
    each = (cells - width(gap) * (len(columns) - 1)) // len(columns)
    wrapped = [wrap(visible(column), each) for column in columns]
    rows = zip_longest(*wrapped, fillvalue="")
    return [gap.join(line + " " * (each - width(line)) for line in row).rstrip() for row in rows]
