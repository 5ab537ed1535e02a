"""What the kernels of IQ1_S and IQ1_M have in common: :mod:`edgedocs.quantizers.splits`, 8 sub-blocks at a time.

A lane is a sub-block, so arrays are ``[n, 8]``, flat. Where a point is searched for, lanes are its neighbours.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import codebooks, splits
from edgedocs.quantizers.kernels.memory import load8, prefetch, store
from edgedocs.quantizers.kernels.reductions import mask_of, smallest
from edgedocs.quantizers.kernels.vectors import (
    as_float32,
    as_int32,
    bits_of,
    constants,
    floats8,
    greater,
    inlined,
    integers8,
    lesser,
    where,
)

LANES = 8
SUPER_BLOCK = 256
SHIFT = np.float32(splits.SHIFT)
WORST = -np.finfo(np.float32).max
"""The score that any split is better than."""

STRIDES = 4, 1
"""Of the places to split at every fourth is tried first: that tells which splits are far from the best."""

_REACH = np.float32(1 - 2.0**-7)
_SMALL, _GREAT = np.float32(1e-25), np.float32(1e25)

OFF_GRID = -1
_EIGHT = 8
"""Weights of a point, and neighbours that are looked at in one go."""

_LINE = 32
"""Neighbours in a line of a cache."""

_GREATEST = np.finfo(np.float32).max
_GREATEST_BITS = int(_GREATEST.view(np.int32))
_LAST = 2**31 - 1
_numbers: Any = constants(range(LANES), np.int32)


class _Book(NamedTuple):
    """The codebook as the search wants it. Codes are packed: two bits each.

    Attributes:
        start: for each word of eight codes, where its neighbours begin, in eights; one more at the end.
        codes: for each word its codes, if their point is on the grid, else ``OFF_GRID``.
        place: for each word the place of its point on the grid.
        neighbours: codes of points of the grid; the last of a word is repeated to have whole eights.
        points: the codes of the points of the grid.
        word: the word of four codes.
    """

    start: Any
    codes: Any
    place: Any
    neighbours: Any
    points: Any
    word: Any


def _book() -> _Book:
    known = codebooks.codebook(splits.NAME)
    points = np.bitwise_or.reduce(known.codes.astype(np.uint16) << 2 * np.arange(8, dtype=np.uint16)[:, None], axis=0)
    counts = -(-known.counts // _EIGHT)
    starts = np.concatenate([[0], np.cumsum(counts)])
    # For each neighbour, those that are repeated included, which of its word's it is.
    which = np.arange(starts[-1] * _EIGHT) - np.repeat(starts[:-1] * _EIGHT, counts * _EIGHT)
    which = np.minimum(which, np.repeat(known.counts - 1, counts * _EIGHT))
    neighbours = known.neighbours[np.repeat(known.starts, counts * _EIGHT) + which]
    four = np.arange(256)
    return _Book(
        starts.astype(np.uint16),
        np.where(known.index >= 0, points[known.index].astype(np.int32), OFF_GRID).astype(np.int32),
        np.maximum(known.index, 0).astype(np.uint16),
        points[neighbours],
        points,
        sum((four >> 2 * place & 3) * 3**place for place in range(4)).astype(np.uint16),
    )


BOOK = _book()


class Room(NamedTuple):
    """What is known of 8 sub-blocks on the way.

    Attributes:
        mattering: how much each weight of the super-block matters, ``[256]``.
        values: the weights.
        matter: how much each matters.
        rank: how many weights come before each.
        sorted: room for sorted values.
        codes: of the weights, packed, for each point.
        scale: of each sub-block.
        shift: for each point.
        words: for each point.
        terms: of errors: for each weight one for each code.
    """

    mattering: Any
    values: Any
    matter: Any
    rank: Any
    sorted: Any
    codes: Any
    scale: Any
    shift: Any
    words: Any
    terms: Any


@inlined
def room(size):
    """Room for sub-blocks of ``size`` weights."""
    return Room(
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(size * LANES, np.float32),
        np.empty(size * LANES, np.float32),
        np.empty(size * LANES, np.int32),
        np.empty(size * LANES, np.float32),
        np.zeros(size, np.int32),
        np.empty(LANES, np.float32),
        np.empty(size, np.float32),
        np.empty(size, np.int32),
        np.empty(3 * size * LANES, np.float32),
    )


@inlined
def read(weights, start, first, size, room):
    """Read 8 sub-blocks from weight ``first`` of the super-block on, which begins at ``start``."""
    for sub_block in range(LANES):
        for place in range(size):
            at = first + sub_block * size + place
            room.values[place * LANES + sub_block] = weights[start + at]
            room.matter[place * LANES + sub_block] = room.mattering[at]


@inlined
def rank(room, size):
    """Write for each weight how many come before it in order; equal ones stay in theirs."""
    for one in range(size):
        value, before = load8(room.values, one * LANES), integers8(one)
        for other in range(0, one * LANES, LANES):
            is_less = as_int32(value < load8(room.values, other))
            before -= is_less
            store(room.rank, other, load8(room.rank, other) + is_less)
        store(room.rank, one * LANES, before)


@inlined
def put_in_order(room, size):
    """Put in order what is in ``room.terms``; it is then in ``room.sorted``."""
    for place in range(size * LANES):
        room.sorted[np.uint32(room.rank[place] * LANES + place % LANES)] = room.terms[place]


@inlined
def better(product, norm, score):
    """Whether a split is better than one of that score."""
    return (norm > 0) & (product * product > score * norm)


@inlined
def taken(product, norm, number, score, scale, which):
    """Score, scale and number of a split where it is better."""
    is_better, new = better(product, norm, score), product / norm
    return where(is_better, new * product, score), where(is_better, new, scale), where(is_better, number, which)


@inlined
def within_reach(score, matter):
    """A score to start from that leaves the best split the same, if some split has the score given.

    Each try replaces all that is known of the one before. So what is worse than another by more than rounding changes
    nothing in the end. Of a thousand tries that climb by a hundredth, one climbs by many times the error of rounding,
    and from that one on all is as it would be from the start.

    Args:
        score: what some split has.
        matter: the sum of how much the weights matter.
    """
    least = score * _REACH
    product = least * matter
    # Products and quotients then are neither so small nor so great that their errors are no longer those of rounding.
    is_safe = (lesser(lesser(least, matter), product) > _SMALL) & (greater(greater(least, matter), product) < _GREAT)
    return where(is_safe, least, WORST)


@inlined
def add_up(values, sums, size):
    """Write the sums of the first 0, 1, … ``size`` values."""
    total = floats8(0)
    store(sums, 0, total)
    for place in range(0, size * LANES, LANES):
        total += load8(values, place)
        store(sums, place + LANES, total)


@inlined
def place(room, size, first, second, scale, kept):
    """Write scales and, packed, the codes of points on the grid; whether NumPy would find the same.

    Args:
        room: ``shift`` is given.
        size: how many weights a sub-block has.
        first: how many weights have code 0, or 2 where the scale is negative.
        second: how many have that or 1.
        scale: of either sign.
        kept: a bit for each sub-block that does not count as zeros.
    """
    is_negative = scale < 0
    scale = where(is_negative, -scale, scale)
    for group in range(size // _EIGHT):
        shift = load8(room.shift, group * LANES)
        word = integers8(0)
        for number in range(_EIGHT - 1, -1, -1):
            at = (group * _EIGHT + number) * LANES
            rank = load8(room.rank, at)
            code = as_int32(rank >= first) + as_int32(rank >= second)
            word = (word << 1) + word + where(is_negative, 2 - code, code)
            value, matter = load8(room.values, at), load8(room.matter, at)
            for level in range(3):
                difference = (shift + np.float32(level - 1)) * scale - value
                store(room.terms, 3 * at + level * LANES, matter * difference * difference)
        store(room.words, group * LANES, word)
    # All neighbours together are more than the nearer caches hold.
    for at in range(size):
        first = BOOK.start[np.uint32(room.words[at])] * _EIGHT
        for line in range(0, 3 * _LINE, _LINE):
            prefetch(BOOK.neighbours, first + line)
    off = 0
    for group in range(size // _EIGHT):
        for sub_block in range(LANES):
            if kept >> sub_block & 1:
                at = group * LANES + sub_block
                codes = BOOK.codes[np.uint32(room.words[at])]
                if codes == OFF_GRID:
                    off |= 1 << sub_block
                    codes = _nearest(room, group, sub_block, np.uint32(room.words[at]))
                    if codes == OFF_GRID:
                        return False
                room.codes[at] = codes
    scale = _refitted(room, size, scale, off)
    is_kept = (integers8(kept) >> _numbers() & 1) != 0
    store(room.scale, 0, where(is_kept, scale, 0))
    return mask_of(scale != scale) & kept == 0


@inlined
def _nearest(room, group, sub_block, word):
    """The codes of the best neighbour (``iq1_find_best_neighbour2``)."""
    least, found = floats8(_GREATEST), integers8(0)
    for eight in range(BOOK.start[word], BOOK.start[word + np.uint32(1)]):
        codes = as_int32(load8(BOOK.neighbours, eight * _EIGHT))
        error = _term(room, group, 0, sub_block, codes)
        for number in range(1, _EIGHT):
            error += _term(room, group, number, sub_block, codes)
        is_better = error < least
        least = where(is_better, error, least)
        found = where(is_better, np.int32(eight), found)
    bits = smallest(bits_of(least))
    if bits == _GREATEST_BITS:
        return np.int32(OFF_GRID)
    # Of equal errors the first.
    which = smallest(where(bits_of(least) == bits, (found << 3) + _numbers(), _LAST))
    return np.int32(BOOK.neighbours[np.uint32(which)])


@inlined
def _term(room, group, number, sub_block, codes):
    """What one weight adds to the error of 8 neighbours."""
    at = (group * _EIGHT + number) * 3 * LANES + sub_block
    low, middle, high = room.terms[at], room.terms[at + LANES], room.terms[at + 2 * LANES]
    # The sign bit chooses.
    return where(codes << 30 - 2 * number < 0, high, where(codes << 31 - 2 * number < 0, floats8(middle), low))


@inlined
def _refitted(room, size, scale, off):
    """The scales that fit best to the points, where a bit of ``off`` tells that those are not what was asked for."""
    product = norm = floats8(0)
    for place in range(size):
        group = place // _EIGHT * LANES
        worth = worth_of(load8(room.codes, group), place % _EIGHT, load8(room.shift, group))
        weighted = load8(room.matter, place * LANES) * worth
        product += weighted * load8(room.values, place * LANES)
        norm += weighted * worth
    is_off = (integers8(off) >> _numbers() & 1) != 0
    return where(is_off & (product > 0) & (norm > 0), product / norm, scale)


@inlined
def worth_of(codes, number, shift):
    """What the codes of number ``number`` are worth."""
    return as_float32((codes >> 2 * number & 3) - 1) + shift


@inlined
def place_of(codes):
    """The place on the grid of packed codes of one of its points."""
    low, high = BOOK.word[np.uint32(codes & 0xFF)], BOOK.word[np.uint32(codes >> 8)]
    return np.int64(BOOK.place[np.uint32(low + 81 * high)])


_shifts: Any = constants(range(0, 16, 2), np.int32)


@inlined
def write_eight(place, shift, step, weights, start):
    """Write the weights of the point at a place on the grid from ``start`` on."""
    codes = integers8(np.int32(BOOK.points[np.uint32(place)])) >> _shifts() & 3
    store(weights, start, (as_float32(codes - 1) + shift) * step)
