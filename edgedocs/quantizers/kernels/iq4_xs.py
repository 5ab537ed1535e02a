"""IQ4_XS: kernels of :mod:`edgedocs.quantizers.iq4_xs`. Lanes are the 16 sub-blocks of two super-blocks."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels import nonlinear
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.groups import from_importance, read_groups, read_importance, square_sums
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import store
from edgedocs.quantizers.kernels.nonlinear import GROUP_SIZE
from edgedocs.quantizers.kernels.rounding import clipped, half_at, nearest_int, to_half
from edgedocs.quantizers.kernels.vectors import as_float32, constants, floats, inlined, lane, where

SUPER_BLOCK = 256
SUB_BLOCKS = 8
BLOCK_BYTES = 136
UPPER, LOWER, PAIRS = 2, 4, 8
"""Where these begin in a block; the scale comes first."""
ZERO_SUB_SCALE = 32

_numbers = constants(range(LANES), np.int32)


@kernel
def encode(weights, blocks):
    found, inverse, codes = nonlinear.room(), np.empty(LANES, np.float32), np.empty(LANES, np.int32)
    for start in range(0, len(weights), LANES * GROUP_SIZE):
        count = min(LANES, (len(weights) - start) // GROUP_SIZE)
        read_groups(weights, start, GROUP_SIZE, GROUP_SIZE, count, found.groups)
        nonlinear.from_squares(found)
        _write(weights, start, count, nonlinear.scales(found), inverse, codes, blocks)
    return True


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    found, inverse, codes = nonlinear.room(), np.empty(LANES, np.float32), np.empty(LANES, np.int32)
    means = np.empty(LANES, np.float32)
    for start in range(0, len(weights), LANES * GROUP_SIZE):
        if start % (LANES * SUPER_BLOCK) == 0:
            known = min(LANES, (len(weights) - start) // SUPER_BLOCK)
            squares = square_sums(weights, start, SUPER_BLOCK, known, found.groups)
            store(means, 0, squares * np.float32(2 / SUPER_BLOCK))
        count = min(LANES, (len(weights) - start) // GROUP_SIZE)
        block = start // SUPER_BLOCK
        read_groups(weights, start, GROUP_SIZE, GROUP_SIZE, count, found.groups)
        read_importance(importance, (first + block) * SUB_BLOCKS, GROUP_SIZE, count, found.mattering)
        mean = _of_both(means[block % LANES], means[block % LANES + 1])
        from_importance(found.groups, found.mattering, GROUP_SIZE, mean)
        _write(weights, start, count, nonlinear.scales(found), inverse, codes, blocks)
    return True


@inlined
def _of_both(first, second):
    """What the sub-blocks of either super-block have."""
    return where(_numbers() < SUB_BLOCKS, floats(first), floats(second))


@inlined
def _write(weights, start, count, scales, inverse, codes, blocks):
    store(inverse, 0, scales)
    scale = -_of_both(_largest(inverse, 0), _largest(inverse, SUB_BLOCKS)) / np.float32(ZERO_SUB_SCALE)
    inverse_scale = where(scale != 0, 1 / scale, 0)
    sub_scales = clipped(nearest_int(inverse_scale * scales), -ZERO_SUB_SCALE, ZERO_SUB_SCALE - 1)
    step = scale * as_float32(sub_scales)
    store(inverse, 0, where(step != 0, 1 / step, 0))
    store(codes, 0, sub_scales + ZERO_SUB_SCALE)
    halves = to_half(scale)
    for number in range(count // SUB_BLOCKS):
        at = (start // SUPER_BLOCK + number) * BLOCK_BYTES
        half = lane(halves, number * SUB_BLOCKS)
        blocks[at], blocks[at + 1] = np.uint8(half), np.uint8(half >> 8)
        _write_sub_scales(codes, number * SUB_BLOCKS, blocks, at)
        for row in range(SUB_BLOCKS):
            place = start + number * SUPER_BLOCK + row * GROUP_SIZE
            step_inverse = inverse[number * SUB_BLOCKS + row]
            nonlinear.write_pairs(weights, place, step_inverse, blocks, at + PAIRS + row * LANES)


@inlined
def _largest(scales, start):
    """The scale of greatest magnitude of a super-block, the first of such; what is not a number is passed over."""
    largest = np.float32(0)
    for place in range(start, start + SUB_BLOCKS):
        if abs(scales[place]) > abs(largest):
            largest = scales[place]
    return largest


@inlined
def _write_sub_scales(codes, start, blocks, at):
    upper = np.int32(0)
    for place in range(SUB_BLOCKS):
        upper |= codes[start + place] >> 4 << 2 * place
    blocks[at + UPPER], blocks[at + UPPER + 1] = np.uint8(upper), np.uint8(upper >> 8)
    for pair in range(SUB_BLOCKS // 2):
        low, high = codes[start + 2 * pair], codes[start + 2 * pair + 1]
        blocks[at + LOWER + pair] = np.uint8(low & 0x0F | high << 4)


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        at = block * BLOCK_BYTES
        scale = half_at(blocks, at)
        for row in range(SUB_BLOCKS):
            lower = np.int32(blocks[at + LOWER + row // 2]) >> 4 * (row & 1) & 0x0F
            upper = np.int32(blocks[at + UPPER + row // 4]) >> 2 * (row & 3) & 3
            step = scale * np.float32((lower | upper << 4) - ZERO_SUB_SCALE)
            place = block * SUPER_BLOCK + row * GROUP_SIZE
            nonlinear.decode_pairs(blocks, at + PAIRS + row * LANES, step, weights, place)
