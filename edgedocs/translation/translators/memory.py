"""The translator ``memory``: what the language's pages say already, used again.

The same source text anywhere in the tree gives its translation; so a paragraph that moved to another page keeps it. A
text that is nearly the same gives the translation of the other if they differ in numbers, code or addresses only, each
of which stands once in both and can be replaced exactly. Nothing is guessed: what is not found is not translated.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core.errors import EdgeDocsError
from edgedocs.translation.masking import Masked
from edgedocs.translation.pairs import pair_by_place
from edgedocs.translation.status import SourcePage, status_of
from edgedocs.translation.sync.wording import wording
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.translators.base import Answer, NotTranslated, Request, Settings, Translator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.segments import Segment

HELD = frozenset({"fresh", "edited", "moved"})
"""States of segments whose translation is of the source as it is."""

SIMILARITY = 0.9
"""Of the words of two texts, so many must be the same in the same order for one to be a fuzzy match of the other."""

_PLACEHOLDER = re.compile(r"⟦([0-9]+)⟧")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class _Entry:
    """A segment and its translation, as translators see them.

    Args:
        source: the text that was translated, with placeholders.
        tokens: what they stand for.
        target: the translation, with the placeholders of the source.
        by_a_person: whether a person wrote or approved it.
    """

    source: str
    tokens: tuple[str, ...]
    target: str
    by_a_person: bool


class Memory(Translator):
    """Finds translations in the pages of the tree.

    Args:
        settings: the tree.
    """

    name = "memory"
    retries = 0

    def __init__(self, settings: Settings) -> None:
        self._tree = settings.tree
        self._lock = threading.Lock()
        self._languages: dict[str, _Language] = {}

    def translate(self, request: Request) -> Answer:
        """The translation that the same text has elsewhere, or one that differs in exactly replaceable parts."""
        with self._lock:
            if request.language.code not in self._languages:
                self._languages[request.language.code] = _Language(self._entries(request.language.code))
        found = self._languages[request.language.code].find(request.text)
        if found is None:
            raise NotTranslated("no page has a translation of this text", where=request.page)
        return Answer(found)

    def _entries(self, code: str) -> Iterator[_Entry]:
        folder = self._tree.require_language(code)
        for page in self._tree.translated_pages(folder):
            try:
                yield from self._of_page(folder, page)
            except EdgeDocsError:
                # A page that cannot be read has nothing to offer; status reports it.
                continue

    def _of_page(self, folder: str, page: str) -> Iterator[_Entry]:
        source_path = self._tree.source_path(page)
        if not source_path.is_file():
            return
        source, path = SourcePage.load(source_path), self._tree.translation_path(folder, page)
        translation = TranslatedPage.load(path)
        status = status_of(source, translation, path.as_posix())
        if status.recorded:
            for held in status.segments:
                if held.state in HELD and held.source and held.target:
                    by_a_person = held.state == "edited" or bool(held.record and held.record.state != "machine")
                    yield from _entry(held.source, held.target, by_a_person=by_a_person)
        elif status.state == "fresh":
            for segment, target in pair_by_place(source.outline, translation.outline(path.as_posix())):
                yield from _entry(segment, target, by_a_person=False)


def _entry(source: Segment, target: Segment, *, by_a_person: bool) -> Iterator[_Entry]:
    """The pair as translators see it, if the translation has the placeholders of the source."""
    asked, given = wording(source), wording(target)
    if not asked.has_words or asked.count != given.count:
        return
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for number, token in enumerate(asked.masked.tokens, start=1):
        numbers[token].append(number)
    if Counter(asked.masked.tokens) == Counter(given.masked.tokens):
        text = _renumbered(given.masked, {token: list(places) for token, places in numbers.items()})
        yield _Entry(asked.masked.text, asked.masked.tokens, text, by_a_person)


def _renumbered(masked: Masked, numbers: dict[str, list[int]]) -> str:
    def number(match: re.Match[str]) -> str:
        return f"⟦{numbers[masked.tokens[int(match[1]) - 1]].pop(0)}⟧"

    return _PLACEHOLDER.sub(number, masked.text)


class _Language:
    """What the pages of one language say."""

    def __init__(self, entries: Iterator[_Entry]) -> None:
        self._exact: dict[str, _Entry] = {}
        self._fuzzy: dict[str, list[_Entry]] = {}
        for entry in entries:
            place = _normalized(entry.source)
            if place not in self._exact or (entry.by_a_person and not self._exact[place].by_a_person):
                self._exact[place] = entry
        for entry in self._exact.values():
            self._fuzzy.setdefault(_pattern(entry.source), []).append(entry)

    def find(self, text: str) -> str | None:
        """The translation of a text, or None."""
        entry = self._exact.get(_normalized(text))
        if entry is not None:
            return entry.target
        for candidate in self._fuzzy.get(_pattern(text), ()):
            target = _with_numbers(candidate, text)
            if target is not None:
                return target
        return None


def _normalized(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _pattern(text: str) -> str:
    """The text without its numbers: texts that share it can differ in nothing else."""
    plain = _normalized(text)
    pieces = _PLACEHOLDER.split(plain)
    return "".join(f"⟦{p}⟧" if place % 2 else _NUMBER.sub("⟦#⟧", p) for place, p in enumerate(pieces))


def _with_numbers(entry: _Entry, text: str) -> str | None:
    """The entry's translation with the numbers of another text, if it is clear which number is which."""
    old, new = _numbers(entry.source), _numbers(text)
    words = len(_normalized(text).split())
    changed = sum(a != b for a, b in zip(old, new, strict=True))
    if len(set(old)) != len(old) or words == 0 or 1 - changed / words < SIMILARITY:
        return None
    translated = _numbers(entry.target)
    if Counter(translated) != Counter(old):
        # Written otherwise, with a decimal comma for example: which is which would be a guess.
        return None
    replacement = dict(zip(old, new, strict=True))
    pieces = _PLACEHOLDER.split(entry.target)
    return "".join(
        f"⟦{piece}⟧" if place % 2 else _NUMBER.sub(lambda match: replacement[match[0]], piece)
        for place, piece in enumerate(pieces)
    )


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(_PLACEHOLDER.sub(" ", text))


TRANSLATOR = Memory
