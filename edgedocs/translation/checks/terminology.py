"""Terms that are rendered otherwise than the glossary says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from edgedocs.translation.checks.base import Check, Finding, Severity
from edgedocs.translation.identification import primary
from edgedocs.translation.inflection import fold, is_form, is_made_with
from edgedocs.translation.prose import prose, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edgedocs.translation.glossary import Term
    from edgedocs.translation.pairs import SegmentPair

_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")
_NEVER = re.compile(r"\bnever\s+(?P<words>[^;.]+)", re.IGNORECASE)
_OTHER_THAN = re.compile(r"\bnot the same word as\s+(?P<term>[^;.]+)", re.IGNORECASE)
_KEPT = re.compile(r"\b(?:untranslated|left in English|stays? English)\b", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\[\]]{0,1000}\]")
_OR = re.compile(r"\s+or\s+|,\s*")


@dataclass(frozen=True)
class _Entry:
    """A term ready to be looked for.

    Args:
        term: of the glossary.
        source: its English words, in the singular.
        target: the words of its translation.
        never: what its note forbids.
        rival: the term with which its note says it is mixed up.
    """

    term: Term
    source: tuple[str, ...]
    target: tuple[str, ...]
    never: tuple[str, ...]
    rival: str | None

    @property
    def kept(self) -> bool:
        """Whether the language keeps the English word."""
        return self.term.term.lower() == self.term.translation.lower() or bool(_KEPT.search(self.term.note))


class Terminology(Check):
    """A term of the glossary that the source has and the translation has not, in no form.

    A longer term hides the shorter ones in it. What a note forbids (``never …``) is found wherever it stands.
    """

    name = "terminology"
    severity: ClassVar[Severity] = "warning"

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """See :class:`.base.Check`."""
        if not pair.context.glossary:
            return
        entries, by_start, by_term = _index(pair.context.glossary)
        language = primary(pair.context.language.code)
        used = _split(prose(_IMAGE.sub(" ", pair.target.text)))
        distinct = set(used)
        forbidden = set()
        for entry in entries:
            for wrong in entry.never:
                if any(_is_exactly(wrong, word) for word in distinct):
                    forbidden.add(entry.term.term)
                    message = f"“{wrong}” for “{entry.term.term}”, which the glossary forbids"
                    yield self.in_segment(pair, message, _remedy(entry.term))
        for entry in _terms_in(_split(prose(_IMAGE.sub(" ", pair.source.text))), by_start):
            if entry.kept or entry.term.term in forbidden or _is_there(entry.target, distinct, language):
                continue
            message = f"“{entry.term.term}” is not rendered as the glossary says"
            rival = by_term.get(entry.rival or "")
            if rival and _is_there(rival.target, distinct, language):
                message += f", but as “{rival.term.translation}”, which is “{rival.term.term}”"
            elif all(any(_singular(word) == part for word in distinct) for part in entry.source):
                message = f"“{entry.term.term}” is left in English"
            yield self.in_segment(pair, message, _remedy(entry.term))


def _remedy(term: Term) -> str:
    note = f" ({term.note})" if term.note else ""
    return f"use a form of “{term.translation}”{note}"


@lru_cache(maxsize=64)
def _index(
    glossary: tuple[Term, ...],
) -> tuple[tuple[_Entry, ...], Mapping[str, tuple[_Entry, ...]], Mapping[str, _Entry]]:
    """The entries; those of a first word, the longest first; and those of a term."""
    entries = tuple(_entry(term) for term in glossary)
    by_start: dict[str, list[_Entry]] = {}
    for entry in sorted(entries, key=lambda e: -len(e.source)):
        if entry.source:
            by_start.setdefault(entry.source[0], []).append(entry)
    by_term = {" ".join(entry.source): entry for entry in entries}
    return entries, {start: tuple(found) for start, found in by_start.items()}, by_term


def _entry(term: Term) -> _Entry:
    source = tuple(_singular(word) for word in _split(_IN_BRACKETS.sub("", term.term)))
    never = tuple(
        word for match in _NEVER.finditer(term.note) for part in _OR.split(match["words"]) for word in _split(part)[:1]
    )
    other = _OTHER_THAN.search(term.note)
    rival = " ".join(_singular(word) for word in _split(other["term"])) if other else None
    return _Entry(term, source, tuple(_split(_IN_BRACKETS.sub("", term.translation))), never, rival)


def _split(text: str) -> list[str]:
    return [part.lower() for word in words(text) for part in word.split("-")]


@lru_cache(maxsize=65536)
def _singular(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _terms_in(source: list[str], by_start: Mapping[str, tuple[_Entry, ...]]) -> Iterator[_Entry]:
    """The terms of a text, each once; of two that start alike the longer one."""
    singular = [_singular(word) for word in source]
    found: dict[str, _Entry] = {}
    place = 0
    while place < len(singular):
        entry = next(
            (
                e
                for e in by_start.get(singular[place], ())
                if tuple(singular[place : place + len(e.source)]) == e.source
            ),
            None,
        )
        if entry:
            found[entry.term.term] = entry
        place += len(entry.source) if entry else 1
    yield from found.values()


def _is_there(parts: Iterable[str], used: Iterable[str], language: str) -> bool:
    """Whether all words of a term stand in a text in some form; between them and their order, languages differ."""
    return all(
        any(is_made_with(part, word) for word in used) or any(is_form(part, word, language) for word in used)
        for part in parts
    )


def _is_exactly(wrong: str, word: str) -> bool:
    """Whether a word is a forbidden one, with any ending; a word that only starts alike is not."""
    bare = fold(wrong)
    stem = bare[: max(4, len(bare) - 1)]
    return fold(word).startswith(stem) and len(fold(word)) <= len(bare) + 4


CHECK = Terminology()
