"""The translator ``pseudo``: every letter changed, nothing else, so that readers see what is not translated yet.

Text grows by about a third, as it does in many languages, and stands in ``«»``, so that what is cut off shows. For a
language that is written from right to left, Latin letters become Arabic ones. The same text gives the same result.
"""

from __future__ import annotations

import re

from edgedocs.translation.translators.base import Answer, Request, Settings, Translator

_ACCENTS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "åƀçđéḟğĥîĵķļɱñöþɋřŝţûṽŵẋýẑÅƁÇĐÉḞĞĤÎĴĶĻṀÑÖÞɊŘŜŢÛṼŴẊÝẐ",
)
"""No two of them in a row are what UTF-8 becomes in a code page: the checks would take them for damage."""

_ARABIC = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ابجدهفغحيذكلمنوصقرستعثطخيزابجدهفغحيذكلمنوصقرستعثطخيز",
)
_PLACEHOLDER = re.compile(r"(⟦[0-9]+⟧)")
_WORD = re.compile(r"(?<!\w)[^\W\d_]++(?!\w)")
"""A word; one with a digit or an underscore in it is a name, ``Q4_0`` for example, and stays."""

_EDGES = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


class Pseudo(Translator):
    """Changes letters into others that look alike, or into Arabic ones.

    Args:
        settings: not used.
    """

    name = "pseudo"
    retries = 0

    def __init__(self, settings: Settings) -> None:
        del settings

    def translate(self, request: Request) -> Answer:
        """The text, each letter changed, words longer, in guillemets."""
        letters = _ARABIC if request.language.direction == "rtl" else _ACCENTS
        if request.kind == "table":
            return Answer(_table(request.text, letters))
        if request.kind in ("html", "front-matter"):
            return Answer("\n".join(_bracketed(line, letters) for line in request.text.split("\n")))
        return Answer(_bracketed(request.text, letters))


def _table(text: str, letters: dict[int, int]) -> str:
    """Each cell of a table on its own."""
    cells = re.split(r"((?<!\\)\||\n)", text)
    return "".join(cell if place % 2 else _bracketed(cell, letters) for place, cell in enumerate(cells))


def _bracketed(text: str, letters: dict[int, int]) -> str:
    pieces = _PLACEHOLDER.split(text)
    changed = "".join(piece if place % 2 else _changed(piece, letters) for place, piece in enumerate(pieces))
    if changed == text:
        return text
    match = _EDGES.fullmatch(changed)
    before, inner, after = match.groups() if match else ("", changed, "")
    # An address that stands bare would take the mark for a part of itself.
    closing = " »" if "⟦" in inner.split()[-1] else "»"
    return f"{before}«{inner}{closing}{after}"


def _changed(text: str, letters: dict[int, int]) -> str:
    """Each word with other letters; words of three and more repeat their last one."""
    return _WORD.sub(lambda match: _longer(match[0]).translate(letters), text)


def _longer(word: str) -> str:
    return word + word[-1] * (len(word) // 3)


TRANSLATOR = Pseudo
