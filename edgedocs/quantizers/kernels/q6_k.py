"""Q6_K: kernels of :mod:`edgedocs.quantizers.q6_k`. Lanes are the 16 sub-blocks of a super-block."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers.kernels import signed
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.groups import read_groups
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import flattened, load, store
from edgedocs.quantizers.kernels.reductions import first_true, largest
from edgedocs.quantizers.kernels.rounding import clipped, from_half, half_at, nearest_int, to_half
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_float32,
    as_int8,
    as_uint8,
    bits_of,
    floats,
    inlined,
    lane,
    where,
)

SUPER_BLOCK = 256
SUB_BLOCK_SIZE = 16
BLOCK_BYTES = 210
UPPER, SUB_SCALES, SCALE = 128, 192, 208
"""Where these begin in a block; the lower bits of the codes come first."""
ZERO_CODE = 32


class Found(NamedTuple):
    """What is known of a super-block on the way: of each weight, then of each sub-block."""

    values: Any
    importance: Any
    weighted: Any
    step: Any
    inverse: Any
    zero_code: Any


@inlined
def _room():
    return Found(
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.int32),
    )


@kernel
def encode(weights, blocks):
    found = _room()
    for block in range(len(weights) // SUPER_BLOCK):
        start = block * SUPER_BLOCK
        read_groups(weights, start, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.values)
        for place in range(0, SUPER_BLOCK, LANES):
            value = load(found.values, place)
            store(found.importance, place, value * value)
            store(found.weighted, place, value * value * value)
        _write(weights, start, found, blocks, block * BLOCK_BYTES)
    return True


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    found = _room()
    columns = flattened(importance)
    for block in range(len(weights) // SUPER_BLOCK):
        start = block * SUPER_BLOCK
        column = (first + block) % len(importance) * SUPER_BLOCK
        read_groups(weights, start, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.values)
        read_groups(columns, column, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.importance)
        for place in range(0, SUPER_BLOCK, LANES):
            store(found.weighted, place, load(found.importance, place) * load(found.values, place))
        _write(weights, start, found, blocks, block * BLOCK_BYTES)
    return True


@inlined
def _write(weights, start, found, blocks, at):
    """Search the scales of a super-block, and write its block from ``at`` on."""
    scale, inverse, zero_code = signed.signed(
        found.values, found.importance, found.weighted, SUB_BLOCK_SIZE, ZERO_CODE, True
    )
    magnitude = absolute(scale)
    bits = bits_of(where(magnitude >= 0, magnitude, 0))  # what is not a number is passed over
    greatest = largest(bits)
    largest_scale = lane(scale, first_true(bits == greatest))
    store(found.inverse, 0, inverse)
    store(found.zero_code, 0, zero_code)
    inverse_scale = np.float32(-128) / floats(largest_scale)
    half = to_half(1 / inverse_scale)
    blocks[at + SCALE] = np.uint8(lane(half, 0))
    blocks[at + SCALE + 1] = np.uint8(lane(half, 0) >> 8)
    sub_scale = nearest_int(inverse_scale * scale)
    sub_scale = as_int8(where(sub_scale < 127, sub_scale, 127))
    store(blocks, at + SUB_SCALES, as_uint8(sub_scale))
    store(found.step, 0, from_half(half) * as_float32(sub_scale))
    _write_codes(weights, start, found, blocks, at)
    if not abs(largest_scale) >= signed.SMALLEST:
        for place in range(at, at + BLOCK_BYTES):
            blocks[place] = 0


@inlined
def _write_codes(weights, start, found, blocks, at):
    for half in range(2):
        for part in range(2):
            row = 8 * half + part
            first = _codes(weights, start, found, row)
            second = _codes(weights, start, found, row + 2)
            third = _codes(weights, start, found, row + 4)
            fourth = _codes(weights, start, found, row + 6)
            place = at + 64 * half + LANES * part
            store(blocks, place, as_uint8(first & 0x0F | third << 4))
            store(blocks, place + 32, as_uint8(second & 0x0F | fourth << 4))
            upper = first >> 4 | second >> 4 << 2 | third >> 4 << 4 | fourth >> 4 << 6
            store(blocks, at + UPPER + 32 * half + LANES * part, as_uint8(upper))


@inlined
def _codes(weights, start, found, row):
    """The codes of a sub-block for its final step; those of the search where it is 0."""
    values = load(weights, start + row * SUB_BLOCK_SIZE)
    if found.step[row] != 0:
        return clipped(nearest_int(values / found.step[row]), -ZERO_CODE, ZERO_CODE - 1) + ZERO_CODE
    return signed.codes(values, found.inverse[row], found.zero_code[row], ZERO_CODE)


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        at, start = block * BLOCK_BYTES, block * SUPER_BLOCK
        scale = half_at(blocks, at + SCALE)
        for half in range(2):
            for part in range(2):
                row = 8 * half + part
                place = at + 64 * half + LANES * part
                lower, lower_next = load(blocks, place), load(blocks, place + 32)
                upper = load(blocks, at + UPPER + 32 * half + LANES * part)
                _decode(lower & 0x0F | (upper & 0x03) << 4, blocks, at, scale, row, weights, start)
                _decode(lower_next & 0x0F | (upper & 0x0C) << 2, blocks, at, scale, row + 2, weights, start)
                _decode(lower >> 4 | upper & 0x30, blocks, at, scale, row + 4, weights, start)
                _decode(lower_next >> 4 | (upper & 0xC0) >> 2, blocks, at, scale, row + 6, weights, start)


@inlined
def _decode(codes, blocks, at, scale, row, weights, start):
    step = scale * np.float32(np.int8(blocks[at + SUB_SCALES + row]))
    store(weights, start + row * SUB_BLOCK_SIZE, as_float32(as_int8(codes) - ZERO_CODE) * step)
