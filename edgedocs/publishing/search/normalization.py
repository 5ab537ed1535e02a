"""Normalization: the words of a text, and a word without its diacritics.

The theme's ``search.js`` does both in the same way, with the patterns and letters that the index hands it.
"""

from __future__ import annotations

import re
import unicodedata

LETTERS = {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ς": "σ"}
"""Letters whose diacritics are part of them, so that Unicode does not take them apart."""

WHOLE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Letters of scripts that put no blanks between words: each is taken for a word."""

_WORD = re.compile(rf"[{WHOLE}]|[^\W{WHOLE}]+")
_TABLE = str.maketrans(LETTERS)


def fold(word: str) -> str:
    """A word in small letters without diacritics."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFD", word.lower().translate(_TABLE))
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not _is_accent(letter)))


def _is_accent(letter: str) -> bool:
    """Whether it is an accent of Latin, Greek or Cyrillic letters; the marks of other scripts are no ornament."""
    return "\u0300" <= letter <= "\u036f"


def words(text: str) -> list[str]:
    """The words of a text in small letters, in order; a name such as ``q4_k_m`` is one word."""
    return [word for word in _WORD.findall(unicodedata.normalize("NFC", text).lower()) if word.strip("_")]


def parts(word: str) -> list[str]:
    """The words that an underscored name is made of; none of a plain word."""
    if "_" not in word:
        return []
    pieces = [piece for piece in word.split("_") if piece]
    return pieces if len(pieces) > 1 else []
