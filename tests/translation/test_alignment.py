import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from edgedocs.translation.alignment import Gap, align, gaps
from edgedocs.translation.matching import changed, out_of_order, same
from tests import pace

SHORT = st.lists(st.integers(0, 4), max_size=14)


def longest(old: Sequence[int], new: Sequence[int]) -> int:
    """The length of a longest common subsequence, by the textbook's table."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for left, old_item in enumerate(old):
        for right, new_item in enumerate(new):
            table[left + 1][right + 1] = (
                table[left][right] + 1 if old_item == new_item else max(table[left][right + 1], table[left + 1][right])
            )
    return table[-1][-1]


@given(SHORT, SHORT)
def test_pairs_are_a_longest_common_subsequence(old: list[int], new: list[int]) -> None:
    pairs = align(old, new)
    assert len(pairs) == longest(old, new)
    assert all(old[left] == new[right] for left, right in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in itertools.pairwise(pairs))


@given(SHORT, SHORT)
def test_pairs_and_gaps_cover_both_sequences_once(old: list[int], new: list[int]) -> None:
    pairs = align(old, new)
    between = list(gaps(pairs, len(old), len(new)))
    assert sorted([left for left, _ in pairs] + [i for gap in between for i in gap.old]) == list(range(len(old)))
    assert sorted([right for _, right in pairs] + [i for gap in between for i in gap.new]) == list(range(len(new)))


@given(SHORT, SHORT)
def test_all_equal_items_find_a_partner(old: list[int], new: list[int]) -> None:
    found = same(old, new)
    pairs = [*found.in_order, *found.elsewhere]
    assert all(old[left] == new[right] for left, right in pairs)
    assert len(found.by_old) == len(pairs) == len({right for _, right in pairs})
    assert len(pairs) == sum(min(old.count(item), new.count(item)) for item in set(old))


def test_gaps_around_pairs() -> None:
    assert list(gaps([(1, 0), (2, 1)], 3, 3)) == [Gap(range(0, 1), range(0, 0)), Gap(range(3, 3), range(2, 3))]


def test_five_thousand_equal_segments_are_aligned_quickly() -> None:
    with pace.at_most(5):
        assert len(align(["x"] * 5000 + ["y"], ["y", *["x"] * 4999, "z"])) == 4999
        assert len(align([f"{i % 7}" for i in range(5000)], [f"{i % 5}" for i in range(5000)])) > 1000


def test_changed_items_are_paired_by_kind_between_equal_ones() -> None:
    known = same(["a", "z"], ["h", "A", "z", "i"])
    assert changed(known, ["text", "text"], ["heading", "text", "text", "list-item"], (2, 4)) == {0: 1}


def test_items_of_unknown_kind_are_paired_in_order() -> None:
    known = same(["a", "b"], ["A", "B"])
    assert changed(known, [None, None], ["text", "heading"], (2, 2)) == {0: 0, 1: 1}


def test_as_few_places_as_possible_are_out_of_order() -> None:
    assert out_of_order([1, 2, 3]) == set()
    assert out_of_order([9, 1, 2, 3]) == {9}
    assert len(out_of_order([4, 3, 2, 1])) == 3
