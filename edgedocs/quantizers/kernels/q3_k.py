"""Q3_K: kernels of :mod:`edgedocs.quantizers.q3_k`.

Lanes are the 16 sub-blocks of a super-block; those that must be searched are put together from several super-blocks.
Where there is importance, 16 super-blocks are worked on at a time, for the scales of their scales are searched with a
super-block a lane.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers.kernels import signed
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.descended import SIDE_BY_SIDE, descended, plain_code, plain_scales
from edgedocs.quantizers.kernels.groups import from_importance, read_groups, read_scattered, square_sums
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import flattened, load, store
from edgedocs.quantizers.kernels.reductions import any_of, first_true, largest, lowest_bit, mask_of
from edgedocs.quantizers.kernels.rounding import clipped, from_half, half_at, nearest_int, to_half
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_float32,
    as_int8,
    as_int32,
    as_uint8,
    bits_of,
    constants,
    floats,
    inlined,
    integers,
    lane,
    shuffle,
    where,
)

AT_A_TIME = 32
"""Super-blocks; so many have enough sub-blocks left to search that few are searched for nothing."""

SUPER_BLOCK = 256
SUB_BLOCK_SIZE = 16
BLOCK_BYTES = 110
QUARTERS, SUB_SCALES, JOINED, SCALE = 32, 96, 104, 108
"""Where these begin in a block; the upper bits of the codes come first, ``JOINED`` are those of the sub-scales."""
ZERO_CODE = 4
ZERO_SUB_SCALE = 32

_FIRST_EIGHT = shuffle(range(8))
_LAST_EIGHT = shuffle(range(8, 16))
_FIRST_FOUR = shuffle(range(4))
_LAST_FOUR = shuffle(range(4, 8))
_SHIFTS = constants([2 * (row // 4) for row in range(LANES)], np.int32)


class Found(NamedTuple):
    """What is known on the way: of the weights of 16 sub-blocks, or four times as many; then of the sub-blocks of 16
    super-blocks."""

    values: Any
    importance: Any
    weighted: Any
    tried: Any
    codes: Any
    scale: Any
    inverse: Any
    zero_code: Any
    matter: Any
    sub_scales: Any
    turned: Any
    means: Any
    halves: Any
    step: Any


class Known(NamedTuple):
    """What is known of the sub-blocks of :data:`AT_A_TIME` super-blocks.

    Attributes:
        scale: their scales.
        inverse: what their weights are multiplied with to become plain codes.
        searched: which one of those left it was, or -1 where no code changes.
        left: the numbers of those left to search.
        codes: the codes of those, 16 each.
        starts: where 16 of them begin.
    """

    scale: Any
    inverse: Any
    searched: Any
    left: Any
    codes: Any
    starts: Any


@inlined
def _known():
    return Known(
        np.empty(AT_A_TIME * LANES, np.float32),
        np.empty(AT_A_TIME * LANES, np.float32),
        np.empty(AT_A_TIME * LANES, np.int32),
        np.empty(AT_A_TIME * LANES, np.int32),
        np.empty(AT_A_TIME * SUPER_BLOCK, np.float32),
        np.empty(LANES, np.int64),
    )


@inlined
def _room(count):
    """Room to search ``count`` super-blocks side by side."""
    return Found(
        np.empty(count * SUPER_BLOCK, np.float32),
        np.empty(count * SUPER_BLOCK, np.float32),
        np.empty(count * SUPER_BLOCK, np.float32),
        np.empty(count * SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.zeros(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.int32),
        np.zeros(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.int32),
        np.empty(SUPER_BLOCK, np.int32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.int32),
        np.empty(LANES, np.float32),
    )


@kernel
def encode(weights, blocks):
    found, known = _room(SIDE_BY_SIDE), _known()
    count = len(weights) // SUPER_BLOCK
    for first in range(0, count, AT_A_TIME):
        last = min(first + AT_A_TIME, count)
        left = 0
        for block in range(first, last):
            place = (block - first) * LANES
            read_groups(weights, block * SUPER_BLOCK, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.values)
            scale, inverse, changed = plain_scales(found.values, SUB_BLOCK_SIZE, ZERO_CODE)
            store(known.scale, place, scale)
            store(known.inverse, place, inverse)
            store(known.searched, place, integers(-1))
            left = _append(known.left, left, mask_of(changed != 0), place)
        for number in range(0, left, SIDE_BY_SIDE * LANES):
            _search(weights, first * SUPER_BLOCK, number, left, known, found)
        for block in range(first, last):
            _write(weights, block, (block - first) * LANES, known, found, blocks)
    return True


@inlined
def _append(numbers, count, mask, first):
    """Append the numbers of sub-blocks, 16 from ``first`` on, whose bit is set; the new count."""
    while mask != 0:
        numbers[count] = first + lowest_bit(mask)
        count += 1
        mask &= mask - 1
    return count


@inlined
def _search(weights, start, number, left, known, found):
    """Search the 64 sub-blocks from number ``number`` on of those that are left; beyond the last it is repeated."""
    for part in range(SIDE_BY_SIDE):
        for sub_block in range(LANES):
            searched = min(number + part * LANES + sub_block, left - 1)
            known.starts[sub_block] = start + known.left[searched] * SUB_BLOCK_SIZE
        read_scattered(weights, known.starts, SUB_BLOCK_SIZE, found.values[part * SUPER_BLOCK :])
    descended(found, SUB_BLOCK_SIZE, ZERO_CODE)
    for part in range(SIDE_BY_SIDE):
        codes = known.codes[number * SUB_BLOCK_SIZE + part * SUPER_BLOCK :]
        read_groups(found.tried, part * SUPER_BLOCK, LANES, LANES, LANES, codes)
    for searched in range(number, min(number + SIDE_BY_SIDE * LANES, left)):
        known.scale[known.left[searched]] = found.scale[searched - number]
        known.searched[known.left[searched]] = searched


@inlined
def _write(weights, block, place, known, found, blocks):
    start, at = block * SUPER_BLOCK, block * BLOCK_BYTES
    sub_scales, half = _relative(load(known.scale, place))
    _write_scales(found, sub_scales, half, blocks, at)
    if any_of(load(found.step, 0) == 0):
        _keep_codes(weights, start, place, known, found)
    _write_codes(weights, start, found, blocks, at)


@inlined
def _keep_codes(weights, start, place, known, found):
    """The codes of the search, which sub-blocks keep whose step is 0."""
    for row in range(LANES):
        searched, inverse = known.searched[place + row], known.inverse[place + row]
        if searched >= 0:
            codes = load(known.codes, searched * SUB_BLOCK_SIZE)
        elif inverse != 0:
            codes = plain_code(load(weights, start + row * SUB_BLOCK_SIZE), inverse, ZERO_CODE)
        else:
            codes = floats(-ZERO_CODE)
        store(found.codes, row * SUB_BLOCK_SIZE, codes)


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    found = _room(1)
    columns = flattened(importance)
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        block = start // SUPER_BLOCK
        squares = square_sums(weights, start, SUPER_BLOCK, count, found.values)
        store(found.means, 0, np.float32(2) * squares / SUPER_BLOCK)
        for number in range(count):
            column = (first + block + number) % len(importance) * SUPER_BLOCK
            _search_with(weights, start + number * SUPER_BLOCK, columns, column, found, number)
        _weighted_scales(found)
        for number in range(count):
            place, at = start + number * SUPER_BLOCK, (block + number) * BLOCK_BYTES
            sub_scales = load(found.sub_scales, number * LANES)
            _write_scales(found, sub_scales, integers(found.halves[number]), blocks, at)
            _search_codes(weights, place, found, number)
            _write_codes(weights, place, found, blocks, at)
    return True


@inlined
def _search_with(weights, start, columns, column, found, number):
    """Search all sub-blocks of super-block ``number`` of 16."""
    read_groups(weights, start, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.values)
    read_groups(columns, column, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.importance)
    matter = from_importance(found.values, found.importance, SUB_BLOCK_SIZE, found.means[number])
    for place in range(0, SUPER_BLOCK, LANES):
        store(found.weighted, place, load(found.importance, place) * load(found.values, place))
    scale, inverse, zero_code = signed.signed(
        found.values, found.importance, found.weighted, SUB_BLOCK_SIZE, ZERO_CODE, True
    )
    place = number * LANES
    store(found.matter, place, matter)
    store(found.scale, place, scale)
    store(found.inverse, place, inverse)
    store(found.zero_code, place, zero_code)


@inlined
def _relative(scale):
    """The sub-scales of a super-block relative to that of greatest magnitude, and the bits of what one is worth."""
    magnitude = absolute(scale)
    bits = bits_of(where(magnitude >= 0, magnitude, 0))  # what is not a number is passed over
    greatest = largest(bits)
    inverse = np.float32(-ZERO_SUB_SCALE) / floats(lane(scale, first_true(bits == greatest)))
    is_zero = integers(greatest) == 0
    codes = as_int32(as_int8(nearest_int(inverse * scale)))  # in C cut to a byte before it is clipped
    codes = clipped(codes, -ZERO_SUB_SCALE, ZERO_SUB_SCALE - 1) + ZERO_SUB_SCALE
    return where(is_zero, 0, codes), where(is_zero, 0, to_half(1 / inverse))


@inlined
def _weighted_scales(found):
    """Scale and sub-scales of 16 super-blocks by a search of their own."""
    read_groups(found.scale, 0, LANES, LANES, LANES, found.values)
    read_groups(found.matter, 0, LANES, LANES, LANES, found.importance)
    for place in range(0, SUPER_BLOCK, LANES):
        store(found.weighted, place, load(found.importance, place) * load(found.values, place))
    scale, inverse, zero_code = signed.signed(
        found.values, found.importance, found.weighted, LANES, ZERO_SUB_SCALE, False
    )
    store(found.halves, 0, to_half(scale))
    for place in range(0, SUPER_BLOCK, LANES):
        store(found.turned, place, signed.codes(load(found.values, place), inverse, zero_code, ZERO_SUB_SCALE))
    read_groups(found.turned, 0, LANES, LANES, LANES, found.sub_scales)


@inlined
def _search_codes(weights, start, found, number):
    """The codes of the search for super-block ``number`` of 16, as :func:`descended` gives them."""
    for row in range(LANES):
        place = number * LANES + row
        values = load(weights, start + row * SUB_BLOCK_SIZE)
        codes = signed.codes(values, found.inverse[place], found.zero_code[place], ZERO_CODE)
        store(found.codes, row * SUB_BLOCK_SIZE, as_float32(codes - ZERO_CODE))


@inlined
def _write_scales(found, sub_scales, half, blocks, at):
    """Write sub-scales and scale; leaves the step of each sub-block in ``found``."""
    first, last = _FIRST_EIGHT(sub_scales, sub_scales), _LAST_EIGHT(sub_scales, sub_scales)
    store(blocks, at + SUB_SCALES, as_uint8(first & 0x0F | last << 4))
    upper = sub_scales >> 4 << _SHIFTS()
    folded = _FIRST_EIGHT(upper, upper) | _LAST_EIGHT(upper, upper)
    joined = _FIRST_FOUR(folded, folded) | _LAST_FOUR(folded, folded)
    store(blocks, at + JOINED, as_uint8(joined))
    blocks[at + SCALE], blocks[at + SCALE + 1] = np.uint8(lane(half, 0)), np.uint8(lane(half, 0) >> 8)
    store(found.step, 0, from_half(half) * as_float32(sub_scales - ZERO_SUB_SCALE))


@inlined
def _write_codes(weights, start, found, blocks, at):
    for part in range(2):
        upper = integers(0)
        for half in range(2):
            quarters = integers(0)
            for quarter in range(4):
                codes = _codes(weights, start, found, 8 * half + 2 * quarter + part)
                quarters |= (codes & 3) << 2 * quarter
                upper |= codes >> 2 << 4 * half + quarter
            store(blocks, at + QUARTERS + 32 * half + LANES * part, as_uint8(quarters))
        store(blocks, at + LANES * part, as_uint8(upper))


@inlined
def _codes(weights, start, found, row):
    """The codes of a sub-block for its final step; those of the search where it is 0."""
    place = row * SUB_BLOCK_SIZE
    if found.step[row] != 0:
        codes = clipped(nearest_int(load(weights, start + place) / found.step[row]), -ZERO_CODE, ZERO_CODE - 1)
    else:
        codes = as_int32(load(found.codes, place))
    return codes + ZERO_CODE


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        at, start = block * BLOCK_BYTES, block * SUPER_BLOCK
        scale = half_at(blocks, at + SCALE)
        for part in range(2):
            upper = load(blocks, at + LANES * part)
            for half in range(2):
                quarters = load(blocks, at + QUARTERS + 32 * half + LANES * part)
                for quarter in range(4):
                    row = 8 * half + 2 * quarter + part
                    step = scale * np.float32(_sub_scale(blocks, at, row) - ZERO_SUB_SCALE)
                    codes = quarters >> 2 * quarter & 3 | (upper >> 4 * half + quarter & 1) << 2
                    values = as_float32(as_int8(codes) - ZERO_CODE) * step
                    store(weights, start + row * SUB_BLOCK_SIZE, values)


@inlined
def _sub_scale(blocks, at, row):
    lower = np.int32(blocks[at + SUB_SCALES + (row & 7)]) >> 4 * (row >> 3) & 0x0F
    upper = np.int32(blocks[at + JOINED + (row & 3)]) >> 2 * (row >> 2) & 3
    return lower | upper << 4
