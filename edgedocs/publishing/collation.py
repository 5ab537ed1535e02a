"""Collation: the order of words in the dictionaries of a language.

The letters of a language and their order stand in ``alphabets.toml``. Words are compared letter by letter, a shorter
word before one that goes on, and "zero point" before "zeros"; digits stand before letters. Case and what a language
takes for a mark on a letter, as Czech does with *á*, tell words apart only if all letters are the same.
"""

from __future__ import annotations

import string
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from edgedocs.translation.inflection import fold
from edgedocs.translation.language import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DIGITS = "0–9"
"""What begins with a digit stands under this."""

_DIGIT, _LETTER, _OTHER = 1, 2, 3
"""In this order; what is neither a letter nor a digit separates words and goes before them all."""


def sort_key(text: str, language: str) -> tuple[object, ...]:
    """A key by which texts of a language are sorted.

    Args:
        text: a term.
        language: the language's code.
    """
    plain = unicodedata.normalize("NFC", text)
    return (tuple((kind, place) for kind, place, _ in _letters(plain, language)), plain.casefold(), plain)


def initial(text: str, language: str) -> str:
    """The letter under which a text stands in a dictionary: ``"Ch"`` for the Czech *chyba*; empty if it has none.

    Args:
        text: a term.
        language: the language's code.
    """
    for kind, _, letter in _letters(unicodedata.normalize("NFC", text), language):
        if kind:
            return DIGITS if kind == _DIGIT else letter.capitalize()
    return ""


def _letters(text: str, language: str) -> Iterator[tuple[int, int, str]]:
    """Of each letter its kind, its place among those of its kind, and the letter of the alphabet that it is."""
    order = _order(language)
    longest = max(map(len, order))
    small = unicodedata.normalize("NFC", text.casefold())
    place = 0
    while place < len(small):
        sizes = range(longest, 0, -1)
        found = next((small[place : place + size] for size in sizes if small[place : place + size] in order), None)
        if found:
            yield _LETTER, order[found], found
            place += len(found)
            continue
        yield from _rest(small[place], order)
        place += 1


def _rest(character: str, order: Mapping[str, int]) -> Iterator[tuple[int, int, str]]:
    """What a character is that the alphabet lacks: letters with marks are those that they are made of."""
    folded = fold(character)
    if folded and all(letter in order for letter in folded):
        yield from ((_LETTER, order[letter], letter) for letter in folded)
    elif character.isdigit():
        yield _DIGIT, ord(character), character
    elif character.isalpha():
        yield _OTHER, ord(character), character
    else:
        yield 0, 0, character


@cache
def _order(language: str) -> Mapping[str, int]:
    alphabets = read_toml(Path(__file__).with_name("alphabets.toml"))
    letters = str(alphabets.get(language.partition("-")[0], "")).split() or string.ascii_lowercase
    return {letter: place for place, letter in enumerate(letters)}
