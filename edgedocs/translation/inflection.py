"""Inflection: whether a word of a text is a form of a term's word.

Two ways, measured on forms of this project's terms in tests/translation/checks/inflections.tsv: a common start, as long
as endings of these languages leave it, and a dictionary of lemmas (simplemma) for what changes inside (*váhy*, *váze*).
Together they know all forms and take 7 of 15,000 other words for one. Snowball's stemmers add nothing to that, know
43 % of the Estonian forms by themselves, and there is none for Slovenian; so they are not used.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

_LONGEST_ENDING = 5
_MOST_REMOVED = 3
"""Letters that a form may lack of the end of its base; of a short base no more than a third."""

_LEAST_STEM = 3
_LEAST_IN_COMPOUND = 5
_LONGEST_WORD = 60
_LETTERS = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "ø": "o", "ı": "i", "ß": "ss"})


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """A word in small letters without diacritics, which endings change too often to tell words by them."""
    letters = unicodedata.normalize("NFD", word[:_LONGEST_WORD].casefold().translate(_LETTERS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def has_common_start(base: str, word: str) -> bool:
    """Whether two words start alike and differ in no more than endings do."""
    first, second = fold(base), fold(word)
    common = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        common += 1
    removed, ending = len(first) - common, len(second) - common
    if not removed and not ending:
        return True
    most = max(1, min(_MOST_REMOVED, len(first) // 3))
    return common >= _LEAST_STEM and removed <= most and ending <= _LONGEST_ENDING


def is_in_compound(base: str, word: str) -> bool:
    """Whether a word has the base in it, less a short ending: *kvantiseerimisviga*, *nepřesnost*."""
    stem = fold(base)
    stem = stem[: max(_LEAST_IN_COMPOUND, len(stem) - 2)]
    return len(stem) >= _LEAST_IN_COMPOUND and stem in fold(word)


@lru_cache(maxsize=65536)
def is_made_with(base: str, word: str) -> bool:
    """Whether the letters of a word alone tell that it is a form of the base, or made with it."""
    return has_common_start(base, word) or is_in_compound(base, word)


@lru_cache(maxsize=65536)
def is_form(base: str, word: str, language: str) -> bool:
    """Whether a word is a form of the base, or made with it.

    Args:
        base: a word of a term, as the glossary has it.
        word: a word of a text.
        language: primary code, such as ``cs``.
    """
    if is_made_with(base, word):
        return True
    lemma = lemma_of(base, language)
    return lemma is not None and lemma == lemma_of(word, language)


@cache
def _has_dictionary(language: str) -> bool:
    try:
        import simplemma
    except ImportError:
        return False
    try:
        simplemma.lemmatize("a", lang=language)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=65536)
def lemma_of(word: str, language: str) -> str | None:
    """The base form of a word by simplemma's dictionary and rules; None without a dictionary of the language."""
    if not _has_dictionary(language):
        return None
    import simplemma

    return simplemma.lemmatize(word[:_LONGEST_WORD].lower(), lang=language).lower()


@lru_cache(maxsize=65536)
def is_word(word: str, language: str) -> bool:
    """Whether simplemma's dictionary has the word; false without a dictionary of the language."""
    if not _has_dictionary(language):
        return False
    import simplemma

    return simplemma.is_known(word[:_LONGEST_WORD].lower(), lang=language)
