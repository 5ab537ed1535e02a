"""Pairing: which segment of a page is which segment of a translation that has no records.

Only the shape of the pages is known. Where it is the same, places correspond. Where a piece is missing or too many, the
pieces around it are told apart by what no translation changes: code spans and addresses. The rest is guessed, and so
marked.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.pages.inline import code_spans
from edgedocs.translation.alignment import Pair, align, gaps
from edgedocs.translation.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from edgedocs.translation.segments import Fixed, Outline

_MOST_CELLS = 1_000_000
"""Of the table in which common lengths are computed: a thousand sections against a thousand take a second."""

_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`]{1,200}")


@dataclass(frozen=True)
class Correspondence:
    """A segment of the source and its translation.

    Args:
        source: the segment.
        target: its translation.
        certain: whether nothing else comes into question; else it is the likeliest of several.
    """

    source: Segment
    target: Segment
    certain: bool


@dataclass(frozen=True)
class _Section:
    """The pieces of a page from one heading to the next."""

    items: tuple[Segment | Fixed, ...]

    @property
    def heading(self) -> Hashable:
        """The level of the heading with which it begins; None for what comes before the first one."""
        return _shape(self.items[0]) if self.items and self.items[0].kind == "heading" else None

    @property
    def shape(self) -> Hashable:
        """What it consists of."""
        return tuple(_shape(item) for item in self.items)


def correspondences(source: Outline, target: Outline) -> list[Correspondence]:
    """Segments that correspond, in the order of the translation; what has no counterpart is left out."""
    return sorted(_paired(source, target), key=lambda pair: pair.target.line)


def _paired(source: Outline, target: Outline) -> Iterator[Correspondence]:
    old, new = _sections(source), _sections(target)
    if _headings(old) == _headings(new):
        yield from _side_by_side(old, new)
        return
    # A heading is missing or too many: whole sections are set against each other by what they consist of.
    pairs = forced([section.shape for section in old], [section.shape for section in new])
    for left_place, right_place in pairs:
        yield from _in_region(old[left_place].items, new[right_place].items)
    for gap in gaps(pairs, len(old), len(new)):
        left, right = [old[place] for place in gap.old], [new[place] for place in gap.new]
        if _headings(left) == _headings(right):
            yield from _side_by_side(left, right)
        else:
            yield from _in_region(_flat(left), _flat(right))


def _side_by_side(old: Sequence[_Section], new: Sequence[_Section]) -> Iterator[Correspondence]:
    for left, right in zip(old, new, strict=True):
        start = 0 if left.heading is None else 1
        yield from _segments(zip(left.items[:start], right.items[:start], strict=True), certain=True)
        yield from _in_region(left.items[start:], right.items[start:])


def _in_region(source: Sequence[Segment | Fixed], target: Sequence[Segment | Fixed]) -> Iterator[Correspondence]:
    """Pairs in two stretches of which it is known that the one is the translation of the other."""
    shapes = [_shape(item) for item in source], [_shape(item) for item in target]
    if shapes[0] == shapes[1]:
        yield from _segments(zip(source, target, strict=True), certain=True)
        return
    rich = (
        [_rich(item, place) for place, item in enumerate(source)],
        [_rich(item, -1 - place) for place, item in enumerate(target)],
    )
    unique = _unique(*rich)
    anchors = [pair for pair in align(*rich) if rich[0][pair[0]] in unique]
    yield from _segments(((source[left], target[right]) for left, right in anchors), certain=True)
    for gap in gaps(anchors, len(source), len(target)):
        old, new = [source[place] for place in gap.old], [target[place] for place in gap.new]
        kinds = [_shape(item) for item in old], [_shape(item) for item in new]
        pairs = ((old[left], new[right]) for left, right in align(*kinds))
        yield from _segments(pairs, certain=kinds[0] == kinds[1])


def _segments(pairs: Iterator[tuple[Segment | Fixed, Segment | Fixed]], *, certain: bool) -> Iterator[Correspondence]:
    for source, target in pairs:
        if isinstance(source, Segment) and isinstance(target, Segment):
            yield Correspondence(source, target, certain)


def forced(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    """The pairs that every longest common subsequence has; none if the sequences are too long to tell.

    A pair is forced if no other pair of equal items has as much in common before it and as much behind it.
    """
    if len(old) * len(new) > _MOST_CELLS:
        return []
    before = _lengths(old, new)
    behind = _lengths(old[::-1], new[::-1])
    longest = before[-1][-1]
    by_rank: defaultdict[int, list[Pair]] = defaultdict(list)
    for left, item in enumerate(old):
        for right, other in enumerate(new):
            if item == other:
                rank = before[left][right]
                if rank + 1 + behind[len(old) - left - 1][len(new) - right - 1] == longest:
                    by_rank[rank].append((left, right))
    return [pairs[0] for _, pairs in sorted(by_rank.items()) if len(pairs) == 1]


def _lengths(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[list[int]]:
    """Lengths of the longest common subsequences of all prefixes."""
    rows = [[0] * (len(new) + 1)]
    for item in old:
        above, row = rows[-1], [0]
        for place, other in enumerate(new):
            row.append(above[place] + 1 if item == other else max(row[place], above[place + 1]))
        rows.append(row)
    return rows


def _headings(sections: Sequence[_Section]) -> list[Hashable]:
    return [section.heading for section in sections]


def _flat(sections: Sequence[_Section]) -> list[Segment | Fixed]:
    return [item for section in sections for item in section.items]


def _sections(outline: Outline) -> list[_Section]:
    sections: list[list[Segment | Fixed]] = [[]]
    for item in outline.items:
        if item.kind == "rule":  # the tool adds some and drops others
            continue
        if item.kind == "heading":
            sections.append([])
        sections[-1].append(item)
    return [_Section(tuple(items)) for items in sections]


def _shape(item: Segment | Fixed) -> Hashable:
    """What a piece and its translation have in common; of code only that it is some: comments get translated."""
    return item.signature if isinstance(item, Segment) else ("fixed", item.kind)


def _features(item: Segment | Fixed) -> Hashable:
    """What no translation changes, in any order."""
    if not isinstance(item, Segment):
        return item.text
    spans = [item.text[start:end] for start, end in code_spans(item.text)]
    return tuple(sorted([*spans, *_ADDRESS.findall(item.text)]))


def _rich(item: Segment | Fixed, otherwise: int) -> Hashable:
    """Shape and features; for what has none, something that equals nothing else."""
    features = _features(item)
    return (_shape(item), features) if features else otherwise


def _unique(old: Sequence[Hashable], new: Sequence[Hashable]) -> set[Hashable]:
    """What occurs once in both."""
    counts = Counter(old), Counter(new)
    return {key for key, count in counts[0].items() if count == 1 and counts[1][key] == 1}
