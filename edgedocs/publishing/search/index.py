"""Index: for one language, which words stand in which sections, and by which keys they are found.

A word's keys are the word without diacritics, its stem without diacritics, and the stem of the word without them,
for readers who type none. A browser finds a word of a question under the same keys.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from edgedocs.publishing.search import forms, normalization, stemming, translating
from edgedocs.publishing.search.normalization import fold, parts, words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from edgedocs.publishing.search.sections import Section

COMPLETE = frozenset({"en"})
"""Languages whose stemmer finds all regular forms: words that merely begin alike are not looked for."""

_LONGEST_WORD = 60


@dataclass(frozen=True)
class Index:
    """The searchable sections of one language."""

    language: str
    sections: Sequence[Section]

    def script(self) -> str:
        """The index as a script that hands it to ``search.js``: scripts load from a folder too, data does not."""
        name = stemming.algorithm(self.language)
        stem = translating.javascript(name) if name else "(word) => word"
        data = json.dumps(self._data(), ensure_ascii=False, separators=(",", ":"))
        data = data.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        return f"globalThis.edgedocsIndex = {data};\nglobalThis.edgedocsIndex.stem = {stem};\n"

    def _data(self) -> dict[str, Any]:
        postings = self._postings()
        found = sorted(postings)
        return {
            "language": self.language,
            "letters": normalization.LETTERS,
            "whole": normalization.WHOLE,
            "begin": self.language not in COMPLETE,
            "sections": [[section.page, section.anchor, section.title, section.text] for section in self.sections],
            "words": found,
            "keys": [sorted(word_keys(word, self.language) - {fold(word)}) for word in found],
            "postings": [postings[word] for word in found],
            "forms": irregular_forms(found, self.language),
        }

    def _postings(self) -> dict[str, list[int]]:
        """For each word, one after another: a section, how often its heading has the word, and how often its text."""
        postings: dict[str, list[int]] = {}
        for number, section in enumerate(self.sections):
            title, text = _counted(section.title), _counted(section.text)
            for word in sorted(title | text):
                postings.setdefault(word, []).extend((number, title[word], text[word]))
        return postings


@lru_cache(maxsize=2**14)
def _counted(text: str) -> Counter[str]:
    """How often a text has each word; kept, since a page that is built again has most of its sections as before."""
    found = [word for word in words(text) if len(word) <= _LONGEST_WORD]
    return Counter(found + [part for word in found for part in parts(word)])


def question_keys(word: str, stem: Callable[[str], str]) -> set[str]:
    """The keys under which a browser looks for a word that was typed."""
    folded = fold(word)
    return {folded, fold(stem(word)), fold(stem(folded))}


@lru_cache(maxsize=2**17)
def word_keys(word: str, language: str) -> frozenset[str]:
    """The keys under which a word of a page is found: its own, and those of its base form."""
    stem = stemming.stemmer(language)
    lemma = forms.lemmas(language).get(word)
    return frozenset(question_keys(word, stem) | (question_keys(lemma, stem) if lemma else set()))


def irregular_forms(found: Collection[str], language: str) -> dict[str, list[str]]:
    """Forms and spellings of the pages' words that their keys do not find, without diacritics: keys of the word."""
    dictionary, stem = forms.lemmas(language), stemming.stemmer(language)
    others: list[tuple[str, str]] = []
    for lemma in {dictionary[word] for word in found if word in dictionary}:
        others += [(form, lemma) for form in forms.forms(language)[lemma]]
    others += [(other, word) for word in found if (other := forms.other_spelling(word, language))]
    listed: dict[str, set[str]] = {}
    for other, word in others:
        if not question_keys(word, stem) & question_keys(other, stem):
            listed.setdefault(fold(other), set()).add(fold(word))
    return {form: sorted(listed[form]) for form in sorted(listed)}
