"""The search of IQ2_XXS, IQ2_XS and IQ2_S: :func:`edgedocs.quantizers.codebooks.fitted` for octets of weights.

An octet is the 8 weights that share a point; octets that share a scale are a sub-block. All steps of the search for a
scale are lanes. As the scale grows from one step to the next, few codes change, so the steps fall into runs with the
same codes. For each run that is not on the grid, the neighbours are tried one after the other, for 8 steps at once.
A neighbour's error is the sum of 8 terms, which depend on step, weight and code alone; so there is a table of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import codebooks
from edgedocs.quantizers.kernels.memory import at, load, load8, store
from edgedocs.quantizers.kernels.reductions import any_of, lowest_bit, mask_of, union
from edgedocs.quantizers.kernels.rounding import INTEGER_SHIFT
from edgedocs.quantizers.kernels.vectors import (
    bits_of,
    called,
    constants,
    float_of,
    floats8,
    inlined,
    integers8,
    lane,
    lesser,
    shuffle,
    where,
)

OCTET = 8
LEVELS = 3
"""Codes are 0, 1 and 2, which are worth 1, 3 and 5."""

LANES = 8
ROW = 32
"""Room for the steps in a row of a table, and for 8 lanes from the last on."""

SIXTEEN = 16

_PAIRS = LEVELS * LEVELS
_TERMS = _PAIRS * LANES
_COUNT_BITS = 9
_OFF_GRID = 1 << 28
_PLACE_SHIFT = 16
_PLACE_MASK = 0x3FF
_NONE = -1
_GREATEST = np.finfo(np.float32).max
_ZERO_CODE = 0x400000
"""What :data:`INTEGER_SHIFT` leaves in the mantissa for 0."""
_ALL_ZERO_CODES = 0x4C000000
"""The number to start from, so that the eight of these that are too much in its codes come to nothing."""
_TRIED = 4
"""So many neighbours are tried before any are ruled out."""
_FEW = 16
"""Of so many neighbours none is ruled out."""
_MARGIN = np.float32(1 + 2.0**-17)

_lane_numbers = constants(range(LANES), np.int32)
_one_before = shuffle(range(LANES - 1, 2 * LANES - 1))


class Book(NamedTuple):
    """A codebook for the kernels.

    Attributes:
        places: for the number of each point its place on the grid; if it is not on it, -1 - where its neighbours start,
            with their count in the lower 9 bits.
        neighbours: the places of neighbours.
        changes: for each the codes in which it differs from the point, see :func:`_thresholds`.
        thresholds: for each number the codes of the point, likewise.
        rows: for each point of the grid where in the table of terms those of its codes are: one for its first two
            weights, then one each; 7, and one that is not used.
        packed: for each point of the grid its codes, two bits each, and its place.
    """

    places: Any
    neighbours: Any
    changes: Any
    thresholds: Any
    rows: Any
    packed: Any


def book(name: str) -> Book:
    """The codebook of the format called ``name``."""
    given = codebooks.codebook(name)
    off = np.flatnonzero(given.index < 0)
    first, count = given.starts[off], given.counts[off]
    places = given.index.astype(np.int32)
    places[off] = -1 - (first << _COUNT_BITS | count)
    codes = given.codes.astype(np.intp)
    thresholds = _thresholds(np.arange(len(places)) // LEVELS ** np.arange(OCTET)[:, np.newaxis] % LEVELS)
    changes = _thresholds(codes)[given.neighbours] ^ thresholds[off].repeat(count)
    rows = np.zeros((codes.shape[1], OCTET), np.uint16)
    rows[:, 0] = (codes[0] * LEVELS + codes[1]) * LANES
    packed = np.arange(codes.shape[1], dtype=np.int32) << _PLACE_SHIFT
    for weight in range(OCTET):
        if weight > 1:
            rows[:, weight - 1] = _TERMS + (weight * LEVELS + codes[weight]) * LANES
        packed |= (codes[weight] << 2 * weight).astype(np.int32)
    return Book(
        places,
        given.neighbours,
        np.append(changes, np.zeros(SIXTEEN, np.uint16)),  # sixteen are read at once
        thresholds,
        rows.reshape(-1),
        packed,
    )


def _thresholds(codes: Any) -> Any:
    """Codes ``[8, n]`` as bits of uint16: in the lower byte those that are above 0, in the upper those above 1."""
    bits = 1 << np.arange(OCTET)
    return (bits @ (codes > 0) | bits @ (codes > 1) << OCTET).astype(np.uint16)


class Room(NamedTuple):
    """Room for super-blocks; the first four are in the order of the weights.

    Attributes:
        values: magnitudes of the weights; negative where a weight has the wrong sign.
        mattering: how much each weight matters.
        weighted: the product of both.
        roots: the square root of how much each weight matters.
        inverses: the inverse scale of each step.
        scales: the scale of each step.
        numbers: of each step the number of the point.
        table: the terms of the error, ``[9 + 24, 8]``: for codes of the first two weights, then for each code of each
            weight.
        chosen: for each octet of a sub-block and each step the point, ``[octets, ROW]``, packed.
        products: of each step the weighted sum of value times point.
        norms: of each step the weighted sum of point times point.
        squares: the squares of the products.
        gains: of each step by how much it lessens the error.
    """

    values: Any
    mattering: Any
    weighted: Any
    roots: Any
    inverses: Any
    scales: Any
    numbers: Any
    table: Any
    chosen: Any
    products: Any
    norms: Any
    squares: Any
    gains: Any


@inlined
def room(weights):
    """Room for so many weights."""
    return Room(
        np.empty(weights, np.float32),
        np.empty(weights, np.float32),
        np.empty(weights, np.float32),
        np.empty(weights, np.float32),
        np.empty(ROW, np.float32),
        np.empty(ROW, np.float32),
        np.empty(ROW, np.int32),
        np.empty((_PAIRS + LEVELS * OCTET) * LANES, np.float32),
        np.zeros(4 * ROW, np.int32),
        np.empty(ROW, np.float32),
        np.empty(ROW, np.float32),
        np.empty(ROW, np.float32),
        np.empty(ROW, np.float32),
    )


@called
def fitted(book, room, first, octets, numerators, steps, scale, divisor, all_again, index):
    """The scale of a sub-block, and whether all went well; writes the place of each octet's point.

    Args:
        book: the codebook.
        room: with the super-block's values.
        first: the first weight of the sub-block.
        octets: how many it has.
        numerators: of the inverse scales, one a step, padded to a multiple of 8.
        steps: how many there are.
        scale: the scale if no step is better than nothing; float32.
        divisor: of the inverse scales; float32.
        all_again: whether all octets are rounded again with the scale that was found, else those off the grid.
        index: where to write the places, from ``first // 8`` on.
    """
    padded = (steps + LANES - 1) // LANES * LANES
    for place in range(0, padded, LANES):
        inverse = load8(numerators, place) / divisor
        store(room.inverses, place, inverse)
        store(room.scales, place, 1 / inverse)
    place = first // OCTET
    well = True
    redone = (1 << octets) - 1
    for again in range(2):
        for octet in range(octets):
            if redone >> octet & 1:
                well &= _choose(book, room, first + octet * OCTET, steps, octet * ROW)
        if padded > 2 * LANES:
            steps = _distinct(room, octets, steps)
            padded = (steps + LANES - 1) // LANES * LANES
        _sum_up(room, first, octets, padded)
        step = 0
        if again:
            product, norm = at(room.products, 0), at(room.norms, 0)
            scale = product / norm if norm > 0 else scale
        else:
            step = _best(room, steps)
            scale = at(room.products, step) / at(room.norms, step) if step >= 0 else scale
        redone = 0
        for octet in range(octets):
            point = at(book.packed, 0)
            if step >= 0:
                point = at(room.chosen, octet * ROW + step)
            index[place + octet] = point >> _PLACE_SHIFT & _PLACE_MASK
            room.chosen[octet * ROW] = point
            redone |= np.int64(all_again or point & _OFF_GRID != 0) << octet
        if again or redone == 0 or not scale > 0:
            break
        store(room.inverses, 0, floats8(np.float32(1) / scale))
        store(room.scales, 0, floats8(scale))
        steps, padded = 1, LANES
    return scale, well and scale == scale


@inlined
def _distinct(room, octets, steps):
    """Leave out the steps that chose as the step before them, which change nothing; how many are left."""
    last = 0
    for step in range(1, steps):
        is_new = False
        for octet in range(octets):
            place = octet * ROW + step
            is_new |= at(room.chosen, place) != at(room.chosen, place - 1)
        last += is_new
        for octet in range(octets):
            room.chosen[np.uint64(octet * ROW + last)] = at(room.chosen, octet * ROW + step)
    return last + 1


@inlined
def _best(room, steps):
    """The best step; -1 if none is better than nothing. All lanes are the same: this way nothing has to branch."""
    best = floats8(0)
    which = integers8(-1)
    for step in range(steps):
        norm = floats8(at(room.norms, step))
        is_better = (norm > 0) & (floats8(at(room.squares, step)) > best * norm)
        best = where(is_better, floats8(at(room.gains, step)), best)
        which = where(is_better, np.int32(step), which)
    return np.int64(lane(which, 0))


@inlined
def _choose(book, room, first, steps, chosen):
    """Choose a point for the octet from ``first`` on for each step; whether there is one for all of them."""
    starts = _number(room, first, steps)
    well = True
    while starts != 0:
        begin = lowest_bit(starts)
        starts &= starts - 1
        end = lowest_bit(starts | 1 << steps)
        number = at(room.numbers, begin)
        place = at(book.places, number)
        if place >= 0:
            point = integers8(at(book.packed, place))
            for step in range(begin, end, LANES):
                store(room.chosen, chosen + step, point)
        else:
            for step in range(begin, end, LANES):
                asked = _lane_numbers() < end - step
                _tabulate(room, first, step)
                best = _nearest(book, room.table, np.int64(-1 - place), number, asked)
                store(room.chosen, chosen + step, best | _OFF_GRID)
                well &= not any_of((best == _NONE) & asked)
    return well


@inlined
def _number(room, first, steps):
    """Write the number of the point nearest to the octet for each step; the bits of the steps where it changes."""
    starts = 0
    before = integers8(0)
    for place in range(0, steps, LANES):
        inverse = load8(room.inverses, place)
        number = integers8(_ALL_ZERO_CODES)
        for weight in range(OCTET - 1, -1, -1):
            code = (inverse * at(room.values, first + weight) - 1) * np.float32(0.5)
            bits = bits_of(code + INTEGER_SHIFT) & 0x7FFFFF
            bits = where(bits > _ZERO_CODE, bits, _ZERO_CODE)
            bits = where(bits < _ZERO_CODE + LEVELS - 1, bits, _ZERO_CODE + LEVELS - 1)
            number = (number << 1) + number + bits
        store(room.numbers, place, number)
        starts |= mask_of(number != _one_before(before, number)) << place
        before = number
    return (starts | 1) & ((1 << steps) - 1)


@inlined
def _tabulate(room, first, step):
    """Fill the table: the terms of the error for 8 steps from ``step`` on."""
    scale = load8(room.scales, step)
    for weight in range(OCTET):
        value, root = at(room.values, first + weight), at(room.roots, first + weight)
        for code in range(LEVELS):
            difference = scale * (2 * code + 1) - value
            store(room.table, _TERMS + (weight * LEVELS + code) * LANES, root * difference * difference)
    for one in range(LEVELS):
        for other in range(LEVELS):
            pair = load8(room.table, _TERMS + one * LANES) + load8(room.table, _TERMS + (LEVELS + other) * LANES)
            store(room.table, (one * LEVELS + other) * LANES, pair)


@inlined
def _nearest(book, table, place, number, asked):
    """The best of a point's neighbours for the 8 steps of the table; packed, -1 if none is good.

    After the first four, only those are tried that no change of a single code rules out.

    Args:
        book: the codebook.
        table: the terms of the errors.
        place: where the neighbours start, and how many there are.
        number: the point's.
        asked: in which of the lanes the result matters.
    """
    least = floats8(_GREATEST)
    best = integers8(_NONE)
    part, count = place >> _COUNT_BITS, place & ((1 << _COUNT_BITS) - 1)
    end = part + count
    tried = min(count, _TRIED if count > _FEW else SIXTEEN)
    worth = (1 << tried) - 1
    hopeless = np.uint16(0)
    while True:
        while worth != 0:
            point = np.int64(at(book.neighbours, part + lowest_bit(worth)))
            worth &= worth - 1
            row = point * OCTET
            error = load8(table, at(book.rows, row))
            for weight in range(1, OCTET - 1):
                error += load8(table, at(book.rows, row + weight))
            best = where(error < least, at(book.packed, point), best)
            least = lesser(error, least)
        part += tried
        if part >= end:
            break
        if tried == _TRIED:
            hopeless = _hopeless(table, np.int64(at(book.thresholds, number)), asked, least)
        tried = SIXTEEN
        worth = mask_of((load(book.changes, part) & hopeless) == 0) & ((1 << min(end - part, SIXTEEN)) - 1)
    return best


@inlined
def _hopeless(table, point, asked, least):
    """The changes that no neighbour has whose error is less than ``least`` in any of the lanes asked.

    An error is at least the sum of the least terms of all weights but one, and of the term of the code of that. Here it
    is rounded otherwise than the errors are, which the margin makes good.
    """
    lowest = floats8(0)
    for weight in range(OCTET):
        lowest += _least_term(table, weight)
    limit = least * _MARGIN - lowest
    hopeful = integers8(0)
    for weight in range(OCTET):
        lowest = _least_term(table, weight)
        for code in range(LEVELS):
            more = load8(table, _TERMS + (weight * LEVELS + code) * LANES) - lowest
            hopeful |= where(more > limit, 0, integers8(1 << code * OCTET + weight))
    zero = np.int64(union(where(asked, hopeful, 0)))
    one, two = zero >> OCTET, zero >> 2 * OCTET
    above_zero, above_one = point & 0xFF, point >> OCTET
    lower = above_zero & zero | ~above_zero & (one | two)
    upper = above_one & (zero | one) | ~above_one & two
    return np.uint16(~(lower & 0xFF | (upper & 0xFF) << OCTET))


@inlined
def _least_term(table, weight):
    place = _TERMS + weight * LEVELS * LANES
    return lesser(lesser(load8(table, place), load8(table, place + LANES)), load8(table, place + 2 * LANES))


@inlined
def _sum_up(room, first, octets, padded):
    """Write products and norms of all steps."""
    for place in range(0, padded, LANES):
        product = norm = floats8(0)
        for octet in range(octets):
            chosen = load8(room.chosen, octet * ROW + place)
            for weight in range(OCTET):
                # The code as the two bits of a great number that are worth 4 and 2.
                great = np.float32(1 << 24 - 2 * weight)
                point = float_of(chosen & (3 << 2 * weight) | bits_of(floats8(great))) - (great - 1)
                at_weight = first + octet * OCTET + weight
                product += point * at(room.weighted, at_weight)
                norm += point * at(room.mattering, at_weight) * point
        store(room.products, place, product)
        store(room.norms, place, norm)
        store(room.squares, place, product * product)
        store(room.gains, place, product / norm * product)
