"""Forms: other spellings, and the dictionary of lemmas that simplemma has for a language, read in both directions.

The dictionary is used for languages without a stemmer: Slovenian, Slovak, Ukrainian and others. Reading that of
Estonian takes longer than building the site.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from edgedocs.publishing.search.stemming import algorithm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_SPELLINGS = {
    "en": (re.compile(r"(?<=\w{3})(?:iz|is)(?=(?:e[drs]?|ers|es|ing|ations?|able)$)"), {"iz": "is", "is": "iz"})
}
"""For a language, what of a word may be spelt otherwise, and how."""


def other_spelling(word: str, language: str) -> str | None:
    """How others spell a word in small letters: ``quantisation`` for ``quantization``; None if all spell it so."""
    if language not in _SPELLINGS:
        return None
    pattern, others = _SPELLINGS[language]
    other = pattern.sub(lambda found: others[found[0]], word)
    return None if other == word else other


@cache
def lemmas(language: str) -> Mapping[str, str]:
    """The base form of each form that the dictionary lists, in small letters; empty where a stemmer serves."""
    if algorithm(language) is not None:
        return {}
    try:
        from simplemma.strategies import DefaultDictionaryFactory

        dictionary = DefaultDictionaryFactory().get_dictionary(language.partition("-")[0])
    except (ImportError, ValueError):
        return {}
    return {form.lower(): lemma.lower() for form, lemma in dictionary.items()}


@cache
def forms(language: str) -> Mapping[str, Sequence[str]]:
    """The forms of each base form."""
    found: dict[str, list[str]] = defaultdict(list)
    for form, lemma in lemmas(language).items():
        found[lemma].append(form)
    return found
