"""What a translation check is: contract and result."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgedocs.translation.pairs import PagePair, SegmentPair

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From grave to light; errors and warnings fail a run."""


@dataclass(frozen=True, order=True)
class Finding:
    """What a check found.

    Args:
        language: code of the language.
        page: name of the page.
        line: line of the translation, None if it has nothing there.
        source_line: line of the source, None if it has nothing there.
        check: name of the check.
        severity: how grave it is.
        message: what is wrong, without a full stop.
        remedy: what to do now.
    """

    language: str
    page: str
    line: int | None
    source_line: int | None
    check: str
    severity: Severity
    message: str
    remedy: str

    def as_dict(self) -> dict[str, str | int | None]:
        """The finding as JSON-ready data."""
        keys = ("check", "severity", "language", "page", "line", "source_line", "message", "remedy")
        return {key: getattr(self, key) for key in keys}


class Check(ABC):
    """A kind of damage that translations have.

    A check looks at segments, at whole pages, or at both. It never raises on any text, and takes time in proportion
    to the text.

    What a segment check finds is also what a translator's answer is refused for, so it must say what is wrong in
    words that help whoever translates again.
    """

    name: ClassVar[str]
    """As people write it after ``--only``; the module's name with hyphens."""

    severity: ClassVar[Severity]
    """Of its findings, unless one says otherwise."""

    compares: ClassVar[bool] = False
    """Whether what it finds can come from a source that changed since: on a page that is stale as a whole, its findings
    are information only."""

    def segment(self, pair: SegmentPair) -> Iterable[Finding]:
        """What is wrong with the translation of one segment."""
        return ()

    def segments(self, pair: PagePair) -> Iterable[Finding]:
        """What is wrong with the translations of the segments of a page: what :meth:`segment` finds in each.

        A check that can tell from the whole page that there is nothing to find in most of them need not look at each.
        """
        for one in pair.segments:
            yield from self.segment(one)

    def page(self, pair: PagePair) -> Iterable[Finding]:
        """What is wrong with a page as a whole; segments are checked one by one besides."""
        return ()

    def answer(self, pair: SegmentPair) -> Iterable[Finding]:
        """What is wrong with a text that is to become the translation, and that nobody has scanned yet."""
        return ()

    def in_segment(
        self, pair: SegmentPair, message: str, remedy: str, *, line: int = 0, severity: Severity | None = None
    ) -> Finding:
        """A finding about a segment.

        Args:
            pair: the segment and its translation.
            message: what is wrong.
            remedy: what to do now.
            line: lines between the start of the translated segment and the place.
            severity: if it is another than the check's.
        """
        return Finding(
            pair.context.language.code,
            pair.context.page,
            pair.target.line + line,
            pair.source.line,
            self.name,
            severity or self.severity,
            message,
            remedy,
        )

    def in_page(
        self,
        pair: PagePair,
        message: str,
        remedy: str,
        *,
        line: int | None = None,
        source_line: int | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding about a page."""
        context = pair.context
        return Finding(
            context.language.code,
            context.page,
            line,
            source_line,
            self.name,
            severity or self.severity,
            message,
            remedy,
        )
