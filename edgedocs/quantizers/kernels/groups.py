"""Groups of weights as lanes: :func:`edgedocs.quantizers.search.groups` for 16 groups.

Eight weights of eight groups at a time are turned around in registers, which is far faster than weight after weight.
"""

from __future__ import annotations

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import flattened, load, load8, store
from edgedocs.quantizers.kernels.vectors import absolute, floats, inlined, shuffle, square_root, where

_SIDE = 8
_FIRST_HALVES = shuffle((0, 1, 2, 3, 8, 9, 10, 11))
_LAST_HALVES = shuffle((4, 5, 6, 7, 12, 13, 14, 15))
_FIRST_OF_HALVES = shuffle((0, 8, 1, 9, 4, 12, 5, 13))
_LAST_OF_HALVES = shuffle((2, 10, 3, 11, 6, 14, 7, 15))
_FIRST_PAIRS = shuffle((0, 1, 8, 9, 4, 5, 12, 13))
_LAST_PAIRS = shuffle((2, 3, 10, 11, 6, 7, 14, 15))


@inlined
def read_groups(source, start, stride, size, count, values):
    """Write weights to ``values`` as ``[size, 16]``: weight ``i`` of all groups are neighbours.

    Args:
        source: where the weights are.
        start: where the first group begins.
        stride: from the beginning of one group to that of the next.
        size: how many weights a group has, a multiple of 8.
        count: how many groups there are; where there are less than 16, the last is repeated.
        values: flat, with room for ``16 * size``.
    """
    for half in range(0, LANES, _SIDE):
        starts = (
            start + min(half, count - 1) * stride,
            start + min(half + 1, count - 1) * stride,
            start + min(half + 2, count - 1) * stride,
            start + min(half + 3, count - 1) * stride,
            start + min(half + 4, count - 1) * stride,
            start + min(half + 5, count - 1) * stride,
            start + min(half + 6, count - 1) * stride,
            start + min(half + 7, count - 1) * stride,
        )
        for place in range(0, size, _SIDE):
            _turn(source, starts, place, values, place * LANES + half)


@inlined
def read_scattered(source, starts, size, values):
    """:func:`read_groups` for 16 groups that begin anywhere, at the numbers in an array."""
    for half in range(0, LANES, _SIDE):
        places = (
            starts[half],
            starts[half + 1],
            starts[half + 2],
            starts[half + 3],
            starts[half + 4],
            starts[half + 5],
            starts[half + 6],
            starts[half + 7],
        )
        for place in range(0, size, _SIDE):
            _turn(source, places, place, values, place * LANES + half)


@inlined
def read_importance(importance, block, size, count, values):
    """Write the importance of the columns of 16 blocks to ``values`` as ``[size, 16]``.

    Args:
        importance: of the columns of a row, in any shape.
        block: the number of the first block in its tensor.
        size: how many weights a block has, a multiple of 8.
        count: how many blocks there are; where there are less than 16, the last is repeated.
        values: flat, with room for ``16 * size``.
    """
    flat = flattened(importance)
    blocks = len(flat) // size
    for half in range(0, LANES, _SIDE):
        first = block + half
        last = block + count - 1
        starts = (
            min(first, last) % blocks * size,
            min(first + 1, last) % blocks * size,
            min(first + 2, last) % blocks * size,
            min(first + 3, last) % blocks * size,
            min(first + 4, last) % blocks * size,
            min(first + 5, last) % blocks * size,
            min(first + 6, last) % blocks * size,
            min(first + 7, last) % blocks * size,
        )
        for place in range(0, size, _SIDE):
            _turn(flat, starts, place, values, place * LANES + half)


@inlined
def _turn(source, starts, place, values, at):
    """Eight weights of eight groups, from ``place`` on in each, as eight rows of eight."""
    row0, row1 = load8(source, starts[0] + place), load8(source, starts[1] + place)
    row2, row3 = load8(source, starts[2] + place), load8(source, starts[3] + place)
    row4, row5 = load8(source, starts[4] + place), load8(source, starts[5] + place)
    row6, row7 = load8(source, starts[6] + place), load8(source, starts[7] + place)
    _turn_half(
        _FIRST_HALVES(row0, row4),
        _FIRST_HALVES(row1, row5),
        _FIRST_HALVES(row2, row6),
        _FIRST_HALVES(row3, row7),
        values,
        at,
    )
    _turn_half(
        _LAST_HALVES(row0, row4),
        _LAST_HALVES(row1, row5),
        _LAST_HALVES(row2, row6),
        _LAST_HALVES(row3, row7),
        values,
        at + 4 * LANES,
    )


@inlined
def _turn_half(row0, row1, row2, row3, values, at):
    """Four weights of eight groups: each row has those of a group and of the fourth after it."""
    first, second = _FIRST_OF_HALVES(row0, row1), _FIRST_OF_HALVES(row2, row3)
    store(values, at, _FIRST_PAIRS(first, second))
    store(values, at + LANES, _LAST_PAIRS(first, second))
    third, fourth = _LAST_OF_HALVES(row0, row1), _LAST_OF_HALVES(row2, row3)
    store(values, at + 2 * LANES, _FIRST_PAIRS(third, fourth))
    store(values, at + 3 * LANES, _LAST_PAIRS(third, fourth))


@inlined
def largest_weights(values, start, size):
    """The weight of greatest magnitude of each of 16 groups, and that magnitude; of equal ones the first.

    Args:
        values: the weights of the groups, ``[size, 16]``, flat.
        start: where they begin.
        size: how many weights a group has.
    """
    largest, magnitude = floats(0), floats(0)
    for place in range(start, start + size * LANES, LANES):
        value = load(values, place)
        is_larger = absolute(value) > magnitude
        largest, magnitude = where(is_larger, value, largest), where(is_larger, absolute(value), magnitude)
    return largest, magnitude


@inlined
def square_sums(weights, start, size, count, room):
    """The sum of squares of each of 16 blocks of weights, which goes through them in turn.

    Args:
        weights: flat.
        start: where the first block begins.
        size: how many weights a block has, a multiple of 16.
        count: how many blocks there are; where there are less than 16, the last is repeated.
        room: for 256 float32.
    """
    squares = floats(0)
    for first in range(0, size, LANES):
        read_groups(weights, start + first, size, LANES, count, room)
        for place in range(0, LANES * LANES, LANES):
            value = load(room, place)
            squares += value * value
    return squares


@inlined
def from_importance(values, mattering, size, mean):
    """Turn the importance of columns into how much each weight matters; give the sum of each group.

    Args:
        values: the weights of the groups, ``[size, 16]``, flat.
        mattering: the importance of their columns, likewise; overwritten.
        size: how many weights a group has.
        mean: what is added to the square of each weight; a scalar, or lanes.
    """
    total = floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place)
        matter = load(mattering, place) * square_root(mean + value * value)
        store(mattering, place, matter)
        total += matter
    return total
