"""What the kernels of IQ3_XXS and IQ3_S have in common: :mod:`edgedocs.quantizers.quads` and its search.

The search looks at one sub-block at a time. A lane is a step: the same weights, tried with another scale. Several steps
in a row give the same point, so neighbours are looked up once for such a *run* of steps. Those that cannot be best are
left out, see :mod:`.quad_book`. That is right only where rounding to a code is plain and no value is near the border
between two codes. Where one is, all neighbours are looked at; where rounding is not plain, NumPy does the work.

Arrays of a sub-block are ``[4, 8]``, flat: the weights of a point, for each of the points. Those of steps are
``[n, width]``, flat.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, load4, load8, store
from edgedocs.quantizers.kernels.quad_book import ALL, FOUR, LEVELS, OFF_GRID, WIDTH
from edgedocs.quantizers.kernels.reductions import any_of, largest, lowest_bit, mask_of
from edgedocs.quantizers.kernels.rounding import LARGEST_PLAIN, clipped, nearest_int
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_float32,
    bits_of,
    constants,
    float_of,
    floats8,
    greater,
    inlined,
    integers8,
    lane,
    shuffle,
    square_root,
    where,
)

SUPER_BLOCK = 256
SUB_BLOCKS = 8
SUB_BLOCK_SIZE = 32
POINTS = 8
"""Points of a sub-block."""

LARGEST_SUB_SCALE = 15
LARGEST_POINT = np.float32(15)
_BORDER = np.float32(1 - 2.0**-13)
# A code is worth 2. From so far off on a value may be nearer to another code than to its own, by rounding.
_GREATEST = np.finfo(np.float32).max
_SIGN = np.int32(-(2**31))
_SHIFT = np.float32(1.5 * 2**24)
_LOWEST, _HIGHEST = np.float32(-0.5), np.float32(2 * LEVELS - 1.5)


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
        words: the words of codes, ``[8, steps]``.
        nearby: what each code is worth in each step, ``[8, steps]``.
        found: points, ``[8, steps]``.
        near: for each point a bit for each step in which a value is near a border.
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
    words: Any
    nearby: Any
    found: Any
    near: Any
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
        np.zeros(POINTS * lanes, np.int32),
        np.zeros(LEVELS * lanes, np.float32),
        np.zeros(POINTS * lanes, np.int32),
        np.zeros(POINTS, np.int64),
        np.zeros(lanes, np.float32),
        np.zeros(lanes, np.float32),
    )


@inlined
def read(number, room):
    """Read sub-block ``number``; its greatest value, and its greatest magnitude."""
    start = number * SUB_BLOCK_SIZE
    low, high = load(room.magnitudes, start), load(room.magnitudes, start + LANES)
    _transpose(low, high, room.values)
    _transpose(load(room.mattering, start), load(room.mattering, start + LANES), room.matter)
    for place in range(0, SUB_BLOCK_SIZE, WIDTH):
        matter = load8(room.matter, place)
        store(room.root, place, square_root(matter))
        store(room.weighted, place, matter * load8(room.values, place))
    # Of all but negative numbers the order is that of their bits.
    bits = largest(bits_of(greater(low, high)))
    magnitude_bits = largest(bits_of(greater(absolute(low), absolute(high))))
    return lane(float_of(integers8(bits)), 0), lane(float_of(integers8(magnitude_bits)), 0)


_firsts, _seconds, _thirds, _fourths = (shuffle(range(place, 32, 4)) for place in range(4))


@inlined
def _transpose(low, high, values):
    store(values, 0, _firsts(low, high))
    store(values, WIDTH, _seconds(low, high))
    store(values, 2 * WIDTH, _thirds(low, high))
    store(values, 3 * WIDTH, _fourths(low, high))


@inlined
def fit(book, room, numerators, width, steps, greatest, magnitude, redoes_all):
    """Scale and points of a sub-block (:func:`codebooks.fitted`), and whether NumPy would find the same.

    Args:
        book: the codebook.
        room: with the values of the sub-block; ``chosen`` is written.
        numerators: of the inverse scales, ``width`` of them.
        width: a multiple of ``WIDTH``.
        steps: how many of the numerators count.
        greatest: the greatest value.
        magnitude: the greatest magnitude of a value.
        redoes_all: whether all points are rounded again if any is off the grid, or no step was better than the start.
    """
    is_plain = magnitude * (numerators[width - 1] / greatest) <= LARGEST_PLAIN
    _try_all(book, room, numerators, width, greatest)
    best, scale, chosen = np.float32(0), greatest / LARGEST_POINT, -1
    for step in range(steps):
        product, norm = room.product[step], room.norm[step]
        if norm > 0 and product * product > best * norm:
            scale = product / norm
            best = scale * product
            chosen = step
    again = _choose(book, room, width + WIDTH, chosen, redoes_all)
    for place in range(0, POINTS * (width + WIDTH), WIDTH):
        is_plain &= not any_of(load8(room.found, place) == OFF_GRID)
    if again != 0 and scale > 0:
        is_plain &= magnitude / scale <= LARGEST_PLAIN
        scale = _again(book, room, again, scale, width + WIDTH)
        for point in range(POINTS):
            is_plain &= room.chosen[point] != OFF_GRID
    return scale, is_plain and scale == scale


@inlined
def _try_all(book, room, numerators, width, greatest):
    """Write what is found in each step, and its product and norm."""
    lanes = width + WIDTH
    for point in range(POINTS):
        room.near[point] = 0
    for place in range(0, width, WIDTH):
        inverse = load8(numerators, place) / greatest
        _write_nearby(room, place, lanes, 1 / inverse)
        for point in range(POINTS):
            word, is_near = _word(
                room.values[point] * inverse,
                room.values[POINTS + point] * inverse,
                room.values[2 * POINTS + point] * inverse,
                room.values[3 * POINTS + point] * inverse,
            )
            store(room.words, point * lanes + place, word)
            room.near[point] |= mask_of(is_near) << place
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
def _write_nearby(room, place, lanes, scale):
    """Write what each code is worth in 8 steps."""
    for code in range(LEVELS):
        store(room.nearby, code * lanes + place, scale * np.float32(2 * code + 1))


@inlined
def _word(first, second, third, fourth):
    """The words of the codes nearest to four values over the scale, and whether any is near a border."""
    code_1, away_1 = _code(first)
    code_2, away_2 = _code(second)
    code_3, away_3 = _code(third)
    code_4, away_4 = _code(fourth)
    word = (code_1 + (code_2 << 3)) + ((code_3 << 6) + (code_4 << 9))
    return word & 0xFFF, greater(greater(away_1, away_2), greater(away_3, away_4)) > _BORDER


@inlined
def _code(value):
    """``nearest_int(0.5 * (value - 1))`` within 0 and 7, beside upper bits, and how far off twice that is."""
    value = clipped(value - 1, _LOWEST, _HIGHEST)
    # Twice the shift rounds to even numbers, whose halves have the same bits.
    rounded = value + _SHIFT
    return bits_of(rounded), absolute(value - (rounded - _SHIFT))


@inlined
def _find(book, room, point, width):
    """Write what is found for a point in each step."""
    first = point * (width + WIDTH)
    ends = 1 << (width - 1)
    for place in range(0, width, WIDTH):
        differs = load8(room.words, first + place) != load8(room.words, first + place + 1)
        ends |= mask_of(differs) << place
    ends &= (1 << width) - 1
    near = room.near[point]
    start = 0
    while ends:
        end = lowest_bit(ends) + 1
        ends &= ends - 1
        is_near = near >> start << (64 - (end - start)) != 0
        word = room.words[first + start]
        for place in range(start, end, WIDTH):
            # What is written beyond the end is written again.
            store(room.found, first + place, _nearest(book, room, point, place, word, is_near))
        start = end


@inlined
def _nearest(book, room, point, place, word, is_near):
    """The points of least error for 8 steps (``iq3_find_best_neighbour``)."""
    least, found = floats8(_GREATEST), integers8(book.point[np.uint32(word)])
    which = np.uint32(word + ALL if is_near else word)
    for four in range(book.start[which], book.start[which + np.uint32(1)]):
        for number in range(FOUR):
            grid = np.uint32(book.neighbours[np.uint32(FOUR * four + number)])
            error = _term(book, room, point, place, grid, 0)
            for weight in range(1, 4):
                error += _term(book, room, point, place, grid, weight)
            is_better = error < least
            least = where(is_better, error, least)
            found = where(is_better, book.points[grid], found)
    return found


@inlined
def _term(book, room, point, place, grid, weight):
    """What one weight adds to the error of a neighbour."""
    at = weight * POINTS + point
    difference = room.values[at] - load8(room.nearby, book.rows[np.uint32(4) * grid + np.uint32(weight)] + place)
    return room.root[at] * difference * difference


@inlined
def _choose(book, room, lanes, step, redoes_all):
    """Write the points of a step, and tell which are to be rounded again; a step of -1 is none."""
    again = 0xFF if redoes_all and step < 0 else 0
    for point in range(POINTS):
        room.chosen[point] = book.points[0]
        if step >= 0:
            room.chosen[point] = room.found[point * lanes + step]
            if book.point[np.uint32(room.words[point * lanes + step])] == OFF_GRID:
                again |= 0xFF if redoes_all else 1 << point
    return again


@inlined
def _again(book, room, again, scale, lanes):
    """Round those points again that have a bit in ``again``; the new scale."""
    inverse = floats8(np.float32(1) / scale)
    word, is_near = _word(
        load8(room.values, 0) * inverse,
        load8(room.values, POINTS) * inverse,
        load8(room.values, 2 * POINTS) * inverse,
        load8(room.values, 3 * POINTS) * inverse,
    )
    store(room.words, 0, word)
    near = mask_of(is_near)
    _write_nearby(room, 0, lanes, floats8(scale))
    for point in range(POINTS):
        if again >> point & 1:
            found = _nearest(book, room, point, 0, room.words[point], near >> point & 1 != 0)
            room.chosen[point] = lane(found, 0)
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


_in_a_row = shuffle(range(8))
_to_sign = constants(range(31, 23, -1), np.int32)


@inlined
def write_eight(points, first, second, signs, step, weights, start):
    """Write the weights of two points from ``start`` on, with a byte of signs."""
    value = _in_a_row(load4(points, 4 * first), load4(points, 4 * second)) * step
    # What is not a number changes its sign too.
    turned = (integers8(np.int32(signs)) << _to_sign()) & _SIGN
    store(weights, start, float_of(bits_of(value) ^ turned))
