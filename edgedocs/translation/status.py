"""Status: whether a translated page is in step with its source, segment by segment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from edgedocs.core import files
from edgedocs.core.lazy import lazy
from edgedocs.translation.classification import SETTLED, SegmentState, SegmentStatus, classify
from edgedocs.translation.header import is_hash_of, original_hash
from edgedocs.translation.interop import notebooks
from edgedocs.translation.segments import Outline, split
from edgedocs.translation.structure import Difference, compare_fixed, compare_segments
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.core.errors import EdgeDocsError

PageState = Literal["fresh", "stale", "missing", "orphan", "needs-review", "failed"]


@dataclass(frozen=True)
class PageStatus:
    """A page in one language.

    Args:
        state: ``missing`` without a translation, ``orphan`` without a source; else the gravest of its segments:
            ``failed``, ``needs-review``, ``stale`` (something must be translated, moved or removed) or ``fresh``.
        segments: the state of each segment.
        differences: fixed pieces, facts and ids that differ from the source and must not.
        recorded: whether segments were told apart; else the page was judged whole, and all its segments alike.
        sealed: how many segments the page has if its seal told that all are fresh and none was looked at.
        error: why the page cannot be read; its state is ``failed`` then.
    """

    state: PageState
    segments: tuple[SegmentStatus, ...] = ()
    differences: tuple[Difference, ...] = ()
    recorded: bool = False
    sealed: int = 0
    error: EdgeDocsError | None = field(default=None, compare=False)

    @lazy
    def counts(self) -> dict[str, int]:
        """How many segments are in each state."""
        if self.sealed:
            return {"fresh": self.sealed}
        return dict(sorted(Counter(segment.state for segment in self.segments).items()))

    def as_dict(self) -> dict[str, Any]:
        """The status as JSON-ready data; a page that was judged whole lists no segments."""
        told_apart = self.segments if self.recorded else ()
        listed = [segment.as_dict() for segment in told_apart if segment.state != "fresh"]
        document: dict[str, Any] = {"state": self.state, "recorded": self.recorded, "segments": self.counts}
        document["changes"] = listed
        document["differences"] = [difference.as_dict() for difference in self.differences]
        if self.error is not None:
            document["error"] = self.error.as_dict()
        return document


@dataclass(frozen=True)
class SourcePage:
    """A page of the source, read once for all its translations."""

    path: Path
    text: str

    @classmethod
    def load(cls, path: Path) -> SourcePage:
        """Read a page.

        Raises:
            BadInput: if it is missing, not UTF-8 or too large.
        """
        return cls(path, files.read_text(path))

    @lazy
    def outline(self) -> Outline:
        """Its segments and fixed pieces.

        Raises:
            BadInput: if it has too many, or the page is to be a notebook and is none.
        """
        return split(notebooks.page_text(self.text, self.path), self.path.as_posix())

    @lazy
    def hash(self) -> str:
        """What a header says of it."""
        return original_hash(self.text)

    @lazy
    def judged(self) -> dict[str | None, PageStatus]:
        """The status of translations without records, by the hash of their source: most languages have the same."""
        return {}


def page_state(source: Path, translation: Path) -> PageStatus:
    """The status of a translation.

    Args:
        source: the page; need not exist.
        translation: the same page in another language; need not exist.

    Raises:
        BadInput: if one of them cannot be read, or header or records of the translation are malformed.
    """
    return translation_status(SourcePage.load(source) if source.is_file() else None, translation)


def translation_status(source: SourcePage | None, translation: Path) -> PageStatus:
    """As :func:`page_state`, for a source that is read already; None if there is none.

    Raises:
        BadInput: as :func:`page_state`.
    """
    if not translation.is_file():
        segments = source.outline.segments if source else ()
        return PageStatus("missing", tuple(SegmentStatus("missing", segment, None) for segment in segments))
    where = translation.as_posix()
    return status_of(source, TranslatedPage.load(translation), where)


def status_of(
    source: SourcePage | None, page: TranslatedPage, where: str, outline: Outline | None = None
) -> PageStatus:
    """As :func:`page_state`, for texts that are read already.

    Args:
        source: the page; None if there is none.
        page: its translation.
        where: path of the translation, for messages.
        outline: that of the translation, if it is known.

    Raises:
        BadInput: if one of them has too many segments.
    """
    if source is None:
        segments = (outline or page.outline(where)).segments
        return PageStatus("orphan", tuple(SegmentStatus("orphan", None, segment) for segment in segments))
    if page.records is None:
        return _unrecorded(source, page)
    outline = outline or page.outline(where)
    statuses = classify(source.outline.segments, outline.segments, page.records)
    differences = (*compare_fixed(source.outline, outline), *_differences_in_segments(statuses))
    return PageStatus(_page_state(statuses, differences), statuses, differences, recorded=True)


def _unrecorded(source: SourcePage, page: TranslatedPage) -> PageStatus:
    """A page of another tool, or without any note: it is judged whole, by the hash of its source if it has one."""
    known = page.header.original_hash if page.header else None
    if known not in source.judged:
        state: Literal["fresh", "stale", "needs-review"] = "needs-review"
        if known is not None:
            state = "fresh" if is_hash_of(known, source.text) else "stale"
        segments = tuple(SegmentStatus(state, segment, None) for segment in source.outline.segments)
        source.judged[known] = PageStatus(state, segments)
    return source.judged[known]


def _differences_in_segments(statuses: tuple[SegmentStatus, ...]) -> list[Difference]:
    """Facts and ids where the source is what was translated; elsewhere a difference is why the segment is stale."""
    return [
        difference
        for status in statuses
        if status.state in {*SETTLED, "moved"} and status.source and status.target
        for difference in compare_segments(status.source, status.target)
    ]


def _page_state(statuses: tuple[SegmentStatus, ...], differences: tuple[Difference, ...]) -> PageState:
    states: set[SegmentState] = {status.state for status in statuses}
    if "failed" in states:
        return "failed"
    # Code comes from the source, so a machine can put it right; an altered fact or id stands in a person's text.
    if "needs-review" in states or any(difference.check != "fixed" for difference in differences):
        return "needs-review"
    return "stale" if differences or states - SETTLED else "fresh"
