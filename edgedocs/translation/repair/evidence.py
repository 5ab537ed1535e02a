"""Evidence: what tells damage from text that only looks odd.

That a part of a text could be read as UTF-8 proves little: ``MIKÄ–`` in Finnish, ``её`` in Russian and one Chinese
character in ten can. Strong evidence is what no one writes: a capital after a small letter or a sign in the middle of a
word, where a letter of that very word comes out; several characters of one script in a row; a dash out of three signs.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from edgedocs.translation.repair.codecs import Run

Strength = Literal["strong", "weak", "none"]

_NATURAL = frozenset("‘’‚“”„‹›«»–—…•·\u00a0'\"®©™²³¹ºª°")
"""Signs that stand behind a capital letter in ordinary text."""

_OPENING = frozenset("\"'“”„‚‘«»‹›([{*_<`|")
_CLOSING = frozenset("\"'“”‘’«»‹›)]}*_>`|")
_LONGEST_WORD = 80
_MIXED_RUN = 6
"""Characters; in longer runs two scripts may meet."""

_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC", "HALFWIDTH", "BOPOMOFO"})


@cache
def _script(character: str) -> str:
    """The script of a letter or mark by its name, ``""`` for signs, ``?`` for what no text has."""
    category = unicodedata.category(character)
    if category in ("Cn", "Co", "Cs"):
        return "?"
    if category[0] not in "LM" or character in "µªº":
        return ""
    script = unicodedata.name(character, "?").split(" ", 1)[0].partition("-")[0]
    if script in ("MODIFIER", "COMBINING"):
        return ""
    return "EAST ASIAN" if script in _EAST_ASIAN else script


def is_cyrillic(character: str) -> bool:
    """Whether this is a Cyrillic letter."""
    return _script(character) == "CYRILLIC"


def possible(character: str) -> bool:
    """Whether a text may have this character: it is assigned, no control character and not for private use."""
    return unicodedata.category(character) not in ("Cn", "Co", "Cs", "Cc") or character in "\t\n\r"


@cache
def _is_usual_latin(character: str) -> bool:
    code = ord(character)
    return code < 0x180 or character in "ƏəƠơƯưǍǎȘșȚțẞ" or 0x1E00 <= code < 0x1F00


def strength(text: str, run: Run) -> Strength:
    """How strongly a run speaks for damage, by itself and by the characters beside it."""
    found = greatest_strength(text, run)
    return "weak" if found == "strong" and _is_example(text, run) else found


def greatest_strength(text: str, run: Run) -> Strength:
    """As :func:`strength`, without asking whether the word is an example; a backtick beside it counts as a blank."""
    before = text[run.start - 1] if run.start else " "
    after = text[run.end] if run.end < len(text) else " "
    beyond = [character for character in run.restored if not character.isascii()]
    scripts = {script for script in map(_script, beyond) if script}
    if "?" in scripts or (len(scripts) > 1 and len(beyond) <= _MIXED_RUN):
        return "none"
    found = _strength_of_signs(run, before, after)
    if scripts == {"LATIN"}:
        found = _strength_of_latin(run, before, after, beyond)
    elif scripts:
        found = _strength_of_script(run, before, after, len(beyond), scripts)
    return found


def _strength_of_script(run: Run, before: str, after: str, count: int, scripts: set[str]) -> Strength:
    """A word in another script: several in a row."""
    if any(character.isascii() and character.isalpha() for character in (*run.restored, before, after)) and count < 3:
        is_foreign = not run.damaged[0].islower() or _script(run.damaged[0]) != "LATIN"
        is_in_word = before.isascii() and before.islower() and is_foreign
        return "strong" if is_in_word and not _is_ideographic(run.damaged) else "weak"
    least = 2 if scripts == {"EAST ASIAN"} or not _is_ideographic(run.damaged) else 3
    return "strong" if count >= least else "weak"


def _strength_of_latin(run: Run, before: str, after: str, beyond: list[str]) -> Strength:
    if not all(_is_usual_latin(character) for character in beyond if character.isalpha()):
        return "none" if len(beyond) == 1 else "weak"
    if run.damaged[0].isascii() or _is_ideographic(run.damaged):
        return _strength_in_token(run)
    small = any(character.islower() for character in beyond)
    if before.isupper() and small and (after.isupper() or not after.isalpha()):
        return "weak"
    if len(beyond) >= 2:
        return "strong"
    lead, tail = run.damaged[0], run.damaged[1:]
    if before.islower() and not lead.islower():
        return "strong" if small or not lead.isalpha() or tail[0] not in _NATURAL else "weak"
    if lead.isupper() and tail[0].isupper() and after.islower() and small:
        return "strong"
    attached = before.isalpha() or after.isalpha()
    if attached and (not lead.isalpha() or (tail[0] not in _NATURAL and not tail[0].isalpha())):
        return "strong"
    return "weak"


def _is_ideographic(text: str) -> bool:
    return any("\u2e80" <= character <= "\uffef" for character in text)


def _strength_in_token(run: Run) -> Strength:
    """A word with Latin letters in which East Asian characters stand: small letters around what becomes a letter."""
    restored = run.restored
    for place, character in enumerate(restored):
        if character.isascii() or not character.isalpha():
            continue
        beside = restored[max(place - 1, 0) : place] + restored[place + 1 : place + 2]
        if any(other.islower() for other in beside) and (character.islower() or place == 0):
            return "strong"
    return "weak"


def _strength_of_signs(run: Run, before: str, after: str) -> Strength:
    """Dashes, quotation marks, no-break spaces, emoji."""
    if len(run.damaged) >= 3 and len(run.damaged) > len(run.restored) and not _is_ideographic(run.damaged):
        return "strong"
    if run.restored[0] in "×÷" and not before.isalpha() and not after.isalpha():
        return "strong"
    is_latin_1 = all("\u00a0" <= character <= "\u00bf" for character in run.restored)
    sign = run.damaged[1:2]
    is_sign = not sign.isalpha() and sign not in _NATURAL
    if is_latin_1 and (before.islower() or before.isdigit() or (after.isalnum() and is_sign)):
        return "strong"
    return "weak"


def _is_example(text: str, run: Run) -> bool:
    """Whether the word stands in quotation marks, brackets or emphasis: as a text that shows damage has it."""
    first, last = run.start, run.end
    while first > 0 and run.start - first < _LONGEST_WORD and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and last - run.end < _LONGEST_WORD and not text[last].isspace():
        last += 1
    end = last
    while end > run.end and text[end - 1] in ".,;:!?":
        end -= 1
    return first < run.start and end > run.end and text[first] in _OPENING and text[end - 1] in _CLOSING
