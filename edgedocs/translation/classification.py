"""Classification: the state of each segment of a translated page. Status, site notices and every gate use this one.

Three texts are compared: the source as it is, the source as it was translated (by its recorded hashes) and the
translation as it is. Source unchanged: the translation holds. Source changed and translation as a machine left it:
stale. Source changed and translation by a person: needs review, and no command may overwrite it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from edgedocs.translation.matching import changed, out_of_order, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgedocs.translation.records import Record
    from edgedocs.translation.segments import Segment

SegmentState = Literal["fresh", "edited", "stale", "missing", "moved", "orphan", "needs-review", "failed"]
"""What to do about a segment:

- ``fresh``: nothing; ``edited``: nothing, a person has changed the translation and the source is unchanged;
- ``stale``: translate again; ``missing``: translate; ``moved``: move the translation to where its source is now;
- ``orphan``: remove, its source is gone;
- ``needs-review``: a person must look, because their text is affected;
- ``failed``: translate again, the last attempt did not pass the checks.
"""

SETTLED = frozenset({"fresh", "edited"})
"""States in which nothing has to be done."""

_BY_A_PERSON = frozenset({"edited", "reviewed"})


@dataclass(frozen=True)
class SegmentStatus:
    """A segment of a page in one language.

    Args:
        state: what to do about it.
        source: the segment of the source, None if there is none.
        target: its translation, None if there is none.
        record: what is remembered of it, None if nothing.
    """

    state: SegmentState
    source: Segment | None
    target: Segment | None
    record: Record | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """The status as JSON-ready data: state, kind, lines in both files, first words."""
        shown = self.source or self.target
        return {
            "state": self.state,
            "kind": shown.kind if shown else None,
            "source_line": self.source.line if self.source else None,
            "line": self.target.line if self.target else None,
            "words": shown.words if shown else None,
        }


@dataclass(frozen=True)
class _Translation:
    """A record with the segment of the translated page that it is about."""

    record: Record
    target: Segment | None
    by_a_person: bool


def classify(
    source: Sequence[Segment], target: Sequence[Segment], records: Sequence[Record]
) -> tuple[SegmentStatus, ...]:
    """The state of each segment: those of the source in its order, then those that only the translation has.

    Args:
        source: segments of the page.
        target: segments of its translation.
        records: what was recorded, one for each segment of the translation as it was then.
    """
    hashes = [record.source for record in records]
    same_source = same(hashes, [segment.digest for segment in source])
    kinds: list[tuple[str, ...] | None] = [None] * len(records)
    for place, origin in same_source.by_old.items():
        kinds[place] = source[origin].signature
    translations, additions = _translations(records, target, kinds)
    for place, translation in enumerate(translations):
        kinds[place] = translation.target.signature if translation.target else kinds[place]
    lengths = len(records), len(source)
    kept = {new: old for old, new in same_source.by_old.items()}
    altered = {new: old for old, new in changed(same_source, kinds, [s.signature for s in source], lengths).items()}
    statuses = [
        _status(segment, translations[kept[place]], same_text=True)
        if place in kept
        else _status(segment, translations[altered[place]], same_text=False)
        if place in altered
        else SegmentStatus("missing", segment, None)
        for place, segment in enumerate(source)
    ]
    used = {*kept.values(), *altered.values()}
    left = [translation for place, translation in enumerate(translations) if place not in used]
    return (*_ordered(statuses), *_without_source(left, additions))


def _translations(
    records: Sequence[Record], target: Sequence[Segment], kinds: Sequence[tuple[str, ...] | None]
) -> tuple[list[_Translation], list[Segment]]:
    """Each record with its segment, and the segments that no record is about."""
    unchanged = same([record.target for record in records], [segment.digest for segment in target])
    edited = changed(unchanged, kinds, [segment.signature for segment in target], (len(records), len(target)))
    kept = unchanged.by_old
    translations = [
        _Translation(record, target[kept[place]], record.state in _BY_A_PERSON)
        if place in kept
        else _Translation(record, target[edited[place]] if place in edited else None, by_a_person=True)
        for place, record in enumerate(records)
    ]
    recorded = {*kept.values(), *edited.values()}
    return translations, [segment for place, segment in enumerate(target) if place not in recorded]


def _status(segment: Segment, translation: _Translation, *, same_text: bool) -> SegmentStatus:
    record, target = translation.record, translation.target
    if target is None:
        state: SegmentState = "missing"
    elif record.state == "failed" and record.target == target.digest:
        state = "failed"
    elif same_text:
        state = "fresh" if record.target == target.digest and record.state != "edited" else "edited"
    else:
        state = "needs-review" if translation.by_a_person else "stale"
    return SegmentStatus(state, segment, target, record)


def _ordered(statuses: Sequence[SegmentStatus]) -> Iterator[SegmentStatus]:
    """The statuses, with what is settled but in another order than its source marked as moved."""
    misplaced = out_of_order([status.target.line for status in statuses if status.target])
    for status in statuses:
        if status.state in SETTLED and status.target and status.target.line in misplaced:
            yield replace(status, state="moved")
        else:
            yield status


def _without_source(translations: Sequence[_Translation], additions: Sequence[Segment]) -> Iterator[SegmentStatus]:
    for translation in translations:
        if translation.target is not None:
            state: SegmentState = "needs-review" if translation.by_a_person else "orphan"
            yield SegmentStatus(state, None, translation.target, translation.record)
    for segment in additions:
        yield SegmentStatus("needs-review", None, segment)
