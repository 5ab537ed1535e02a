"""Text left in English."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from edgedocs.translation.checks.base import Check, Finding, Severity
from edgedocs.translation.identification import alike, identify, likeliest, primary
from edgedocs.translation.prose import prose, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import PagePair, SegmentPair
    from edgedocs.translation.segments import Outline

_SENTENCE_END = re.compile(r"(?<=[.!?:;|])\s+|\n\s*\n|\n(?=\s*(?:[-*+>|#]|\d+[.)])\s)|\|")
_NAMES = re.compile(
    r"\[[^\[\]\n]{0,300}\](?=\s)|“[^“”\n]{0,300}”|\"[^\"\n]{0,300}\"|„[^„“”\n]{0,300}[“”]|«[^«»\n]{0,300}»"
)
"""Texts of links and quotations: they may name what has no other name."""

_QUOTE = re.compile(r"[\[“\"„«]")
"""What such a text starts with."""

_LIST = """
the of and is are was were be been it its that this these those for with from by an or not you your we our they their
which what when where how why than then there here has have had can could will would should may might must each every
all both more most such into only also but if so at as do does did about between because while
"""
_FUNCTION_WORDS = frozenset(_LIST.split())
"""Words without which there is hardly an English sentence, and which are rare in other languages."""

_OTHER_FUNCTION_WORDS = frozenset(["a", "to", "in", "on", "no", "i"])
"""Further ones, which are words of other languages too."""

_LETTERS = re.compile(r"[^\W\d_]+")

_TITLE = re.compile(r"\s*(?:!!!|\?\?\?\+?|===)[^\"\n]{0,200}\"(?P<title>[^\n]*)\"\s*")
"""Of an admonition or a tab."""

_SHORTEST_SENTENCE = 4
"""Words; a shorter one counts only if the whole segment is the source's."""


class Untranslated(Check):
    """A sentence, a paragraph or a heading that is still in English.

    Names, code, links to works with an English title and terms that a language keeps are no English text.
    """

    name = "untranslated"
    severity: ClassVar[Severity] = "error"

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """See :class:`.base.Check`."""
        if alike(pair.context.language.code, "en"):
            return
        context = pair.context
        left = _left_in_english(pair.source.text, pair.target.text, context.language.code, context.kept_terms)
        if left:
            name = context.language.name
            yield self.in_segment(pair, f"left in English: “{_short(left)}”", f"translate it into {name}")

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """Segments without a partner that are certainly English."""
        if pair.outline is None or alike(pair.context.language.code, "en"):
            return
        for line, text in _unpaired(pair, pair.outline):
            if _is_english(text):
                message = f"left in English: “{_short(text)}”"
                yield self.in_page(pair, message, f"translate it into {pair.context.language.name}", line=line)


def _unpaired(pair: PagePair, outline: Outline) -> Iterator[tuple[int, str]]:
    paired = {segment.target.line for segment in pair.segments}
    yield from ((s.line, prose(s.text)) for s in outline.segments if s.line not in paired)


def _left_in_english(source: str, target: str, language: str, kept: frozenset[str]) -> str | None:
    """What of a translation is English, if anything is."""
    plain = _plain(target)
    if _is_evidently_none(source, plain):
        return None
    found = words(plain)
    if len(found) < 2:
        return None
    if found == words(_plain(source)):
        return " ".join(found) if _is_plain_english(found, language, kept) else None
    if _FUNCTION_WORDS.isdisjoint(map(str.lower, found)):
        return None
    for sentence in _SENTENCE_END.split(plain):
        content = words(sentence)
        hints = sum(word.lower() in _FUNCTION_WORDS for word in content)
        if not hints or len(content) < _SHORTEST_SENTENCE:
            continue
        is_as_in_source = tuple(content) in _sentences(source)
        is_likely = hints >= 3 and hints * 4 >= len(content)
        if is_as_in_source or (is_likely and not alike(likeliest(sentence), language)):
            return " ".join(content)
    return plain if len(plain) >= 60 and _is_english(plain) else None


def _is_evidently_none(source: str, plain: str) -> bool:
    """Whether a look at what stands between blanks tells that a text neither repeats its source nor may be English.

    What consists of letters is a word as it stands; it is none of the source's if the source does not have it. In the
    rest, every run of letters is taken for a word: that finds more words than there are, and no fewer.
    """
    tokens = plain.split()
    known = source if source.isascii() else unicodedata.normalize("NFC", source)
    if all(unicodedata.normalize("NFC", token) in known for token in tokens if token.isalpha()):
        return False
    lower = plain.lower().split()
    if not _FUNCTION_WORDS.isdisjoint(lower):
        return False
    rest = " ".join([token for token in lower if not token.isalpha()])
    return _FUNCTION_WORDS.isdisjoint(_LETTERS.findall(rest))


@lru_cache(maxsize=1024)
def _sentences(source: str) -> frozenset[tuple[str, ...]]:
    """The sentences of a text as their words; all languages share them."""
    return frozenset(tuple(words(sentence)) for sentence in _SENTENCE_END.split(_plain(source)))


def _is_plain_english(found: list[str], language: str, kept: frozenset[str]) -> bool:
    """Whether words that a translation shares with its source are English and not names or kept terms."""
    lower = [word.lower() for word in found]
    if any(word in _FUNCTION_WORDS or (word in _OTHER_FUNCTION_WORDS and len(found) > 2) for word in lower):
        return True
    if " ".join(lower) in kept:
        return False
    small = [word for word, first in zip(found, [True] + [False] * len(found), strict=False) if first or word.islower()]
    if len(small) < len(found):
        return False
    return all(_is_english_only(word.lower(), language) for word in found if word.lower() not in kept)


@lru_cache(maxsize=4096)
def _is_english_only(word: str, language: str) -> bool:
    """Whether a dictionary has the word in English and not in the other language."""
    from edgedocs.translation.inflection import is_word

    return is_word(word, "en") and not is_word(word, primary(language))


def _is_english(plain: str) -> bool:
    found = words(plain)
    hints = sum(word.lower() in _FUNCTION_WORDS for word in found)
    return hints >= 2 and hints * 10 >= len(found) and identify(plain) == "en"


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """The prose without names; of an admonition or a tab, its title."""
    title = _TITLE.fullmatch(text) if '"' in text else None
    plain = prose(title["title"] if title else text)
    return plain if title or not _QUOTE.search(plain) else _NAMES.sub(" ", plain)


def _short(text: str) -> str:
    plain = " ".join(text[:400].split())
    return plain if len(plain) <= 60 else f"{plain[:59].rstrip()}…"


CHECK = Untranslated()
