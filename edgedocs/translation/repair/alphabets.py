"""Alphabets: letters that a language does not have, where a text in one code page was read in another.

That is no UTF-8 that was misread, so nothing can be restored byte by byte; but *kőik* in Estonian is *kõik* in the
wrong code page.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_CODE_PAGES = ("cp1250", "cp1252", "cp1257", "iso8859-2", "iso8859-13", "cp1254", "koi8-r", "cp852", "cp437")
_SMALL_WORD = re.compile(r"(?<![\w.])[^\W\d_A-Z]*[^\x00-\x7f\s][^\s\d_A-Z]*")
_LEAST_WORDS = 2


@cache
def _alphabets() -> dict[str, str]:
    table = files(__package__).joinpath("alphabets.tsv").read_text(encoding="utf-8")
    lines = [line.partition("\t") for line in table.splitlines()[1:]]
    return {language: letters for language, _, letters in lines}


def alphabet(language: str) -> str:
    """The letters beyond ASCII of a language, small; empty if they are not known."""
    return _alphabets().get(language, "")


def is_of_one_language(text: str) -> bool:
    """Whether one language has all the letters of a text."""
    letters = {letter.lower() for letter in text if letter.isalpha() and not letter.isascii()}
    return any(letters <= set(known) for known in _alphabets().values())


@cache
def _misread(language: str) -> dict[tuple[str, str], dict[str, str]]:
    """For each code page and the one it was read in: what became of the language's letters, where others came out."""
    letters = alphabet(language)
    found = {}
    for written in _CODE_PAGES:
        for read in _CODE_PAGES:
            became = {letter.encode(written, "ignore").decode(read, "ignore"): letter for letter in letters}
            strange = {other: letter for other, letter in became.items() if other and other.lower() not in letters}
            if strange and written != read:
                found[written, read] = {o: letter for o, letter in strange.items() if not o.isascii()}
    return found


@cache
def _foreign_letter(letters: str) -> re.Pattern[str]:
    return re.compile(rf"[^\W\d_a-zA-Z{letters}{letters.upper()}]")


def misread_letters(text: str, language: str) -> str:
    """The letters that are none of the language and that one pair of code pages explains; empty if there are none.

    Args:
        text: a text in the language.
        language: primary code, such as ``et``.
    """
    letters = alphabet(language)
    if not letters:
        return ""
    if not _foreign_letter(letters).search(text):
        return ""
    words = [word for word in _SMALL_WORD.findall(text) if len(word) > 1]
    foreign = {c for word in words for c in word if c.isalpha() and not c.isascii() and c.lower() not in letters}
    if not foreign:
        return ""
    for became in _misread(language).values():
        hit = {word for word in words if any(c in became for c in word) and any(c.isascii() for c in word)}
        strange = sorted({c for word in hit for c in word if c in became})
        many = sum(c in became for word in hit for c in word) >= _LEAST_WORDS
        enough = len(hit) >= _LEAST_WORDS or (many and foreign <= set(strange))
        if enough and any(c.isalpha() for c in strange):
            return " ".join(strange)
    return ""
