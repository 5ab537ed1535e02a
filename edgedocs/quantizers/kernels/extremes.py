"""What is greatest in each of 16 neighbouring groups of weights: a group a lane, without transposing the weights.

Groups are reduced to 8 lanes each, then two by two to lanes that hold both. All is done with the bits of the weights:
the order of floats of one sign is that of their bits, and what is not finite is the greatest of all.
"""

from __future__ import annotations

from typing import Any

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load
from edgedocs.quantizers.kernels.vectors import bits_of, inlined, joined8, lower, shuffle, unsigned_of, upper, where

MAGNITUDE = 0x7FFFFFFF
"""The bits of a float32 without its sign."""

_SINGLES = shuffle([0, 8, 1, 9, 4, 12, 5, 13]), shuffle([2, 10, 3, 11, 6, 14, 7, 15])
_PAIRS = shuffle([0, 1, 8, 9, 4, 5, 12, 13]), shuffle([2, 3, 10, 11, 6, 7, 14, 15])
_FOURS = shuffle([0, 1, 2, 3, 8, 9, 10, 11]), shuffle([4, 5, 6, 7, 12, 13, 14, 15])


def _of_sixteen(of_one: Any, merged: Any) -> Any:
    """A function of weights, a place and a size: for 16 groups of that size from there on, what is found in each.

    Args:
        of_one: finds it in one group, 8 lanes that are yet to be merged; a function of the same three.
        merged: merges what was found in some groups and in as many others; a function of two shuffles that bring
            together what belongs together, and of the two.
    """
    single, later_single = _SINGLES
    pair, later_pair = _PAIRS
    four, later_four = _FOURS

    @inlined
    def of_two(weights, start, size):
        first, second = of_one(weights, start, size), of_one(weights, start + size, size)
        return merged(single, later_single, first, second)

    @inlined
    def of_four(weights, start, size):
        first, second = of_two(weights, start, size), of_two(weights, start + 2 * size, size)
        return merged(pair, later_pair, first, second)

    @inlined
    def of_eight(weights, start, size):
        first, second = of_four(weights, start, size), of_four(weights, start + 4 * size, size)
        return merged(four, later_four, first, second)

    @inlined
    def of_sixteen(weights, start, size):
        return of_eight(weights, start, size), of_eight(weights, start + 8 * size, size)

    return of_sixteen


@inlined
def _greater(left, right):
    return where(left > right, left, right)


@inlined
def _lesser(left, right):
    return where(left < right, left, right)


@inlined
def _magnitudes_of_one(weights, start, size):
    greatest = bits_of(load(weights, start)) & MAGNITUDE
    for place in range(LANES, size, LANES):
        greatest = _greater(bits_of(load(weights, start + place)) & MAGNITUDE, greatest)
    return _greater(lower(greatest), upper(greatest))


@inlined
def _merged_magnitudes(first, later, left, right):
    return _greater(first(left, right), later(left, right))


_magnitudes = _of_sixteen(_magnitudes_of_one, _merged_magnitudes)


@inlined
def greatest_magnitudes(weights, start, size):
    """The bits of the greatest magnitude of each of 16 groups from ``start`` on, int32."""
    first, second = _magnitudes(weights, start, size)
    return joined8(first, second)


@inlined
def _ends_of_one(weights, start, size):
    values = load(weights, start)
    highest, greatest, least = bits_of(values), unsigned_of(values), unsigned_of(values)
    for place in range(LANES, size, LANES):
        values = load(weights, start + place)
        highest = _greater(bits_of(values), highest)
        greatest = _greater(unsigned_of(values), greatest)
        least = _lesser(unsigned_of(values), least)
    return (
        _greater(lower(highest), upper(highest)),
        _greater(lower(greatest), upper(greatest)),
        _lesser(lower(least), upper(least)),
    )


@inlined
def _merged_ends(first, later, left, right):
    return (
        _greater(first(left[0], right[0]), later(left[0], right[0])),
        _greater(first(left[1], right[1]), later(left[1], right[1])),
        _lesser(first(left[2], right[2]), later(left[2], right[2])),
    )


_ends = _of_sixteen(_ends_of_one, _merged_ends)


@inlined
def ends(weights, start, size):
    """The greatest bits of the weights of each of 16 groups, the greatest and the least as unsigned numbers, int32.

    * The first are those of the highest weight, if any is positive.
    * The second are those of the lowest, if any is negative.
    * The third are those of the lowest if none is negative, of the highest if all are.
    """
    first, second = _ends(weights, start, size)
    highest, greatest, least = joined8(first[0], second[0]), joined8(first[1], second[1]), joined8(first[2], second[2])
    return highest, bits_of(greatest), bits_of(least)
