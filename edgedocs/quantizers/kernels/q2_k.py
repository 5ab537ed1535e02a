"""Q2_K: kernels of :mod:`edgedocs.quantizers.q2_k`.

Lanes are the 16 sub-blocks of a super-block. Where there is importance, 16 super-blocks are worked on at a time, for
the scales of their scales are searched with a super-block a lane.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.groups import from_importance, read_groups, square_sums
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import flattened, load, store
from edgedocs.quantizers.kernels.positive import positive
from edgedocs.quantizers.kernels.ranged import ranged
from edgedocs.quantizers.kernels.reductions import largest
from edgedocs.quantizers.kernels.rounding import clipped, from_half, half_at, nearest_int, to_half
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_float32,
    as_uint8,
    bits_of,
    float_of,
    inlined,
    integers,
    where,
)

SUPER_BLOCK = 256
SUB_BLOCK_SIZE = 16
BLOCK_BYTES = 84
QUARTERS, SCALE, MINIMUM = 16, 80, 82
"""Where these begin in a block; the sub-scales come first."""
LARGEST_SUB_SCALE = 15
TOP = np.float32(3)
FIRST, STEP, STEPS = np.float32(-0.5), np.float32(0.1), 15
FIRST_WITH, STEP_WITH, STEPS_WITH = np.float32(-0.9), np.float32(0.05), 36


class Found(NamedTuple):
    """What is known on the way: of the weights of a super-block, then of the sub-blocks of 16 super-blocks."""

    values: Any
    mattering: Any
    tried: Any
    scale: Any
    minimum: Any
    inverse: Any
    origin: Any
    matter: Any
    turned: Any
    codes: Any
    packed: Any
    halves: Any
    step: Any
    shift: Any


@inlined
def _room():
    return Found(
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.zeros(SUPER_BLOCK, np.float32),
        np.zeros(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.zeros(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.float32),
        np.empty(SUPER_BLOCK, np.int32),
        np.empty(SUPER_BLOCK, np.int32),
        np.empty(2 * LANES, np.int32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
    )


@kernel
def encode(weights, blocks):
    found = _room()
    for block in range(len(weights) // SUPER_BLOCK):
        start = block * SUPER_BLOCK
        read_groups(weights, start, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.values)
        for place in range(0, SUPER_BLOCK, LANES):
            store(found.mattering, place, absolute(load(found.values, place)))
        _search(found, 0, FIRST, STEP, STEPS, True)
        scales, scale = _relative(load(found.scale, 0))
        minimums, minimum = _relative(load(found.minimum, 0))
        store(found.halves, 0, scale)
        store(found.halves, LANES, minimum)
        _write(weights, start, found, 0, scales | minimums << 4, blocks, block * BLOCK_BYTES)
    return True


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    found = _room()
    columns = flattened(importance)
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        block = start // SUPER_BLOCK
        store(found.step, 0, square_sums(weights, start, SUPER_BLOCK, count, found.values) / SUPER_BLOCK)
        for number in range(count):
            at = start + number * SUPER_BLOCK
            column = (first + block + number) % len(importance) * SUPER_BLOCK
            read_groups(weights, at, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.values)
            read_groups(columns, column, SUB_BLOCK_SIZE, SUB_BLOCK_SIZE, LANES, found.mattering)
            matter = from_importance(found.values, found.mattering, SUB_BLOCK_SIZE, found.step[number])
            store(found.matter, number * LANES, matter)
            _search(found, number * LANES, FIRST_WITH, STEP_WITH, STEPS_WITH, False)
        _weighted_scales(found)
        for number in range(count):
            at = start + number * SUPER_BLOCK
            packed = load(found.packed, number * LANES)
            _write(weights, at, found, number, packed, blocks, (block + number) * BLOCK_BYTES)
    return True


@inlined
def _search(found, place, first, step, steps, of_magnitudes):
    """Search all sub-blocks of a super-block; what is found goes to ``place``."""
    scale, minimum, inverse, origin = ranged(
        found.values, found.mattering, found.tried, SUB_BLOCK_SIZE, TOP, first, step, steps, of_magnitudes
    )
    store(found.scale, place, scale)
    store(found.minimum, place, minimum)
    store(found.inverse, place, inverse)
    store(found.origin, place, origin)


@inlined
def _relative(values):
    """The codes of scales or minimums of a super-block relative to the greatest, and the bits of what one is worth."""
    positive_bits = bits_of(where(values > 0, values, 0))
    greatest = float_of(integers(largest(positive_bits)))
    codes = where(greatest > 0, nearest_int(LARGEST_SUB_SCALE / greatest * values), 0)
    return codes, to_half(greatest / LARGEST_SUB_SCALE)


@inlined
def _weighted_scales(found):
    """Scale and codes of each part of 16 super-blocks by a search of their own."""
    read_groups(found.matter, 0, LANES, LANES, LANES, found.mattering)
    read_groups(found.scale, 0, LANES, LANES, LANES, found.turned)
    store(found.halves, 0, to_half(positive(found.turned, found.mattering, found.codes, LANES, LARGEST_SUB_SCALE)))
    for place in range(0, SUPER_BLOCK, LANES):
        store(found.packed, place, load(found.codes, place))
    read_groups(found.minimum, 0, LANES, LANES, LANES, found.turned)
    store(found.halves, LANES, to_half(positive(found.turned, found.mattering, found.codes, LANES, LARGEST_SUB_SCALE)))
    for place in range(0, SUPER_BLOCK, LANES):
        store(found.codes, place, load(found.packed, place) | load(found.codes, place) << 4)
    read_groups(found.codes, 0, LANES, LANES, LANES, found.packed)


@inlined
def _write(weights, start, found, number, packed, blocks, at):
    """Write the block of super-block ``number`` from ``at`` on; ``packed`` are its sub-scales."""
    half_scale, half_minimum = found.halves[number], found.halves[LANES + number]
    store(blocks, at, as_uint8(packed))
    blocks[at + SCALE], blocks[at + SCALE + 1] = np.uint8(half_scale), np.uint8(half_scale >> 8)
    blocks[at + MINIMUM], blocks[at + MINIMUM + 1] = np.uint8(half_minimum), np.uint8(half_minimum >> 8)
    store(found.step, 0, from_half(integers(half_scale)) * as_float32(packed & 0x0F))
    store(found.shift, 0, from_half(integers(half_minimum)) * as_float32(packed >> 4 & 0x0F))
    for half in range(2):
        for part in range(2):
            row = 8 * half + part
            codes = _codes(weights, start, found, number, row)
            codes |= _codes(weights, start, found, number, row + 2) << 2
            codes |= _codes(weights, start, found, number, row + 4) << 4
            codes |= _codes(weights, start, found, number, row + 6) << 6
            store(blocks, at + QUARTERS + 32 * half + LANES * part, as_uint8(codes))


@inlined
def _codes(weights, start, found, number, row):
    """The codes of a sub-block for its final step; those of the search where it is 0."""
    values = load(weights, start + row * SUB_BLOCK_SIZE)
    if found.step[row] != 0:
        value = (values + found.shift[row]) / found.step[row]
    else:
        place = number * LANES + row
        value = found.inverse[place] * (values - found.origin[place])
    return clipped(nearest_int(value), 0, 3)


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        at, start = block * BLOCK_BYTES, block * SUPER_BLOCK
        scale, minimum = half_at(blocks, at + SCALE), half_at(blocks, at + MINIMUM)
        for half in range(2):
            for part in range(2):
                row = 8 * half + part
                quarters = load(blocks, at + QUARTERS + 32 * half + LANES * part)
                for quarter in range(4):
                    place = row + 2 * quarter
                    sub_scale = blocks[at + place]
                    step = scale * np.float32(sub_scale & 0x0F)
                    shift = minimum * np.float32(sub_scale >> 4)
                    codes = as_float32(quarters >> 2 * quarter & 0x03)
                    store(weights, start + place * SUB_BLOCK_SIZE, codes * step - shift)
