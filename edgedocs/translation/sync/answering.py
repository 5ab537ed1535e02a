"""Answering: asking a translator about a segment until its answer passes, or the attempts are used up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edgedocs.translation import checking
from edgedocs.translation.masking import PlaceholdersDiffer
from edgedocs.translation.segments import Segment
from edgedocs.translation.structure import compare_segments
from edgedocs.translation.translators.base import NotTranslated, Usage

if TYPE_CHECKING:
    from edgedocs.translation.pairs import PageContext
    from edgedocs.translation.sync.placing import Places
    from edgedocs.translation.sync.planning import Task
    from edgedocs.translation.translators.base import Translator

REFUSING = frozenset({"error", "warning"})
"""Severities of findings for which an answer is refused."""


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Args:
        text: the translation as it is to stand in the page; None if there is none.
        reasons: why there is none, in words.
        usage: what the attempts took.
    """

    text: str | None
    reasons: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)


def translate(task: Task, context: PageContext, places: Places, translator: Translator) -> Outcome:
    """Ask about a segment; a refused answer is asked for again with what was wrong.

    Raises:
        CannotRun: if no further segment can succeed.
    """
    if not task.wording.has_words:
        return Outcome(task.segment.text)
    request, usage = task.request, Usage()
    reasons: tuple[str, ...] = ()
    for _ in range(translator.retries + 1):
        try:
            answer = translator.translate(request)
        except NotTranslated as error:
            return Outcome(None, (error.what, *reasons), usage)
        usage = usage + answer.usage
        try:
            text = task.wording.text(answer.text)
        except PlaceholdersDiffer as error:
            reasons = error.findings
        else:
            reasons = faults(task.segment, text, context, places)
            if not reasons:
                return Outcome(text, usage=usage)
        request = replace(task.request, findings=reasons, refused=answer.text)
    return Outcome(None, reasons, usage)


def faults(segment: Segment, text: str, context: PageContext, places: Places) -> tuple[str, ...]:
    """Why a text may not become the translation of a segment, in words; empty if it may."""
    if not places.fits(segment, text):
        return (
            f"in its place the answer is not read as one {segment.kind}; add no blank lines and no markers of blocks",
        )
    target = Segment(segment.kind, text, segment.line, segment.place)
    differences = [difference.message for difference in compare_segments(segment, target)]
    found = checking.check_segment(context, segment, text)
    return tuple(dict.fromkeys([*differences, *(f.message for f in found if f.severity in REFUSING)]))
