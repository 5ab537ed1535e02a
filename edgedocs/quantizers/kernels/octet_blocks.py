"""What the kernels of IQ2_XXS, IQ2_XS and IQ2_S do around the search: how weights matter, signs, scales, decoding."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import codebooks
from edgedocs.quantizers.kernels import octets
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import at, gather, load, load8, store
from edgedocs.quantizers.kernels.octets import OCTET
from edgedocs.quantizers.kernels.reductions import mask_of
from edgedocs.quantizers.kernels.rounding import nearest_int, to_half
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    bits_of,
    constants,
    float_of,
    floats,
    inlined,
    lane,
    square_root,
    where,
)

SUPER_BLOCK = 256
OCTETS = SUPER_BLOCK // OCTET
LARGEST_SUB_SCALE = 15
SMALLEST = np.float32(1e-15)
"""A sub-block of smaller magnitude counts as zeros."""


_lane_numbers = constants(range(LANES), np.int32)


class Found(NamedTuple):
    """What is found of 16 sub-blocks, which are one super-block or two.

    Attributes:
        means: the mean square of 16 super-blocks, times a factor.
        signs: a byte for each octet.
        index: the place of each octet's point.
        scales: of each sub-block.
        codes: of the scales of one super-block.
    """

    means: Any
    signs: Any
    index: Any
    scales: Any
    codes: Any


@inlined
def found_room(size):
    """Room for what is found of so many octets."""
    return Found(
        np.empty(LANES, np.float32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.zeros(LANES, np.float32),
        np.empty(LANES, np.int32),
    )


def padded(numerators: Any) -> Any:
    """The numerators of the steps of a search, in whole eights."""
    return np.concatenate([numerators, np.ones(-len(numerators) % 8, np.float32)])


@inlined
def mean_squares(weights, start, count, factor, means):
    """Write the mean square of each of up to 16 super-blocks, times a factor, to ``means``."""
    number = _lane_numbers()
    begin = where(number < count, number, count - 1) * SUPER_BLOCK + start
    squares = floats(0)
    for place in range(SUPER_BLOCK):
        value = gather(weights, begin + place)
        squares += value * value
    store(means, 0, factor * squares / SUPER_BLOCK)


@inlined
def matter_with(weights, start, importance, mean, mattering, first):
    """Write how much each weight of a super-block matters, given the importance of the columns."""
    for place in range(0, SUPER_BLOCK, LANES):
        value = load(weights, start + place)
        store(mattering, first + place, load(importance, place) * square_root(mean + value * value))


@inlined
def split_signs(weights, start, are_even, room, first, signs):
    """Split a super-block into magnitudes and signs (``magnitudes_and_signs``, ``magnitudes_and_even_signs``).

    Args:
        weights: the weights.
        start: where the super-block begins.
        are_even: whether the number of negative signs of an octet is to be even.
        room: where ``mattering`` is known, and what depends on magnitudes is written.
        first: where in ``room`` the super-block begins.
        signs: where to write a byte for each octet, from ``first // 8`` on.
    """
    for place in range(0, SUPER_BLOCK, LANES):
        value, matter = absolute(load(weights, start + place)), load(room.mattering, first + place)
        store(room.values, first + place, value)
        store(room.weighted, first + place, matter * value)
        store(room.roots, first + place, square_root(matter))
    for place in range(0, SUPER_BLOCK, OCTET):
        negative = mask_of(load8(weights, start + place) < 0)
        if are_even:
            parity = negative ^ negative >> 4
            parity ^= parity >> 2
            parity ^= parity >> 1
            if parity & 1:
                weight = _cheapest(room.values, room.mattering, first + place)
                negative ^= 1 << weight
                room.values[first + place + weight] *= np.float32(-1)
                room.weighted[first + place + weight] *= np.float32(-1)
            negative &= 127
        signs[(first + place) // OCTET] = negative


@inlined
def _cheapest(values, mattering, first):
    """The weight of an octet whose sign costs least."""
    weight = 0
    least = at(mattering, first) * at(values, first) * at(values, first)
    for number in range(1, OCTET):
        value = at(values, first + number)
        cost = at(mattering, first + number) * value * value
        weight = number if cost < least else weight
        least = cost if cost < least else least
    return weight


@inlined
def largest_of(values, first, size):
    """The greatest of a sub-block."""
    largest = load8(values, first)
    for octet in range(1, size):
        value = load8(values, first + octet * OCTET)
        largest = where(value > largest, value, largest)
    result = lane(largest, 0)
    for number in range(1, OCTET):
        result = max(result, lane(largest, number))
    return result


@inlined
def keep(found, sub_block, size, scale, all_signs):
    """Keep the scale of a sub-block; a negative one turns all signs over."""
    found.scales[sub_block] = abs(scale)
    if scale < 0:
        for octet in range(sub_block * size, (sub_block + 1) * size):
            found.signs[octet] ^= all_signs


@inlined
def keep_zeros(found, sub_block, size):
    """Keep that a sub-block counts as zeros."""
    found.scales[sub_block] = 0
    for octet in range(sub_block * size, (sub_block + 1) * size):
        found.signs[octet] = found.index[octet] = 0


@inlined
def search_pairs(book, room, found, numerators, steps, smallest, all_signs):
    """Find scales, points and signs of the 16 sub-blocks of a super-block; whether all went well."""
    for sub_block in range(LANES):
        first = sub_block * 2 * OCTET
        largest = largest_of(room.values, first, 2)
        if largest >= smallest:
            scale, well = octets.fitted(
                book, room, first, 2, numerators, steps, largest / np.float32(5), largest, False, found.index
            )
            if not well:
                return False
            keep(found, sub_block, 2, scale, all_signs)
        else:
            keep_zeros(found, sub_block, 2)
    return True


@inlined
def scale_codes(found, first, count):
    """Write the codes of ``count`` scales; give their step, and the greatest scale (``codebooks.scale_codes``)."""
    largest = np.float32(0)
    for sub_block in range(count):
        largest = max(largest, at(found.scales, first + sub_block))
    step = largest / np.float32(2 * LARGEST_SUB_SCALE + 1)
    for part in range(0, count, 8):
        scales = load8(found.scales, first + part)
        codes = nearest_int(np.float32(0.5) * (np.float32(1) / step * scales - 1))
        codes = where(codes > 0, codes, 0)
        store(found.codes, part, where(codes < LARGEST_SUB_SCALE, codes, LARGEST_SUB_SCALE))
    return step, largest


@inlined
def write_half(value, blocks, place):
    """Write a float16."""
    half = lane(to_half(floats(value)), 0)
    blocks[place] = half & 0xFF
    blocks[place + 1] = half >> 8


@inlined
def write_scale_codes(found, blocks, place):
    """Write the codes of the 16 scales of a super-block, two to a byte."""
    for pair in range(LANES // 2):
        blocks[place + pair] = found.codes[2 * pair] | found.codes[2 * pair + 1] << 4


@inlined
def pair_step(scale, blocks, place, octet):
    """What a point is worth in the sub-block of an octet, given where the codes of 16 scales are."""
    codes = np.int64(at(blocks, place + octet // 4))
    return sub_step(scale, codes >> 4 * (octet // 2 % 2) & 15)


@inlined
def sub_step(scale, code):
    """What a point is worth, given the code of the sub-block's scale."""
    return scale * (np.float32(0.5) + np.float32(code)) * np.float32(0.25)


@inlined
def decode_octet(points, index, step, factors, signs, weights, place):
    """Write the 8 weights of an octet."""
    value = load8(points, index * OCTET) * step
    store(weights, place, float_of(bits_of(value) ^ load8(factors, signs * OCTET)))


def sign_bits(factors: Any) -> Any:
    """The sign bits of factors of 1 and -1, flat int32."""
    return (factors.view(np.int32) & np.int32(-(2**31))).reshape(-1)


def decoded_points(name: str) -> Any:
    """What the codes of the points are worth, flat."""
    return codebooks.decoded_points(name).reshape(-1)
