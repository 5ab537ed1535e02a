"""Kernels of Q4_K and Q5_K: what :mod:`edgedocs.quantizers.super_blocks` does, a super-block a lane.

Arrays for 16 super-blocks are flat: ``[8, 16]`` for what each sub-block has, ``[256, 16]`` for weights.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers.kernels.groups import from_importance, read_groups, read_importance
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.positive import positive
from edgedocs.quantizers.kernels.ranged import ranged
from edgedocs.quantizers.kernels.rounding import clipped, from_half, half_at, nearest_int, to_half
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_float32,
    as_int32,
    as_uint8,
    floats,
    greater,
    inlined,
    square_root,
    where,
)

SUPER_BLOCK = 256
SUB_BLOCKS = 8
SUB_BLOCK_SIZE = 32
LARGEST_SUB_SCALE = 63
HEADER = 16
"""Bytes of a block before the codes: scale, minimum and the codes of both of each sub-block."""

_EACH = SUB_BLOCKS * LANES
_GROUP = SUB_BLOCK_SIZE * LANES


class Found(NamedTuple):
    """What is known of 16 super-blocks on the way."""

    values: Any
    mattering: Any
    tried: Any
    scale: Any
    minimum: Any
    inverse: Any
    origin: Any
    matter: Any
    codes: Any
    header: Any


@inlined
def room():
    """Room for 16 super-blocks."""
    return Found(
        np.empty(SUPER_BLOCK * LANES, np.float32),
        np.empty(SUPER_BLOCK * LANES, np.float32),
        np.empty(_GROUP, np.float32),
        np.empty(_EACH, np.float32),
        np.empty(_EACH, np.float32),
        np.empty(_EACH, np.float32),
        np.empty(_EACH, np.float32),
        np.empty(_EACH, np.float32),
        np.empty(_EACH, np.int32),
        np.empty(HEADER * LANES, np.uint8),
    )


def encoder(block_bytes: int, largest_code: int, first: float, step: float, steps: int) -> Any:
    """A kernel's encoder.

    Args:
        block_bytes: bytes of a block.
        largest_code: of a weight.
        first: what the first step of the search adds to the greatest code.
        step: what each later one adds.
        steps: how many there are.
    """
    top, begin, stride = np.float32(largest_code), np.float32(first), np.float32(step)

    @inlined
    def encode(weights, blocks):
        found = room()
        for start in range(0, len(weights), LANES * SUPER_BLOCK):
            count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
            search(weights, start, count, found, top, begin, stride, steps)
            write_scales(found)
            write_blocks(weights, start, count, found, largest_code, blocks, block_bytes)
        return True

    return encode


def encoder_with(block_bytes: int, largest_code: int) -> Any:
    """A kernel's encoder with importance."""
    top = np.float32(largest_code)

    @inlined
    def encode_with(weights, blocks, importance, first, row_mean_squares):
        found = room()
        for start in range(0, len(weights), LANES * SUPER_BLOCK):
            count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
            search_with(weights, start, count, found, top, importance, first + start // SUPER_BLOCK)
            write_scales_with(found, largest_code > 15)
            write_blocks(weights, start, count, found, largest_code, blocks, block_bytes)
        return True

    return encode_with


def decoder(block_bytes: int, has_fifth_bits: bool) -> Any:
    """A kernel's decoder."""

    @inlined
    def decode(blocks, weights):
        for block in range(len(weights) // SUPER_BLOCK):
            decode_block(blocks, block * block_bytes, has_fifth_bits, weights, block * SUPER_BLOCK)

    return decode


@inlined
def write_blocks(weights, start, count, found, largest_code, blocks, block_bytes):
    """Write the blocks of the super-blocks that begin at weight ``start``."""
    for number in range(count):
        block = start // SUPER_BLOCK + number
        write_block(weights, block * SUPER_BLOCK, found, number, largest_code, blocks, block * block_bytes)


@inlined
def search(weights, start, count, found, largest_code, first, step, steps):
    """Fill in scale, minimum, inverse and origin of all sub-blocks, by magnitudes."""
    for number in range(SUB_BLOCKS):
        read_groups(weights, start + number * SUB_BLOCK_SIZE, SUPER_BLOCK, SUB_BLOCK_SIZE, count, found.values)
        _from_magnitudes(found.values, found.mattering)
        one = ranged(
            found.values, found.mattering, found.tried, SUB_BLOCK_SIZE, largest_code, first, step, steps, False
        )
        _keep(one, number * LANES, found)


@inlined
def search_with(weights, start, count, found, largest_code, importance, block):
    """The same by importance; ``block`` is the number of the first super-block in its tensor."""
    read_groups(weights, start, SUPER_BLOCK, SUPER_BLOCK, count, found.values)
    read_importance(importance, block, SUPER_BLOCK, count, found.mattering)
    mean = np.float32(2) * _squares(found.values, SUPER_BLOCK) / SUPER_BLOCK
    from_importance(found.values, found.mattering, SUPER_BLOCK, mean)
    for number in range(SUB_BLOCKS):
        values = found.values[number * _GROUP : (number + 1) * _GROUP]
        mattering = found.mattering[number * _GROUP : (number + 1) * _GROUP]
        one = ranged(
            values, mattering, found.tried, SUB_BLOCK_SIZE, largest_code, np.float32(-0.9), np.float32(0.05), 36, False
        )
        _keep(one, number * LANES, found)
        matter = floats(0)
        for place in range(0, _GROUP, LANES):
            matter += load(mattering, place)
        store(found.matter, number * LANES, matter)


@inlined
def _keep(one, place, found):
    scale, minimum, inverse, origin = one
    store(found.scale, place, scale)
    store(found.minimum, place, minimum)
    store(found.inverse, place, inverse)
    store(found.origin, place, origin)


@inlined
def _from_magnitudes(values, mattering):
    usual = square_root(_squares(values, SUB_BLOCK_SIZE) / SUB_BLOCK_SIZE)
    for place in range(0, _GROUP, LANES):
        store(mattering, place, usual + absolute(load(values, place)))


@inlined
def _squares(values, size):
    """The sum of squares of each group ``[size, 16]``."""
    squares = floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place)
        squares += value * value
    return squares


@inlined
def write_scales(found):
    """Write the header: each part relative to its greatest. Leaves step and minimum of each sub-block in ``found``."""
    _relative(found.scale, found.codes)
    scale = _half_of_largest(found.scale, found.header, 0)
    _pack_scales(found.codes, found.header)
    _relative(found.minimum, found.codes)
    minimum = _half_of_largest(found.minimum, found.header, 2 * LANES)
    _pack_minimums(found.codes, found.header)
    _unpack_steps(found, scale, minimum)


@inlined
def write_scales_with(found, clips):
    """The same with scale and codes of each part by a search of their own."""
    scale = positive(found.scale, found.matter, found.codes, SUB_BLOCKS, LARGEST_SUB_SCALE)
    half_scale = _write_half(scale, found.header, 0)
    _clip(found.codes, clips)
    _pack_scales(found.codes, found.header)
    minimum = positive(found.minimum, found.matter, found.codes, SUB_BLOCKS, LARGEST_SUB_SCALE)
    half_minimum = _write_half(minimum, found.header, 2 * LANES)
    _clip(found.codes, clips)
    _pack_minimums(found.codes, found.header)
    _unpack_steps(found, half_scale, half_minimum)


@inlined
def _clip(codes, clips):
    if clips:
        for place in range(0, _EACH, LANES):
            code = load(codes, place)
            store(codes, place, where(code < LARGEST_SUB_SCALE, code, LARGEST_SUB_SCALE))


@inlined
def largest_positive(values, size):
    """The greatest of each lane, 0 if none is positive; what is not a number is passed over."""
    largest = floats(0)
    for place in range(0, size * LANES, LANES):
        largest = greater(load(values, place), largest)
    return largest


@inlined
def _relative(values, codes):
    largest = largest_positive(values, SUB_BLOCKS)
    inverse = where(largest > 0, LARGEST_SUB_SCALE / largest, 0)
    for place in range(0, _EACH, LANES):
        code = nearest_int(inverse * load(values, place)) & 0xFF  # in C a byte
        store(codes, place, where(code < LARGEST_SUB_SCALE, code, LARGEST_SUB_SCALE))


@inlined
def _half_of_largest(values, header, place):
    return _write_half(largest_positive(values, SUB_BLOCKS) / LARGEST_SUB_SCALE, header, place)


@inlined
def _write_half(values, header, place):
    """Write float16, and give back what was written as float32."""
    half = to_half(values)
    store(header, place, as_uint8(half))
    store(header, place + LANES, as_uint8(half >> 8))
    return from_half(half)


@inlined
def _pack_scales(codes, header):
    for number in range(4):
        low, high = load(codes, number * LANES), load(codes, (number + 4) * LANES)
        store(header, (4 + number) * LANES, as_uint8(low | high >> 4 << 6))
        store(header, (12 + number) * LANES, as_uint8(high & 0x0F))


@inlined
def _pack_minimums(codes, header):
    for number in range(4):
        low, high = load(codes, number * LANES), load(codes, (number + 4) * LANES)
        store(header, (8 + number) * LANES, as_uint8(low | high >> 4 << 6))
        place = (12 + number) * LANES
        store(header, place, as_uint8(as_int32(load(header, place)) | (high & 0x0F) << 4))


@inlined
def _unpack_steps(found, scale, minimum):
    """What a code is worth in each sub-block, and what is subtracted, from the packed codes."""
    header = found.header
    for number in range(4):
        first = as_int32(load(header, (4 + number) * LANES))
        second = as_int32(load(header, (8 + number) * LANES))
        third = as_int32(load(header, (12 + number) * LANES))
        store(found.scale, number * LANES, scale * as_float32(first & 63))
        store(found.minimum, number * LANES, minimum * as_float32(second & 63))
        place = (number + 4) * LANES
        store(found.scale, place, scale * as_float32(third & 0x0F | first >> 6 << 4))
        store(found.minimum, place, minimum * as_float32(third >> 4 | second >> 6 << 4))


@inlined
def write_block(weights, start, found, number, largest_code, blocks, at):
    """Write one block from ``at`` on: the header, the fifth bits if there are such codes, and pairs of codes."""
    for place in range(HEADER):
        blocks[at + place] = found.header[place * LANES + number]
    has_upper = largest_code > 15
    pairs = at + HEADER + (SUB_BLOCK_SIZE if has_upper else 0)
    for half in range(0, SUB_BLOCK_SIZE, LANES):
        upper = as_int32(floats(0))
        for pair in range(SUB_BLOCKS // 2):
            place = start + 2 * pair * SUB_BLOCK_SIZE + half
            low = _codes(load(weights, place), found, 2 * pair * LANES + number, largest_code)
            high = _codes(load(weights, place + SUB_BLOCK_SIZE), found, (2 * pair + 1) * LANES + number, largest_code)
            store(blocks, pairs + pair * SUB_BLOCK_SIZE + half, as_uint8(low & 0x0F | high << 4))
            upper |= ((low >> 4) | (high >> 4) << 1) << 2 * pair
        if has_upper:
            store(blocks, at + HEADER + half, as_uint8(upper))


@inlined
def _codes(weights, found, place, largest_code):
    """The codes for the final step of the sub-block; those of the search where it is 0."""
    if found.scale[place] != 0:
        value = (weights + found.minimum[place]) / found.scale[place]
    else:
        value = found.inverse[place] * (weights - found.origin[place])
    return clipped(nearest_int(value), 0, largest_code)


@inlined
def decode_block(blocks, at, has_upper, weights, start):
    """Write the weights of the block that begins at ``at`` from ``start`` on."""
    scale, minimum = half_at(blocks, at), half_at(blocks, at + 2)
    pairs = at + HEADER + (SUB_BLOCK_SIZE if has_upper else 0)
    for number in range(SUB_BLOCKS):
        code, minimum_code = _sub_scale(blocks, at + 4, number)
        step, shift = scale * np.float32(code), minimum * np.float32(minimum_code)
        for half in range(0, SUB_BLOCK_SIZE, LANES):
            pair = load(blocks, pairs + number // 2 * SUB_BLOCK_SIZE + half)
            codes = (pair >> 4 * (number & 1)) & 0x0F
            if has_upper:
                upper = load(blocks, at + HEADER + half)
                codes = where(upper & (1 << number) != 0, codes | 16, codes)
            store(weights, start + number * SUB_BLOCK_SIZE + half, as_float32(codes) * step - shift)


@inlined
def _sub_scale(blocks, at, number):
    """The codes of scale and minimum of a sub-block (``get_scale_min_k4``)."""
    if number < 4:
        return blocks[at + number] & 63, blocks[at + 4 + number] & 63
    low = blocks[at + 4 + number]
    return (
        (low & 0x0F) | (blocks[at + number - 4] >> 6 << 4),
        (low >> 4) | (blocks[at + number] >> 6 << 4),
    )
