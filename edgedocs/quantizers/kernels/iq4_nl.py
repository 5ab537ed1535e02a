"""IQ4_NL: kernels of :mod:`edgedocs.quantizers.iq4_nl`. Lanes are 16 blocks."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels import nonlinear
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.groups import from_importance, read_groups, read_importance
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.nonlinear import GROUP_SIZE
from edgedocs.quantizers.kernels.rounding import half_at, to_half
from edgedocs.quantizers.kernels.vectors import floats, inlined, where

BLOCK_BYTES = 18


@kernel
def encode(weights, blocks):
    found, inverse, halves = nonlinear.room(), np.empty(LANES, np.float32), np.empty(LANES, np.int32)
    for start in range(0, len(weights), LANES * GROUP_SIZE):
        count = min(LANES, (len(weights) - start) // GROUP_SIZE)
        read_groups(weights, start, GROUP_SIZE, GROUP_SIZE, count, found.groups)
        nonlinear.from_squares(found)
        _write(weights, start, count, nonlinear.scales(found), inverse, halves, blocks)
    return True


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    found, inverse, halves = nonlinear.room(), np.empty(LANES, np.float32), np.empty(LANES, np.int32)
    for start in range(0, len(weights), LANES * GROUP_SIZE):
        count = min(LANES, (len(weights) - start) // GROUP_SIZE)
        read_groups(weights, start, GROUP_SIZE, GROUP_SIZE, count, found.groups)
        read_importance(importance, first + start // GROUP_SIZE, GROUP_SIZE, count, found.mattering)
        squares = floats(0)
        for place in range(0, GROUP_SIZE * LANES, LANES):
            value = load(found.groups, place)
            squares += value * value
        from_importance(found.groups, found.mattering, GROUP_SIZE, squares * np.float32(2 / GROUP_SIZE))
        _write(weights, start, count, nonlinear.scales(found), inverse, halves, blocks)
    return True


@inlined
def _write(weights, start, count, scale, inverse, halves, blocks):
    store(inverse, 0, where(scale != 0, 1 / scale, 0))
    store(halves, 0, to_half(scale))
    for number in range(count):
        at = (start // GROUP_SIZE + number) * BLOCK_BYTES
        blocks[at], blocks[at + 1] = np.uint8(halves[number]), np.uint8(halves[number] >> 8)
        nonlinear.write_pairs(weights, start + number * GROUP_SIZE, inverse[number], blocks, at + 2)


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // GROUP_SIZE):
        at = block * BLOCK_BYTES
        nonlinear.decode_pairs(blocks, at + 2, half_at(blocks, at), weights, block * GROUP_SIZE)
