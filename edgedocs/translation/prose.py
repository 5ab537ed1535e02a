"""Prose: what of a segment is natural language, for checks that look at words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from edgedocs.pages.inline import without_code_spans

_NO_PROSE = (
    ("[[", r"\[\[[^\[\]\n]{0,200}\]\]"),  # fact
    (
        "](",  # target of a link
        r"(?<=\])\([^()\s]{0,500}(?:\([^()\s]{0,100}\)[^()\s]{0,200})?(?:[ \t]+\"[^\"\n]{0,300}\")?\)"
        r"(?:\{[^{}\n]{0,200}\})?",
    ),
    ("][", r"(?<=\])\[[^\[\]\n]{0,100}\]"),  # label of a link
    ("[^", r"\[\^[^\]\n]{0,100}\]"),  # footnote
    ("<!--", r"<!--.{0,2000}?-->"),
    ("<", r"</?[A-Za-z][^<>]{0,1000}>"),  # HTML tag
    ("://", r"<?https?://[^\s<>()]{1,2000}>?"),
    ("{", r"\{:?[^{}\n]{0,300}\}"),  # attribute list
    (":", r":[a-z][a-z0-9_-]{0,80}:"),  # icon
    ("$", r"\$[^$\n]{1,500}\$"),  # formula
    ("/", r"(?<![\w/.])[\w.-]{1,80}(?:/[\w.-]{1,80})+"),  # path
    ("", r"(?<!\w)\w{1,60}(?:[._]\w{1,60})+"),  # file or name of a program
    ("-", r"(?<!\w)--?[a-z][a-z-]{0,60}\b"),  # option
)
"""What is no prose, each with something without which it is not there, the first that fits counts."""

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_WITH_DIGIT = re.compile(r"(?<!\w)[^\W\d]*+\d\w*+")
_DIGIT = re.compile(r"\d")


_HINT = re.compile(r"\[|<|\{|\$|/|:[a-z/]|\.(?<=\w\.)\w|_(?<=\w_)\w|-(?<!\w-)[a-z-]")
"""Something without which the pattern finds nothing. Each alternative begins with a character: that is quick."""


@lru_cache(maxsize=8192)
def prose(text: str) -> str:
    """The text with blanks for code, facts, targets of links, tags, names of files and the like; places stay."""
    if "`" in text:
        text = without_code_spans(text)
    if not _HINT.search(text):
        return text
    there = [number for number, (sign, _) in enumerate(_NO_PROSE) if sign in text]
    return _no_prose(tuple(there)).sub(lambda match: " " * len(match.group()), text)


@lru_cache(maxsize=1024)
def _no_prose(numbers: tuple[int, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_NO_PROSE[number][1] for number in numbers), re.DOTALL)


def words(text: str) -> list[str]:
    """The words of a prose, as they are written; what has digits in it is a name, not a word."""
    return [*_words(text)]


@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[str, ...]:
    if _DIGIT.search(text):
        text = _WITH_DIGIT.sub(" ", text)
    return tuple(_WORD.findall(unicodedata.normalize("NFC", text)))
