"""Likeness: how much two short texts look alike, letter by letter, whatever their accents."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_WORD = re.compile(r"\w+")
_LONGEST = 200


def folded(text: str) -> str:
    """The words of a text in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text[:_LONGEST].casefold())
    return " ".join(_WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c))))


def likeness(one: str, other: str) -> float:
    """The share of three-letter sequences that two folded texts have in common, from 0 to 1."""
    if not one or not other:
        return 0.0
    ours, theirs = _grams(one), _grams(other)
    return 2 * sum((ours & theirs).values()) / (sum(ours.values()) + sum(theirs.values()))


def _grams(text: str) -> Counter[str]:
    padded = f" {text} "
    return Counter(padded[place : place + 3] for place in range(len(padded) - 2))
