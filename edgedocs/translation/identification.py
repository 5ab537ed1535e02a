"""Identification: in which language a text is, as far as that is certain."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from edgedocs.translation.identifier import identifier
from edgedocs.translation.language import canonical
from edgedocs.translation.repair.alphabets import alphabet, has_foreign_letters

LEAST_LETTERS = 60
"""A text with fewer is not judged: about ten words."""

LEAST_CERTAINTY = 0.9
"""Of 1,605 held-out lines of that length in five languages, none is misjudged with more than 0.2."""

_RANKED = 5
"""Languages looked at; the others have next to no share."""

_ALIKE = (
    frozenset({"bs", "hr", "sr", "sh", "cnr", "hbs"}),
    frozenset({"no", "nb", "nn", "da"}),
    frozenset({"id", "ms"}),
    frozenset({"zh", "yue", "wuu"}),
    frozenset({"fa", "prs", "tg"}),
    frozenset({"tl", "fil"}),
    frozenset({"gl", "pt"}),
    frozenset({"hi", "mr", "ne"}),
)
"""Languages that the identifier does not tell apart well enough."""


_OWN_LETTERS = {
    "bg": "ъ",
    "cs": "ěřů",
    "hu": "őű",
    "lt": "ėįų",
    "lv": "ģķļņ",
    "pl": "łśźń",
    "ro": "țș",
    "ru": "ыэ",
    "sk": "ľĺŕ",
    "sr": "ћђ",
    "uk": "їєґ",
    "vi": "ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
}
"""Letters that a language shares with no other large one."""

_OWN_SCRIPTS = {
    "bn": "\u0980-\u09ef",
    "el": "\u0386-\u03ce",
    "gu": "\u0a80-\u0aff",
    "he": "\u0590-\u05ff",
    "hi": "\u0900-\u097f",
    "hy": "\u0531-\u0587",
    "ja": "\u3041-\u30fa",
    "ka": "\u10d0-\u10ff",
    "km": "\u1780-\u17ff",
    "kn": "\u0c80-\u0cff",
    "ko": "\uac00-\ud7a3",
    "lo": "\u0e80-\u0eff",
    "ml": "\u0d00-\u0d7f",
    "mr": "\u0900-\u097f",
    "my": "\u1000-\u109f",
    "ne": "\u0900-\u097f",
    "pa": "\u0a00-\u0a7f",
    "si": "\u0d80-\u0dff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "th": "\u0e00-\u0e7f",
    "zh": "\u3400-\u9fff",
}
"""Characters of scripts that one language writes, or only languages that are not told apart."""

_OTHERS_LETTERS = {
    "bg": "ыэёіїєґўјљњћђџќѓ",
    "bn": "ৰৱ",
    "ru": "іїєґўқғүұөһәңҗјљњћђџ",
    "sr": "ыэъщёіїєґќѓ",
    "zh": "\u3041-\u30fa\uac00-\ud7a3",
}
"""Letters with which a text is not in the language, whatever else it has."""

_LETTERS_A_WORD = 70
"""So many characters for each word with a letter of its own are evidence of a language: half of what is usual."""


_WITH_MARK = re.compile(r"(?<!\w)(?=[^\W\d_A-Z])[a-z]*+[^\W\d_a-zA-Z]")
"""A word in small letters with a letter beyond ASCII."""


@cache
def _known() -> frozenset[str]:
    return frozenset(str(code) for code in identifier().nb_classes)


@lru_cache(maxsize=1024)
def primary(code: str) -> str:
    """The language of a tag without region and script: ``pt`` of ``pt-BR``."""
    return canonical(code).partition("-")[0]


def is_known(code: str) -> bool:
    """Whether texts in this language can be told from others."""
    return primary(code) in _known()


@cache
def _own(language: str) -> tuple[re.Pattern[str], int] | None:
    """What to count in a text, and how many characters there may be for each."""
    if script := _OWN_SCRIPTS.get(language):
        return re.compile(f"[{script}]"), 3
    if letters := _OWN_LETTERS.get(language):
        return re.compile(rf"(?<!\w)(?=[^\W\d_A-Z])[^\W{letters}]*+[{letters}]"), _LETTERS_A_WORD
    return None


@cache
def _others(language: str) -> re.Pattern[str] | None:
    letters = _OTHERS_LETTERS.get(language)
    return re.compile(f"[{letters}]") if letters else None


@cache
def _known_words() -> dict[str, tuple[int, frozenset[str], tuple[str, ...]]]:
    """For each language: how many characters there may be for each word of its own, the words, and endings of others.

    The words and endings are frequent in the language and next to never found in 50 others, in the translations of
    Microsoft's edgeai-for-beginners; half as many of them as are usual there are evidence.
    """
    rows = Path(__file__).with_name("own_words.tsv").read_text(encoding="utf-8").split("\n")[1:]
    fields = (row.split("\t") for row in rows if row)
    return {code: (int(most), frozenset(words.split()), tuple(ends.split())) for code, most, words, ends in fields}


def is_evidently(text: str, code: str) -> bool:
    """Whether letters and words alone tell that a prose is in a language; quick, and false of many that are in it."""
    language = primary(code)
    others = _others(language)
    if others and others.search(text):
        return False
    length = len(text) - text.count(" ")
    letters, most = _own_letters(text, language)
    if letters >= 2 and letters * most >= length:
        return True
    words, characters = _own_words(text, language)
    if letters + words >= 2 and letters * most + words * characters >= length:
        return True
    if not letters or not alphabet(language) or has_foreign_letters(text, language):
        return False
    marked = len(_WITH_MARK.findall(text))
    return marked >= 3 and marked * _LETTERS_A_WORD >= 2 * length


def _own_letters(text: str, language: str) -> tuple[int, int]:
    """How many words have letters of the language alone, and how many characters there may be for each."""
    own = _own(language)
    return (len(own[0].findall(text)), own[1]) if own else (0, 0)


def _own_words(text: str, language: str) -> tuple[int, int]:
    """How many words are of the language alone, and how many characters there may be for each."""
    known = _known_words().get(language)
    if known is None:
        return 0, 0
    most, words, endings = known
    return len([word for word in text.lower().split() if word in words or word.endswith(endings)]), most


def identify(text: str) -> str | None:
    """The language of a prose; None if it is too short or not certain.

    Raises:
        CannotRun: if the identifier is not installed.
    """
    if sum(map(str.isalpha, text[:10_000])) < LEAST_LETTERS:
        return None
    ranked = identifier().rank(" ".join(text[:10_000].split()))
    language = ranked[0][0]
    certainty = sum(share for other, share in ranked[:_RANKED] if alike(other, language))
    return language if certainty >= LEAST_CERTAINTY else None


def likeliest(text: str) -> str:
    """The language that a text most looks like, however short it is.

    Raises:
        CannotRun: if the identifier is not installed.
    """
    return str(identifier().classify(" ".join(text[:10_000].split()))[0])


@lru_cache(maxsize=16384)
def alike(first: str, second: str) -> bool:
    """Whether two languages are the same, or not told apart."""
    pair = {primary(first), primary(second)}
    return len(pair) == 1 or any(pair <= group for group in _ALIKE)
