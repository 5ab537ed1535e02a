"""Matching: which old item lives on as which new one, unchanged or changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.translation.alignment import Pair, align, gaps

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


@dataclass(frozen=True)
class Same:
    """Old and new places of items that are equal.

    Args:
        in_order: pairs that come in the same order in both sequences.
        elsewhere: pairs that were moved.
    """

    in_order: tuple[Pair, ...]
    elsewhere: tuple[Pair, ...]

    @property
    def by_old(self) -> dict[int, int]:
        """New places by old ones."""
        return dict((*self.in_order, *self.elsewhere))


def same(old: Sequence[Hashable], new: Sequence[Hashable]) -> Same:
    """Pair equal items: first a longest common subsequence, then what of the rest is equal."""
    in_order = align(old, new)
    kept = {place for place, _ in in_order}
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place in reversed(range(len(old))):
        if place not in kept:
            waiting[old[place]].append(place)
    taken = {place for _, place in in_order}
    elsewhere = []
    for place, item in enumerate(new):
        if place not in taken and waiting.get(item):
            elsewhere.append((waiting[item].pop(), place))
    return Same(tuple(in_order), tuple(elsewhere))


def changed(
    known: Same, old_kinds: Sequence[Hashable | None], new_kinds: Sequence[Hashable], length: tuple[int, int]
) -> dict[int, int]:
    """Pair the items between the equal ones: those of one kind, in order.

    Args:
        known: the equal items.
        old_kinds: kind of each old item, None where it is not known: it may become any kind.
        new_kinds: kind of each new item.
        length: how many old and how many new items there are.

    Returns:
        New places by old ones.
    """
    old_moved = {old for old, _ in known.elsewhere}
    new_moved = {new for _, new in known.elsewhere}
    found: dict[int, int] = {}
    for gap in gaps(known.in_order, *length):
        old = [place for place in gap.old if place not in old_moved]
        new = [place for place in gap.new if place not in new_moved]
        of_one_kind = align(
            [_Unknown() if old_kinds[p] is None else old_kinds[p] for p in old], [new_kinds[p] for p in new]
        )
        found.update((old[left], new[right]) for left, right in of_one_kind)
        for rest in gaps(of_one_kind, len(old), len(new)):
            pairs = zip(rest.old, rest.new, strict=False)
            found.update((old[left], new[right]) for left, right in pairs if old_kinds[old[left]] is None)
    return found


class _Unknown:
    """Equal to nothing but itself."""


def out_of_order(places: Sequence[int]) -> set[int]:
    """Which of some different places have to move so that the others are in ascending order: as few as possible."""
    return set(places) - {places[place] for _, place in align(sorted(places), places)}
