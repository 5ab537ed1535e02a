"""IQ1_S: kernels of :mod:`edgedocs.quantizers.iq1_s`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import iq1_s
from edgedocs.quantizers.kernels import mattering, splits
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.memory import load8, store
from edgedocs.quantizers.kernels.reductions import any_of, mask_of
from edgedocs.quantizers.kernels.rounding import clipped, half_at, nearest_int, write_half
from edgedocs.quantizers.kernels.splits import LANES, SHIFT, SUPER_BLOCK
from edgedocs.quantizers.kernels.vectors import absolute, floats8, greater, inlined, integers8, lane, where

BLOCK_BYTES = 50
SIZE, GROUPS, SUB_BLOCKS = iq1_s.SIZE, iq1_s.GROUPS, iq1_s.SUB_BLOCKS
SMALLEST, ADJUSTMENT = iq1_s.SMALLEST, iq1_s.ADJUSTMENT
LARGEST_SUB_SCALE = iq1_s.LARGEST_SUB_SCALE
_UPPER = 34
"""Where this field of a block begins."""

_UP, _DOWN = 1 + SHIFT, 1 - SHIFT
"""What code 2 is worth, shifted up and down; the negative of that is what code 0 is, shifted the other way."""


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    room = splits.room(SIZE)
    sums = np.empty((SIZE + 1) * LANES, np.float32), np.empty((SIZE + 1) * LANES, np.float32)
    above = np.empty(4 * (SIZE + 1) * LANES, np.float32)
    for block in range(len(weights) // SUPER_BLOCK):
        start = block * SUPER_BLOCK
        mattering.from_importance(weights, start, importance, (first + block) % len(importance), room.mattering)
        splits.read(weights, start, 0, SIZE, room)
        if not _encode(room, sums, above, blocks, block * BLOCK_BYTES):
            return False
    return True


@inlined
def _encode(room, sums, above, blocks, at):
    """Encode a super-block; whether that went well."""
    largest = floats8(0)
    for place in range(0, SIZE * LANES, LANES):
        largest = greater(absolute(load8(room.values, place)), largest)
    splits.rank(room, SIZE)
    _sum_up(room, sums, above)
    scale, which = _best(sums, above, largest)
    kept = mask_of((largest >= SMALLEST) & (which >= 0))
    is_up = ((which & 1) == 0) == (scale >= 0)
    for group in range(GROUPS):
        store(room.shift, group * LANES, where(is_up, floats8(SHIFT), -SHIFT))
    down = ~mask_of(is_up) & kept
    if not splits.place(room, SIZE, which >> 16, which >> 8 & 0xFF, scale, kept):
        return False
    _write(room, kept, down, blocks, at)
    return True


@inlined
def _sum_up(room, sums, above):
    """Write the sums of the first 0, 1, … weights in order, and what those after them are worth with code 2."""
    weighted_sums, sums_of_matter = sums
    for place in range(0, SIZE * LANES, LANES):
        store(room.terms, place, load8(room.matter, place) * load8(room.values, place))
    splits.put_in_order(room, SIZE)
    splits.add_up(room.sorted, weighted_sums, SIZE)
    for place in range(0, SIZE * LANES, LANES):
        store(room.terms, place, load8(room.matter, place))
    splits.put_in_order(room, SIZE)
    splits.add_up(room.sorted, sums_of_matter, SIZE)
    for place in range(0, (SIZE + 1) * LANES, LANES):
        weighted = load8(weighted_sums, SIZE * LANES) - load8(weighted_sums, place)
        matter = load8(sums_of_matter, SIZE * LANES) - load8(sums_of_matter, place)
        store(above, 4 * place, weighted * _UP)
        store(above, 4 * place + LANES, matter * _UP * _UP)
        store(above, 4 * place + 2 * LANES, weighted * _DOWN)
        store(above, 4 * place + 3 * LANES, matter * _DOWN * _DOWN)


@inlined
def _best(sums, above, largest):
    """The best scales, and how: first place, second place and shift in bytes, the first the highest; else -1."""
    weighted_sums, sums_of_matter = sums
    score, scale, which = floats8(splits.WORST), largest, integers8(-1)
    for stride in splits.STRIDES:
        if stride == 1:
            score = splits.within_reach(score, load8(sums_of_matter, SIZE * LANES))
            scale, which = largest, integers8(-1)
        for first in range(0, SIZE + 1, stride):
            weighted, matter = load8(weighted_sums, first * LANES), load8(sums_of_matter, first * LANES)
            up, down = -(weighted * _DOWN), -(weighted * _UP)
            norm_up, norm_down = matter * _DOWN * _DOWN, matter * _UP * _UP
            for second in range(first, SIZE + 1, stride):
                place = second * LANES
                middle = (load8(weighted_sums, place) - weighted) * SHIFT
                square = (load8(sums_of_matter, place) - matter) * SHIFT * SHIFT
                product = (up + middle) + load8(above, 4 * place)
                norm = (norm_up + square) + load8(above, 4 * place + LANES)
                other_product = (down - middle) + load8(above, 4 * place + 2 * LANES)
                other_norm = (norm_down + square) + load8(above, 4 * place + 3 * LANES)
                is_better = splits.better(product, norm, score)
                if any_of(is_better | splits.better(other_product, other_norm, score)):
                    number = np.int32(first << 16 | second << 8)
                    score, scale, which = splits.taken(product, norm, number, score, scale, which)
                    score, scale, which = splits.taken(other_product, other_norm, number | 1, score, scale, which)
    return scale, which


@inlined
def _write(room, kept, down, blocks, at):
    """Write a block."""
    scales = load8(room.scale, 0)
    largest = np.float32(0)
    for number in range(SUB_BLOCKS):
        largest = max(largest, room.scale[number])
    step = largest / np.float32(2 * LARGEST_SUB_SCALE + 1)
    inverse = np.float32(1) / step
    codes = clipped(nearest_int(np.float32(0.5) * (inverse * scales - 1)), 0, LARGEST_SUB_SCALE)
    write_half(step * ADJUSTMENT, blocks, at)
    if largest == 0:
        down = 0
    for number in range(SUB_BLOCKS):
        upper = np.int64(lane(codes, number)) << 12 | (down >> number & 1) << 15
        for group in range(GROUPS):
            place = splits.place_of(room.codes[group * LANES + number]) if kept >> number & 1 else 0
            blocks[at + 2 + number * GROUPS + group] = place & 0xFF
            upper |= place >> 8 << 3 * group
        blocks[at + _UPPER + 2 * number] = upper & 0xFF
        blocks[at + _UPPER + 2 * number + 1] = upper >> 8


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        at, start = block * BLOCK_BYTES, block * SUPER_BLOCK
        scale = half_at(blocks, at)
        for number in range(SUB_BLOCKS):
            upper = np.int64(blocks[at + _UPPER + 2 * number]) | np.int64(blocks[at + _UPPER + 2 * number + 1]) << 8
            step = scale * np.float32(2 * (upper >> 12 & 7) + 1)
            shift = -SHIFT if upper & 0x8000 else SHIFT
            for group in range(GROUPS):
                place = np.int64(blocks[at + 2 + number * GROUPS + group]) | (upper >> 3 * group & 7) << 8
                splits.write_eight(place, shift, step, weights, start)
                start += 8
