"""What the kernels of IQ3_XXS and IQ3_S have in common: :mod:`edgedocs.quantizers.quads` and its search.

The search looks at one sub-block at a time. A lane is a step: the same weights, tried with another scale. Rising scales
give the same point for several steps in a row, so neighbours are looked up once for such a *run* of steps. An error is
the sum of four terms, each of which depends on the step, the weight and its code alone. So all terms are worked out
first, and the error of a neighbour is four loads and three additions.

Arrays of a sub-block are ``[4, 8]``, flat: the weights of a point, for each of the points. Those of steps are
``[n, width]``, flat.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import codebooks
from edgedocs.quantizers.kernels.rounding import clipped, nearest_int, to_half
from edgedocs.quantizers.kernels.vectors import (
    LANES,
    any_of,
    as_float32,
    bits_of,
    constants,
    float_of,
    floats8,
    inlined,
    integers8,
    lane,
    largest,
    load,
    load4,
    load8,
    lowest_bit,
    mask_of,
    shuffle,
    square_root,
    store,
    where,
)

SUPER_BLOCK = 256
SUB_BLOCKS = 8
SUB_BLOCK_SIZE = 32
POINTS = 8
"""Points of a sub-block."""

LEVELS = 8
LARGEST_SUB_SCALE = 15
LARGEST_POINT = np.float32(15)
WIDTH = 8
"""Lanes of a step of the search."""

OFF_GRID = -1
_TERMS = 4 * LEVELS
_GREATEST = np.finfo(np.float32).max
_SIGN = np.int32(-(2**31))
_SHIFT = np.float32(1.5 * 2**24)
_LOWEST_CODE = 0x400000


class Book(NamedTuple):
    """A codebook as the search wants it.

    Attributes:
        start: for each word of four codes, where its neighbours begin; one more at the end.
        point: for each word its point, if that is on the grid, else ``OFF_GRID``; four bytes of ``2 * code + 1``.
        place: for each word the place of its point on the grid.
        neighbours: places on the grid.
        points: as ``point``, by place on the grid.
        rows: for each place on the grid where the rows of its four codes begin, in an array of terms.
    """

    start: Any
    point: Any
    place: Any
    neighbours: Any
    points: Any
    rows: Any


def book(name: str, width: int) -> Book:
    """The tables of the format called ``name``, whose search has ``width`` steps."""
    known = codebooks.codebook(name)
    codes = known.codes.astype(np.int32)
    points = np.bitwise_or.reduce((2 * codes + 1) << np.arange(0, 32, 8)[:, np.newaxis], axis=0).astype(np.int32)
    rows = (codes + LEVELS * np.arange(4)[:, np.newaxis]) * (width + WIDTH)
    on_grid = known.index >= 0
    return Book(
        np.concatenate([[0], np.cumsum(known.counts)]).astype(np.uint16),
        np.where(on_grid, points[known.index], OFF_GRID).astype(np.int32),
        np.maximum(known.index, 0).astype(np.uint16),
        known.neighbours,
        points,
        np.ascontiguousarray(rows.T).reshape(-1).astype(np.uint16),
    )


def numerators(values: Any, width: int) -> Any:
    """The numerators of the inverse scales, the last repeated up to ``width``."""
    return np.concatenate([values, np.full(width - len(values), values[-1])]).astype(np.float32)


class Room(NamedTuple):
    """What is known of a super-block and of one of its sub-blocks on the way.

    Attributes:
        magnitudes: of the weights of the super-block, or less of them where a sign is wrong.
        mattering: how much each of these weights matters.
        signs: the bytes of its signs.
        all_signs: the signs of its sub-blocks.
        scales: of its sub-blocks.
        values: of a sub-block, magnitudes of weights, like all that follow.
        matter: how much each matters.
        root: square roots of that.
        weighted: products of ``values`` and ``matter``.
        chosen: the points of a sub-block.
        scale: the scale of each step.
        words: the words of codes, ``[8, steps]``.
        terms: of errors, ``[32, steps]``.
        found: points, ``[8, steps]``.
        product: the weighted sum of value times point for each step.
        norm: the weighted sum of point times point.
    """

    magnitudes: Any
    mattering: Any
    signs: Any
    all_signs: Any
    scales: Any
    values: Any
    matter: Any
    root: Any
    weighted: Any
    chosen: Any
    scale: Any
    words: Any
    terms: Any
    found: Any
    product: Any
    norm: Any


@inlined
def room(width):
    """Room for a search of ``width`` steps."""
    lanes = width + WIDTH
    return Room(
        np.zeros(SUPER_BLOCK, np.float32),
        np.zeros(SUPER_BLOCK, np.float32),
        np.zeros(SUPER_BLOCK // 8, np.int64),
        np.zeros(SUB_BLOCKS, np.int64),
        np.zeros(SUB_BLOCKS, np.float32),
        np.zeros(SUB_BLOCK_SIZE, np.float32),
        np.zeros(SUB_BLOCK_SIZE, np.float32),
        np.zeros(SUB_BLOCK_SIZE, np.float32),
        np.zeros(SUB_BLOCK_SIZE, np.float32),
        np.zeros(POINTS, np.int32),
        np.zeros(lanes, np.float32),
        np.zeros(POINTS * lanes, np.int32),
        np.zeros(_TERMS * lanes, np.float32),
        np.zeros(POINTS * lanes, np.int32),
        np.zeros(lanes, np.float32),
        np.zeros(lanes, np.float32),
    )


@inlined
def from_squares(weights, start, mattering):
    """Write how much each weight of a super-block matters if nothing is known: its square."""
    for place in range(0, SUPER_BLOCK, WIDTH):
        value = load8(weights, start + place)
        store(mattering, place, value * value)


@inlined
def from_importance(weights, start, importance, column, mattering):
    """Write how much each weight of a super-block matters (:func:`.super_blocks.from_importance`)."""
    squares = np.float32(0)
    for place in range(start, start + SUPER_BLOCK):
        squares += weights[place] * weights[place]
    mean = np.float32(2) * squares / np.float32(SUPER_BLOCK)
    for place in range(0, SUPER_BLOCK, WIDTH):
        value = load8(weights, start + place)
        usual = square_root(mean + value * value)
        store(mattering, place, load8(importance[column], place) * usual)


@inlined
def read(number, room):
    """Read sub-block ``number``; its greatest value."""
    start = number * SUB_BLOCK_SIZE
    low, high = load(room.magnitudes, start), load(room.magnitudes, start + LANES)
    _transpose(low, high, room.values)
    _transpose(load(room.mattering, start), load(room.mattering, start + LANES), room.matter)
    for place in range(0, SUB_BLOCK_SIZE, WIDTH):
        matter = load8(room.matter, place)
        store(room.root, place, square_root(matter))
        store(room.weighted, place, matter * load8(room.values, place))
    # Of all but negative numbers the order is that of their bits.
    bits = largest(where(low > high, bits_of(low), bits_of(high)))
    return lane(float_of(integers8(bits)), 0)


_firsts, _seconds, _thirds, _fourths = (shuffle(range(place, 32, 4)) for place in range(4))


@inlined
def _transpose(low, high, values):
    store(values, 0, _firsts(low, high))
    store(values, WIDTH, _seconds(low, high))
    store(values, 2 * WIDTH, _thirds(low, high))
    store(values, 3 * WIDTH, _fourths(low, high))


@inlined
def fit(book, room, numerators, width, steps, greatest, redoes_all):
    """Scale and points of a sub-block: :func:`codebooks.fitted`, and whether it was found.

    Args:
        book: the codebook.
        room: with the values of the sub-block; ``chosen`` is written.
        numerators: of the inverse scales, ``width`` of them.
        width: a multiple of ``WIDTH``.
        steps: how many of the numerators count.
        greatest: the greatest value.
        redoes_all: whether all points are rounded again if any is off the grid, or no step was better than the start.
    """
    _try_all(book, room, numerators, width, greatest)
    best, scale, chosen = np.float32(0), greatest / LARGEST_POINT, -1
    for step in range(steps):
        product, norm = room.product[step], room.norm[step]
        if norm > 0 and product * product > best * norm:
            scale = product / norm
            best = scale * product
            chosen = step
    lanes = width + WIDTH
    again = 0xFF if redoes_all and chosen < 0 else 0
    for place in range(POINTS):
        room.chosen[place] = book.points[0]
        if chosen >= 0:
            room.chosen[place] = room.found[place * lanes + chosen]
            if book.point[room.words[place * lanes + chosen]] == OFF_GRID:
                again |= 1 << place
    if again and scale > 0:
        scale = _again(book, room, 0xFF if redoes_all else again, scale, lanes)
    is_found = scale == scale
    for place in range(0, POINTS * lanes, WIDTH):
        is_found &= not any_of(load8(room.found, place) == OFF_GRID)
    for place in range(POINTS):
        is_found &= room.chosen[place] != OFF_GRID
    return scale, is_found


@inlined
def _try_all(book, room, numerators, width, greatest):
    """Write product and norm of each step."""
    lanes = width + WIDTH
    for place in range(0, width, WIDTH):
        inverse = load8(numerators, place) / greatest
        store(room.scale, place, 1 / inverse)
        for point in range(POINTS):
            store(room.words, point * lanes + place, _word(room.values, point, inverse))
    for point in range(POINTS):
        _find(book, room, point, width)
    for place in range(0, width, WIDTH):
        product = norm = floats8(0)
        for point in range(POINTS):
            packed = load8(room.found, point * lanes + place)
            for number in range(4):
                value = as_float32((packed >> 8 * number) & 0xFF)
                at = number * POINTS + point
                product += room.weighted[at] * value
                norm += room.matter[at] * value * value
        store(room.product, place, product)
        store(room.norm, place, norm)


@inlined
def _word(values, point, inverse):
    """The words of the codes nearest to four values times the inverse scales, which are lanes."""
    word = _code(values[3 * POINTS + point] * inverse)
    for number in range(2, -1, -1):
        word = (word << 3) + _code(values[number * POINTS + point] * inverse)
    return word & 0xFFF


@inlined
def _code(value):
    """``MAX(0, MIN(7, nearest_int(0.5 * (value - 1))))``; above the lowest 20 bits there are others."""
    # Twice the shift rounds to even numbers, whose halves have the same bits.
    code = bits_of((value - 1) + _SHIFT) & 0x7FFFFF
    code = where(code > _LOWEST_CODE, code, _LOWEST_CODE)
    return where(code < _LOWEST_CODE + LEVELS - 1, code, _LOWEST_CODE + LEVELS - 1)


@inlined
def _find(book, room, point, width):
    """Write what is found for a point in each step."""
    lanes = width + WIDTH
    for place in range(0, width, WIDTH):
        scale = load8(room.scale, place)
        for code in range(LEVELS):
            nearby = scale * np.float32(2 * code + 1)
            for number in range(4):
                at = number * POINTS + point
                difference = nearby - room.values[at]
                store(room.terms, (number * LEVELS + code) * lanes + place, room.root[at] * difference * difference)
    first = point * lanes
    ends = 1 << (width - 1)
    for place in range(0, width, WIDTH):
        differs = load8(room.words, first + place) != load8(room.words, first + place + 1)
        ends |= mask_of(differs) << place
    ends &= (1 << width) - 1
    start = 0
    while ends:
        end = lowest_bit(ends) + 1
        ends &= ends - 1
        for place in range(start, end, WIDTH):
            # What is written beyond the end is written again.
            found = _nearest(book, room.terms, place, room.words[first + start])
            store(room.found, first + place, found)
        start = end


@inlined
def _nearest(book, terms, place, word):
    """The points of least error for 8 steps (``iq3_find_best_neighbour``)."""
    least, found = floats8(_GREATEST), integers8(book.point[word])
    for neighbour in range(book.start[word], book.start[word + 1]):
        grid = np.int64(book.neighbours[neighbour])
        error = load8(terms, book.rows[4 * grid] + place)
        for number in range(1, 4):
            error += load8(terms, book.rows[4 * grid + number] + place)
        is_better = error < least
        least = where(is_better, error, least)
        found = where(is_better, book.points[grid], found)
    return found


@inlined
def _again(book, room, again, scale, lanes):
    """Round points again, those with a bit in ``again``; the new scale."""
    word = _word_of_each(room.values, floats8(np.float32(1) / scale))
    store(room.words, 0, word)
    for code in range(LEVELS):
        nearby = scale * np.float32(2 * code + 1)
        for number in range(4):
            difference = nearby - load8(room.values, number * POINTS)
            terms = load8(room.root, number * POINTS) * difference * difference
            store(room.terms, (number * LEVELS + code) * lanes, terms)
    for point in range(POINTS):
        if again >> point & 1:
            room.chosen[point] = _nearest_of_one(book, room.terms, point, room.words[point])
    product = norm = np.float32(0)
    for point in range(POINTS):
        packed = room.chosen[point]
        for number in range(4):
            value = np.float32(packed >> 8 * number & 0xFF)
            at = number * POINTS + point
            product += room.weighted[at] * value
            norm += room.matter[at] * value * value
    return product / norm if norm > 0 else scale


@inlined
def _word_of_each(values, inverse):
    """The word of each point; a lane is a point."""
    word = _code(load8(values, 3 * POINTS) * inverse)
    for number in range(2, -1, -1):
        word = (word << 3) + _code(load8(values, number * POINTS) * inverse)
    return word & 0xFFF


@inlined
def _nearest_of_one(book, terms, place, word):
    """As :func:`_nearest`, for one place."""
    least, found = _GREATEST, book.point[word]
    for neighbour in range(book.start[word], book.start[word + 1]):
        grid = np.int64(book.neighbours[neighbour])
        error = terms[book.rows[4 * grid] + place]
        for number in range(1, 4):
            error += terms[book.rows[4 * grid + number] + place]
        if error < least:
            least, found = error, book.points[grid]
    return found


@inlined
def place_of(book, packed):
    """The place on the grid of a point of it."""
    codes = packed >> 1 & 0x07070707
    word = codes & 7 | codes >> 5 & 7 << 3 | codes >> 10 & 7 << 6 | codes >> 15 & 7 << 9
    return book.place[word]


@inlined
def codes_of_scales(room):
    """The step of the scales of a super-block (:func:`codebooks.scale_codes`), their codes, and the greatest scale."""
    scales = load8(room.scales, 0)
    greatest = np.float32(0)
    for number in range(SUB_BLOCKS):
        greatest = max(greatest, room.scales[number])
    step = greatest / np.float32(2 * LARGEST_SUB_SCALE + 1)
    inverse = np.float32(1) / step
    codes = clipped(nearest_int(np.float32(0.5) * (inverse * scales - 1)), 0, LARGEST_SUB_SCALE)
    return step, codes, greatest


@inlined
def write_half(value, blocks, at):
    """Write a float32 as the two bytes of a float16."""
    half = lane(to_half(floats8(value)), 0)
    blocks[at] = half & 0xFF
    blocks[at + 1] = half >> 8


def decoded(name: str) -> Any:
    """What the points of the grid are worth when a block is decoded, flat ``[n, 4]``."""
    return codebooks.decoded_points(name).reshape(-1)


_in_a_row = shuffle(range(8))
_to_sign = constants(range(31, 23, -1), np.int32)


@inlined
def write_eight(points, first, second, signs, step, weights, start):
    """Write the weights of two points from ``start`` on, with a byte of signs."""
    value = _in_a_row(load4(points, 4 * first), load4(points, 4 * second)) * step
    # What is not a number changes its sign too.
    turned = (integers8(np.int32(signs)) << _to_sign()) & _SIGN
    store(weights, start, float_of(bits_of(value) ^ turned))
