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
from edgedocs.quantizers.kernels.rounding import INTEGER_SHIFT
from edgedocs.quantizers.kernels.vectors import (
    as_float32,
    at,
    bits_of,
    floats8,
    inlined,
    integers8,
    lesser,
    load8,
    mask_of,
    store,
    where,
)

OCTET = 8
LEVELS = 3
"""Codes are 0, 1 and 2, which are worth 1, 3 and 5."""

LANES = 8
ROW = 32
"""Room for the steps in a row of a table, and for 8 lanes from the last on."""

_PAIRS = LEVELS * LEVELS
_TERMS = _PAIRS * ROW
_OFF_GRID = 1 << 28
_PLACE_SHIFT = 17
_NONE = -1
_GREATEST = np.finfo(np.float32).max
_ZERO_CODE = 0x400000
"""What :data:`INTEGER_SHIFT` leaves in the mantissa for 0."""


class Book(NamedTuple):
    """A codebook for the kernels.

    Attributes:
        places: for the number of each point its place on the grid; -1 - where its neighbours start if it is not on it.
        neighbours: how many neighbours there are, then their places.
        rows: for each point of the grid where in the table of terms those of its codes are: one for its first two
            weights, then one each; 7, and one that is not used.
        packed: for each point of the grid its place and its codes, see :func:`_packed`.
    """

    places: Any
    neighbours: Any
    rows: Any
    packed: Any


def book(name: str) -> Book:
    """The codebook of the format called ``name``."""
    given = codebooks.codebook(name)
    off = np.flatnonzero(given.index < 0)
    starts = given.starts[off] + np.arange(len(off))
    places = given.index.astype(np.int32)
    places[off] = -1 - starts
    neighbours = np.insert(given.neighbours, given.starts[off], given.counts[off].astype(np.uint16))
    codes = given.codes.astype(np.intp)
    rows = np.zeros((codes.shape[1], OCTET), np.uint16)
    rows[:, 0] = (codes[0] * LEVELS + codes[1]) * ROW
    for weight in range(2, OCTET):
        rows[:, weight - 1] = _TERMS + (weight * LEVELS + codes[weight]) * ROW
    return Book(places, neighbours, rows.reshape(-1), _packed(codes))


def _packed(codes: Any) -> Any:
    """Points as int32: from bit 1 on two bits a code, then the place."""
    packed = np.arange(codes.shape[1], dtype=np.int32) << _PLACE_SHIFT
    for weight in range(OCTET):
        packed |= (codes[weight] << 2 * weight + 1).astype(np.int32)
    return packed


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
        table: the terms of the error, ``[9 + 24, ROW]``: for codes of the first two weights, then for each code of each
            weight.
        chosen: for each octet of a sub-block and each step the point, ``[octets, ROW]``, packed.
        products: of each step the weighted sum of value times point.
        norms: of each step the weighted sum of point times point.
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
        np.empty((_PAIRS + LEVELS * OCTET) * ROW, np.float32),
        np.zeros(4 * ROW, np.int32),
        np.empty(ROW, np.float32),
        np.empty(ROW, np.float32),
    )


@inlined
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
    well = True
    for octet in range(octets):
        well &= _choose(book, room, first + octet * OCTET, steps, octet * ROW)
    _sum_up(room, first, octets, padded)
    best = np.float32(0)
    which = -1
    for step in range(steps):
        product, norm = at(room.products, step), at(room.norms, step)
        if norm > 0 and product * product > best * norm:
            scale = product / norm
            best = scale * product
            which = step
    again = False
    for octet in range(octets):
        point = at(room.chosen, octet * ROW + which) if which >= 0 else np.int32(0)
        index[first // OCTET + octet] = (point >> _PLACE_SHIFT) & 0x3FF
        if scale > 0 and (all_again or point >= _OFF_GRID):
            if not again:
                again = True
                store(room.inverses, 0, floats8(np.float32(1) / scale))
                store(room.scales, 0, floats8(scale))
            well &= _choose(book, room, first + octet * OCTET, 1, octet * ROW)
            index[first // OCTET + octet] = (at(room.chosen, octet * ROW) >> _PLACE_SHIFT) & 0x3FF
    if again:
        for octet in range(octets):
            room.chosen[octet * ROW] = at(book.packed, index[first // OCTET + octet])
        _sum_up(room, first, octets, LANES)
        product, norm = at(room.products, 0), at(room.norms, 0)
        if norm > 0:
            scale = product / norm
    return scale, well and scale == scale


@inlined
def _choose(book, room, first, steps, chosen):
    """Choose a point for the octet from ``first`` on for each step; whether there is one for all of them."""
    _number(room, first, steps)
    has_table = False
    well = True
    step = 0
    while step < steps:
        number = at(room.numbers, step)
        begin = step
        step += 1
        while step < steps and at(room.numbers, step) == number:
            step += 1
        place = at(book.places, number)
        if place >= 0:
            point = integers8(at(book.packed, place))
            for window in range(begin, step, LANES):
                store(room.chosen, chosen + window, point)
        else:
            if not has_table:
                has_table = True
                _tabulate(room, first, steps)
            for window in range(begin, step, LANES):
                best = _nearest(book, room.table, -1 - place, window)
                store(room.chosen, chosen + window, best | _OFF_GRID)
                asked = (1 << min(step - window, LANES)) - 1
                well &= mask_of(best == _NONE) & asked == 0
    return well


@inlined
def _number(room, first, steps):
    """Write the number of the point nearest to the octet for each step."""
    for place in range(0, steps, LANES):
        inverse = load8(room.inverses, place)
        number = integers8(0)
        for weight in range(OCTET - 1, -1, -1):
            code = (inverse * at(room.values, first + weight) - 1) * np.float32(0.5)
            bits = bits_of(code + INTEGER_SHIFT) & 0x7FFFFF
            bits = where(bits > _ZERO_CODE, bits, _ZERO_CODE)
            bits = where(bits < _ZERO_CODE + LEVELS - 1, bits, _ZERO_CODE + LEVELS - 1)
            number = (number << 1) + number + (bits - _ZERO_CODE)
        store(room.numbers, place, number)


@inlined
def _tabulate(room, first, steps):
    """Fill the table: the terms of the error for each step."""
    for place in range(0, steps, LANES):
        scale = load8(room.scales, place)
        for weight in range(OCTET):
            value, root = at(room.values, first + weight), at(room.roots, first + weight)
            for code in range(LEVELS):
                difference = scale * (2 * code + 1) - value
                term = root * difference * difference
                store(room.table, _TERMS + (weight * LEVELS + code) * ROW + place, term)
        for one in range(LEVELS):
            for other in range(LEVELS):
                pair = load8(room.table, _TERMS + one * ROW + place)
                pair += load8(room.table, _TERMS + (LEVELS + other) * ROW + place)
                store(room.table, (one * LEVELS + other) * ROW + place, pair)


@inlined
def _nearest(book, table, start, step):
    """The best of the neighbours from ``start`` on, for 8 steps from ``step`` on; packed, -1 if none is good."""
    least = floats8(_GREATEST)
    best = integers8(_NONE)
    count = np.int64(at(book.neighbours, start))
    for number in range(start + 1, start + 1 + count):
        point = np.int64(at(book.neighbours, number))
        row = point * OCTET
        error = load8(table, at(book.rows, row) + step)
        for part in range(1, OCTET - 1):
            error += load8(table, at(book.rows, row + part) + step)
        best = where(error < least, at(book.packed, point), best)
        least = lesser(error, least)
    return best


@inlined
def _sum_up(room, first, octets, padded):
    """Write products and norms of all steps."""
    for place in range(0, padded, LANES):
        product = norm = floats8(0)
        for octet in range(octets):
            chosen = load8(room.chosen, octet * ROW + place)
            for weight in range(OCTET):
                point = as_float32((chosen >> 2 * weight) & 6 | 1)
                at_weight = first + octet * OCTET + weight
                product += point * at(room.weighted, at_weight)
                norm += point * at(room.mattering, at_weight) * point
        store(room.products, place, product)
        store(room.norms, place, norm)
