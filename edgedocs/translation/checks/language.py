"""Text in another language than the page's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from edgedocs.translation.checks.base import Check, Finding, Severity
from edgedocs.translation.identification import LEAST_LETTERS, alike, identify, is_evidently, is_known, likeliest
from edgedocs.translation.prose import prose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import PagePair, SegmentPair

_SOURCE_LANGUAGE = "en"
"""What is left in it is found by the check ``untranslated``."""


class LanguageCheck(Check):
    """Text in a third language. Only what is long enough to be certain, and no languages that are nearly the same."""

    name = "language"
    severity: ClassVar[Severity] = "error"

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """See :class:`.base.Check`."""
        found = _other(pair.target.text, pair.context.language.code)
        if found and _other(pair.source.text, found) not in (None, _SOURCE_LANGUAGE):
            found = None  # the source has such a text itself
        if found:
            yield self.in_segment(pair, _message(found, pair.context.language.code), _remedy(pair))

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """Segments without a partner, one by one; and all together where each by itself is too short."""
        if pair.outline is None:
            return
        code = pair.context.language.code
        paired = {segment.target.line for segment in pair.segments}
        told = False
        for segment in pair.outline.segments:
            found = None if segment.line in paired else _other(segment.text, code)
            if found:
                told = True
                yield self.in_page(pair, _message(found, code), _remedy(pair), line=segment.line)
        short = " ".join(p for s in pair.outline.segments if len(p := prose(s.text)) < 2 * LEAST_LETTERS)
        found = None if told else _other_prose(short, code)
        if found:
            message = f"the short pieces of the page together are in another language ({found})"
            yield self.in_page(pair, message, _remedy(pair), line=pair.outline.segments[0].line, severity="warning")


def _other(text: str, code: str) -> str | None:
    """The language of a text if it is certainly a third one."""
    return None if len(text) < LEAST_LETTERS else _other_prose(prose(text), code)


def _other_prose(plain: str, code: str) -> str | None:
    if len(plain) - plain.count(" ") < LEAST_LETTERS or is_evidently(plain[:10_000], code):
        return None
    if sum(map(str.isalpha, plain[:10_000])) < LEAST_LETTERS or not is_known(code):
        return None
    likely = likeliest(plain)
    if alike(likely, code) or alike(likely, _SOURCE_LANGUAGE) or likely == "zxx":
        return None
    return identify(plain)


def _message(found: str, code: str) -> str:
    return f"the text is in another language ({found}) than the page ({code})"


def _remedy(pair: SegmentPair | PagePair) -> str:
    return f"translate it into {pair.context.language.name}"


CHECK = LanguageCheck()
