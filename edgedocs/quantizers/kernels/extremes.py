"""What is greatest in each of 16 neighbouring groups of weights: a group a lane, without transposing the weights.

Groups are reduced to 8 lanes each, then two by two to lanes that hold both. All is done with the bits of the weights:
the order of floats of one sign is that of their bits, and what is not finite is the greatest of all.
"""

from __future__ import annotations

from typing import Any

from edgedocs.quantizers.kernels.vectors import (
    LANES,
    bits_of,
    inlined,
    joined8,
    load,
    lower,
    shuffle,
    unsigned_of,
    upper,
    where,
)

MAGNITUDE = 0x7FFFFFFF
"""The bits of a float32 without its sign."""

_SINGLES = shuffle([0, 8, 1, 9, 4, 12, 5, 13]), shuffle([2, 10, 3, 11, 6, 14, 7, 15])
_PAIRS = shuffle([0, 1, 8, 9, 4, 5, 12, 13]), shuffle([2, 3, 10, 11, 6, 7, 14, 15])
_FOURS = shuffle([0, 1, 2, 3, 8, 9, 10, 11]), shuffle([4, 5, 6, 7, 12, 13, 14, 15])


def _of_sixteen(read: Any, better: Any) -> Any:
    """A function of weights, a place and a size: for 16 groups of that size from there on, what is best of each.

    Args:
        read: makes the lanes to compare of weights.
        better: the better of two, lane by lane.
    """
    single_first, single_second = _SINGLES
    pair_first, pair_second = _PAIRS
    four_first, four_second = _FOURS

    @inlined
    def one(weights, start, size):
        values = read(load(weights, start))
        for place in range(LANES, size, LANES):
            values = better(values, read(load(weights, start + place)))
        return better(lower(values), upper(values))

    @inlined
    def two(weights, start, size):
        first, second = one(weights, start, size), one(weights, start + size, size)
        return better(single_first(first, second), single_second(first, second))

    @inlined
    def four(weights, start, size):
        first, second = two(weights, start, size), two(weights, start + 2 * size, size)
        return better(pair_first(first, second), pair_second(first, second))

    @inlined
    def eight(weights, start, size):
        first, second = four(weights, start, size), four(weights, start + 4 * size, size)
        return better(four_first(first, second), four_second(first, second))

    @inlined
    def sixteen(weights, start, size):
        return joined8(eight(weights, start, size), eight(weights, start + 8 * size, size))

    return sixteen


@inlined
def _magnitudes(values):
    return bits_of(values) & MAGNITUDE


@inlined
def _greater(left, right):
    return where(left > right, left, right)


@inlined
def _lesser(left, right):
    return where(left < right, left, right)


greatest_magnitudes = _of_sixteen(_magnitudes, _greater)
"""The bits of the greatest magnitude of each group, int32."""

greatest_bits = _of_sixteen(bits_of, _greater)
"""The bits of the highest weight, int32; they mean something only where it is positive."""

greatest_unsigned = _of_sixteen(unsigned_of, _greater)
"""The greatest bits, uint32: those of the lowest weight if it is negative."""

least_unsigned = _of_sixteen(unsigned_of, _lesser)
"""The least bits, uint32: those of the lowest weight if none is negative, of the highest if all are."""
