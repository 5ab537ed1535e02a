"""Status: what is not in step with its source, as the one classifier sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgedocs.translation.checks.base import Check, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.classification import SegmentStatus
    from edgedocs.translation.pairs import PagePair

_SEGMENTS: dict[str, tuple[Severity, str, str]] = {
    "stale": ("warning", "its source has changed", "translate it again, for example with `edgedocs translate sync`"),
    "missing": ("warning", "is not translated", "translate it, for example with `edgedocs translate sync`"),
    "moved": ("warning", "stands elsewhere in the source", "move it to where the source has it"),
    "orphan": ("warning", "has no source", "delete it, or give the source the same piece"),
    "needs-review": (
        "warning",
        "its source has changed since a person wrote or approved it",
        "revise it, then run `edgedocs translate record` or `edgedocs translate review`",
    ),
    "failed": (
        "error",
        "no translation passed the checks",
        "translate it by hand, or sync it again",
    ),
}


class Status(Check):
    """Pages and segments that are stale, missing, orphaned, moved, failed, or that a person must look at.

    All are warnings, except what failed: a text that is known to be wrong is an error.
    """

    name = "status"
    severity = "warning"

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """What the classifier says of the page, or of its segments if it has records."""
        state = pair.status.state
        if state == "missing":
            remedy = "translate it, for example with `edgedocs translate sync`"
            yield self.in_page(pair, "the page is not translated", remedy, source_line=1)
        elif state == "orphan":
            yield self.in_page(pair, "the source has no such page", "delete the translation, or move it", line=1)
        elif pair.status.recorded:
            yield from (self._segment(pair, status) for status in pair.status.segments if status.state in _SEGMENTS)
        elif state == "stale":
            message = "the source has changed since the page was translated"
            yield self.in_page(pair, message, "translate what has changed, then record the page", line=1)
        elif state == "needs-review":
            message = "nothing says from which source the page was made"
            remedy = (
                f"when it is right, run `edgedocs translate record {pair.context.language.code} {pair.context.page}`"
            )
            yield self.in_page(pair, message, remedy, line=1)

    def _segment(self, pair: PagePair, status: SegmentStatus) -> Finding:
        severity, message, remedy = _SEGMENTS[status.state]
        shown = status.source or status.target
        words = f"{shown.kind} “{shown.words}” {message}" if shown else message
        lines = {
            "line": status.target.line if status.target else None,
            "source_line": status.source.line if status.source else None,
        }
        return self.in_page(pair, words, remedy, severity=severity, **lines)


CHECK = Status()
