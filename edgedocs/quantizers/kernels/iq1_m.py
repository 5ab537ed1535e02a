"""IQ1_M: kernels of :mod:`edgedocs.quantizers.iq1_m`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import iq1_m
from edgedocs.quantizers.kernels import mattering, splits
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.memory import load, load8, store
from edgedocs.quantizers.kernels.reductions import any_of, mask_of
from edgedocs.quantizers.kernels.rounding import clipped, from_half, nearest_int, to_half
from edgedocs.quantizers.kernels.splits import LANES, SHIFT, SUPER_BLOCK
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_float32,
    constants,
    floats,
    floats8,
    greater,
    inlined,
    integers,
    integers8,
    lane,
    where,
)

BLOCK_BYTES = 56
SIZE, GROUPS, SUB_BLOCKS = iq1_m.SIZE, iq1_m.GROUPS, iq1_m.SUB_BLOCKS
SMALLEST, ADJUSTMENT = iq1_m.SMALLEST, iq1_m.ADJUSTMENT
LARGEST_SUB_SCALE = iq1_m.LARGEST_SUB_SCALE
_UPPER, _SCALES = 32, 48
"""Where these fields of a block begin."""

_UP, _DOWN = 1 + SHIFT, 1 - SHIFT
"""What code 2 is worth, shifted up and down."""

_LOWER_UP, _LOWER_DOWN = _DOWN * _DOWN - SHIFT * SHIFT, _UP * _UP - SHIFT * SHIFT
"""By how much the square of what code 0 is worth is greater than that of code 1, shifted up and down."""

_ROW = (SIZE + 1) * LANES
_in_half = constants([0] * 8 + [1] * 8, np.int32)
_shifts = constants(range(0, 32, 2), np.int32)


class _Found(NamedTuple):
    """What is known of a super-block on the way.

    Attributes:
        sums: the sums of the first 0, 1, … weights in order, ``[4, 17, 8]``: weighted ones of the first and of the
            second half of the sub-blocks, then those of how they matter.
        above: what the latter are worth, ``[4, 17, 8]``: of the first half if shifted up, down, of the second.
        products: of each weight with what its code is worth.
        squares: of what its code is worth.
        scale: of each sub-block.
        codes: of the weights of each sub-block, packed.
        down: for each sub-block a bit for each half that is shifted down.
    """

    sums: Any
    above: Any
    products: Any
    squares: Any
    scale: Any
    codes: Any
    down: Any


@inlined
def _room():
    return _Found(
        np.empty(4 * _ROW, np.float32),
        np.empty(4 * _ROW, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUB_BLOCKS, np.float32),
        np.empty(SUB_BLOCKS, np.int64),
        np.empty(SUB_BLOCKS, np.int64),
    )


@kernel
def encode(weights, blocks):
    room, found = splits.room(SIZE), _room()
    for block in range(len(weights) // SUPER_BLOCK):
        mattering.from_squares(weights, block * SUPER_BLOCK, room.mattering)
        if not _encode(weights, block * SUPER_BLOCK, room, found, blocks, block * BLOCK_BYTES):
            return False
    return True


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    room, found = splits.room(SIZE), _room()
    for block in range(len(weights) // SUPER_BLOCK):
        start = block * SUPER_BLOCK
        mattering.from_importance(weights, start, importance, (first + block) % len(importance), room.mattering)
        if not _encode(weights, start, room, found, blocks, block * BLOCK_BYTES):
            return False
    return True


@inlined
def _encode(weights, start, room, found, blocks, at):
    """Encode a super-block; whether that went well."""
    for first in range(0, SUB_BLOCKS, LANES):
        splits.read(weights, start, first * SIZE, SIZE, room)
        if not _search(room, found, first):
            return False
    largest = np.float32(0)
    for number in range(SUB_BLOCKS):
        largest = max(largest, found.scale[number])
    step = largest / np.float32(2 * LARGEST_SUB_SCALE + 1)
    inverse = np.float32(1) / step
    codes = clipped(nearest_int(np.float32(0.5) * (inverse * load(found.scale, 0) - 1)), 0, LARGEST_SUB_SCALE)
    scale = _scale(weights, start, room, found, codes, step)
    _write(found, codes, scale, largest == 0, blocks, at)
    return True


@inlined
def _search(room, found, first):
    """Find scale and codes of 8 sub-blocks; whether that went well."""
    largest = floats8(0)
    for place in range(0, SIZE * LANES, LANES):
        largest = greater(absolute(load8(room.values, place)), largest)
    splits.rank(room, SIZE)
    _sum_up(room, found)
    scale, which = _best(found, largest)
    kept = mask_of((largest >= SMALLEST) & (which >= 0))
    # In C the shifts change with the sign of the scale, as the codes do.
    down = where(scale < 0, 3 - which, which) & 3
    store(room.shift, 0, where(down >= 2, floats8(-SHIFT), SHIFT))
    store(room.shift, LANES, where((down & 1) != 0, floats8(-SHIFT), SHIFT))
    if not splits.place(room, SIZE, which >> 16, which >> 8 & 0xFF, scale, kept):
        return False
    for number in range(LANES):
        is_kept = kept >> number & 1
        found.scale[first + number] = room.scale[number]
        low = np.int64(room.codes[number]) if is_kept else np.int64(splits.BOOK.points[0])
        high = np.int64(room.codes[LANES + number]) if is_kept else np.int64(splits.BOOK.points[0])
        found.codes[first + number] = low | high << 16
        both = np.int64(lane(down, number))
        found.down[first + number] = both >> 1 | (both & 1) << 1 if is_kept else 0
    return True


@inlined
def _sum_up(room, found):
    """Write all sums."""
    for kind in range(4):
        for place in range(0, SIZE * LANES, LANES):
            value = load8(room.matter, place)
            if kind < 2:
                value *= load8(room.values, place)
            is_of_half = place // (SIZE // 2 * LANES) == kind % 2
            store(room.terms, place, value if is_of_half else floats8(0))
        splits.put_in_order(room, SIZE)
        splits.add_up(room.sorted, found.sums[kind * _ROW : (kind + 1) * _ROW], SIZE)
    for place in range(0, _ROW, LANES):
        for half in range(2):
            matter = load8(found.sums, (2 + half) * _ROW + place)
            store(found.above, 2 * half * _ROW + place, matter * -_LOWER_DOWN)
            store(found.above, (2 * half + 1) * _ROW + place, matter * -_LOWER_UP)


@inlined
def _best(found, largest):
    """The best scales, and how: both places and the kind of shifts, a byte each, the first the highest; else -1."""
    sums = found.sums
    last = SIZE * LANES
    total, other_total = load8(sums, last), load8(sums, _ROW + last)
    total_up, total_down, other_up, other_down = total * _UP, total * _DOWN, other_total * _UP, other_total * _DOWN
    matter, other_matter = load8(sums, 2 * _ROW + last), load8(sums, 3 * _ROW + last)
    score, scale, which = floats8(splits.WORST), largest, integers8(-1)
    for stride in splits.STRIDES:
        if stride == 1:
            score = splits.within_reach(score, matter + other_matter)
            scale, which = largest, integers8(-1)
        for first in range(0, _ROW, stride * LANES):
            weighted, other_weighted = load8(sums, first), load8(sums, _ROW + first)
            below, other_below = load8(sums, 2 * _ROW + first), load8(sums, 3 * _ROW + first)
            norm_up, norm_down = matter * _UP * _UP + below * _LOWER_UP, matter * _DOWN * _DOWN + below * _LOWER_DOWN
            other_norm_up = other_matter * _UP * _UP + other_below * _LOWER_UP
            other_norm_down = other_matter * _DOWN * _DOWN + other_below * _LOWER_DOWN
            for second in range(first, _ROW, stride * LANES):
                product = weighted + load8(sums, second)
                other_product = other_weighted + load8(sums, _ROW + second)
                up, down = total_up - product, total_down - product
                up_2, down_2 = other_up - other_product, other_down - other_product
                up_norm = norm_up + load8(found.above, second)
                down_norm = norm_down + load8(found.above, _ROW + second)
                up_norm_2 = other_norm_up + load8(found.above, 2 * _ROW + second)
                down_norm_2 = other_norm_down + load8(found.above, 3 * _ROW + second)
                is_better = splits.better(up + up_2, up_norm + up_norm_2, score)
                is_better |= splits.better(up + down_2, up_norm + down_norm_2, score)
                is_better |= splits.better(down + up_2, down_norm + up_norm_2, score)
                is_better |= splits.better(down + down_2, down_norm + down_norm_2, score)
                if any_of(is_better):
                    number = np.int32(first // LANES << 16 | second // LANES << 8)
                    score, scale, which = splits.taken(up + up_2, up_norm + up_norm_2, number, score, scale, which)
                    score, scale, which = splits.taken(
                        up + down_2, up_norm + down_norm_2, number | 1, score, scale, which
                    )
                    score, scale, which = splits.taken(
                        down + up_2, down_norm + up_norm_2, number | 2, score, scale, which
                    )
                    score, scale, which = splits.taken(
                        down + down_2, down_norm + down_norm_2, number | 3, score, scale, which
                    )
    return scale, which


@inlined
def _scale(weights, start, room, found, codes, step):
    """The scale of the super-block that fits best to all codes."""
    for number in range(SUB_BLOCKS):
        packed = (integers(np.int32(found.codes[number])) >> _shifts()) & 3
        is_down = (integers(np.int32(found.down[number])) >> _in_half() & 1) != 0
        worth = as_float32(packed - 1) + where(is_down, floats(-SHIFT), SHIFT)
        scaled = worth * np.float32(2 * lane(codes, number) + 1)
        place = number * SIZE
        weighted = load(room.mattering, place) * scaled
        store(found.products, place, weighted * load(weights, start + place))
        store(found.squares, place, weighted * scaled)
    product = norm = np.float32(0)
    for place in range(SUPER_BLOCK):
        product += found.products[place]
        norm += found.squares[place]
    return product / norm if norm > 0 else step


@inlined
def _write(found, codes, scale, is_zero, blocks, at):
    """Write a block."""
    for number in range(SUB_BLOCKS):
        upper = np.int64(0)
        for half in range(2):
            place = splits.place_of(found.codes[number] >> 16 * half & 0xFFFF)
            blocks[at + 2 * number + half] = place & 0xFF
            is_down = 0 if is_zero else found.down[number] >> half & 1
            upper |= (place >> 8 | is_down << 3) << 4 * half
        blocks[at + _UPPER + number] = upper
    bits = lane(to_half(floats(scale * ADJUSTMENT)), 0)
    for word in range(4):
        joined = (bits >> 4 * word & 0x0F) << 12
        for number in range(4):
            joined |= lane(codes, 4 * word + number) << 3 * number
        if is_zero:
            joined = 0
        blocks[at + _SCALES + 2 * word] = joined & 0xFF
        blocks[at + _SCALES + 2 * word + 1] = joined >> 8


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        at, start = block * BLOCK_BYTES, block * SUPER_BLOCK
        bits = np.int32(0)
        for word in range(4):
            bits |= np.int32(blocks[at + _SCALES + 2 * word + 1] >> 4) << 4 * word
        scale = lane(from_half(integers(bits)), 0)
        for number in range(SUB_BLOCKS):
            word = at + _SCALES + number // 4 * 2
            joined = np.int64(blocks[word]) | np.int64(blocks[word + 1]) << 8
            step = scale * np.float32(2 * (joined >> 3 * (number % 4) & 7) + 1)
            upper = np.int64(blocks[at + _UPPER + number])
            for half in range(2):
                place = np.int64(blocks[at + 2 * number + half]) | (upper >> 4 * half & 7) << 8
                splits.write_eight(place, -SHIFT if upper >> 4 * half & 8 else SHIFT, step, weights, start)
                start += 8
