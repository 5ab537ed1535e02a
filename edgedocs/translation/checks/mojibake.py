"""Text whose bytes were read in the wrong encoding, and characters that were lost doing so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from edgedocs.translation.checks.base import Check, Finding, Severity
from edgedocs.translation.identification import primary
from edgedocs.translation.prose import prose
from edgedocs.translation.repair.alphabets import has_foreign_letters, misread_letters
from edgedocs.translation.repair.diagnosis import Diagnosis, diagnose, is_suspicious, may_be_damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import PagePair, SegmentPair

_QUESTION_MARK = re.compile(r"\w{0,40}(?:[^\W\d_]\?+[^\W\d_]|(?<!\S)\?+[^\W\d_]|[^\W\d_]\?\?(?!\?))\w{0,40}")
_WITHIN_SENTENCE = re.compile(r"[^\W\d_]{1,40}\?(?=,| [^\W\d_A-Z])")
_CONTROL = re.compile(r"[\x80-\x84\x86-\x9f]")
_TRANSLATE_AGAIN = "write the letters that belong there, or translate again"
_REMEDY = "run `edgedocs translate repair` on the page"


class Mojibake(Check):
    """UTF-8 read in another encoding, once or twice, and U+FFFD. What the source has too is meant."""

    name = "mojibake"
    severity: ClassVar[Severity] = "error"

    def segments(self, pair: PagePair) -> Iterator[Finding]:
        """See :class:`.base.Check`; of letters of the language alone, and of ASCII, what has a question mark."""
        body = pair.translation.body if pair.translation else ""
        is_clean = _is_clean(body, _language(pair)) or _is_clean(
            "\n".join(one.target.text for one in pair.segments), _language(pair)
        )
        for one in pair.segments:
            text = one.target.text
            if "?" in text or not (is_clean or text.isascii()):
                yield from self.segment(one)

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """See :class:`.base.Check`."""
        text = pair.target.text
        found = _diagnose(text)
        if found is not None and not _is_in_source(found, pair.source.text):
            yield self.in_segment(pair, _message(found), _remedy(found), line=found.lines[0] - 1)
            return
        marks = _question_marks(text, pair.source.text) if "?" in text else []
        if marks:
            shown = ", ".join(f"“{mark}”" for mark in marks[:3])
            yield self.in_segment(pair, f"letters became question marks: {shown}", _TRANSLATE_AGAIN)
        if _CONTROL.search(text) and not _CONTROL.search(pair.source.text):
            yield self.in_segment(pair, "control characters, as a wrong code page leaves them", _TRANSLATE_AGAIN)
            return
        if found is None and not text.isascii():
            language = _language(pair)
            wrong = misread_letters(text, language)
            if wrong and misread_letters(pair.source.text, language) != wrong:
                yield self.in_segment(pair, f"letters of another code page: {wrong}", _TRANSLATE_AGAIN)

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """What no segment by itself shows: front matter, code, and what only the rest of the page explains."""
        if pair.translation is None:
            return
        found = _diagnose(pair.translation.body)
        if found is None or (pair.source is not None and _is_in_source(found, pair.source.text)):
            return
        told = {
            line
            for segments in pair.segments
            if is_suspicious(segments.target.text) and any(True for _ in self.segment(segments))
            for line in range(segments.target.line, segments.target.line + segments.target.text.count("\n") + 1)
        }
        first = pair.translation.body_line - 1
        left = [line + first for line in found.lines if line + first not in told]
        if left:
            count = f" on {len(left)} lines" if len(left) > 1 else ""
            yield self.in_page(pair, f"{_message(found)}{count}", _remedy(found), line=left[0])


def _is_clean(text: str, language: str) -> bool:
    """Whether there is nothing in a text that a check of any part of it could find, but for question marks."""
    return text.isascii() or not (may_be_damaged(text) or _CONTROL.search(text) or has_foreign_letters(text, language))


def _language(pair: SegmentPair | PagePair) -> str:
    return primary(pair.context.language.code)


def _question_marks(text: str, source: str) -> list[str]:
    """Words with a question mark where a letter was, if there are more than in the source."""
    plain, original = prose(text), prose(source)
    for pattern in (_QUESTION_MARK, _WITHIN_SENTENCE):
        marks = pattern.findall(plain)
        if len(marks) > len(pattern.findall(original)) and plain.count("?") > original.count("?"):
            return marks
    return []


def _diagnose(text: str) -> Diagnosis | None:
    if not is_suspicious(text):
        return None
    found = diagnose(text)
    return found if found.damaged else None


def _is_in_source(found: Diagnosis, source: str) -> bool:
    """Whether the source has such text itself, as one that is about damage does."""
    return is_suspicious(source) and diagnose(source).damaged


def _message(found: Diagnosis) -> str:
    lost = f"{len(found.losses)} characters are lost" if len(found.losses) != 1 else "a character is lost"
    codec = found.codec or " or ".join(found.ambiguous)
    if not codec:
        return f"{lost} (U+FFFD)"
    return f"the text is damaged: its UTF-8 was read as {codec}" + (f"; {lost}" if found.losses else "")


def _remedy(found: Diagnosis) -> str:
    if found.repairable:
        return _REMEDY
    return f"{_REMEDY}; it lists what only a person or a new translation can restore"


CHECK = Mojibake()
