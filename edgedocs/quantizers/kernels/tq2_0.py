"""TQ2_0: kernels of :mod:`edgedocs.quantizers.tq2_0`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load32, store, store_number
from edgedocs.quantizers.kernels.neighbours import encoder, fetch_ahead
from edgedocs.quantizers.kernels.rounding import half_at
from edgedocs.quantizers.kernels.ternary import SIZE, codes_of, scales
from edgedocs.quantizers.kernels.vectors import as_float32, as_int32, as_uint8, inlined

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
BLOCK_BYTES = 66
SCALE = 64
"""Where the scale is."""

WIDTH = 32
"""How far apart the weights are that share a byte."""


@inlined
def _sixteen(weights, start, blocks, at, inverses, halves):
    magnitudes = scales(weights, start, SIZE, inverses, halves)
    for number in range(LANES):
        block, first, inverse = at + number * BLOCK_BYTES, start + number * SIZE, inverses[number]
        fetch_ahead(weights, first, SIZE)
        for half in range(2):
            place = first + half * 4 * WIDTH
            quarters = codes_of(load32(weights, place), inverse)
            quarters |= codes_of(load32(weights, place + WIDTH), inverse) << 2
            quarters |= codes_of(load32(weights, place + 2 * WIDTH), inverse) << 4
            quarters |= codes_of(load32(weights, place + 3 * WIDTH), inverse) << 6
            store(blocks, block + half * WIDTH, as_uint8(quarters))
        store_number(blocks, block + SCALE, np.uint16(halves[number]))
    return magnitudes


_encode = encoder(_sixteen, SIZE, BLOCK_BYTES)


@kernel
def encode(weights, blocks):
    return _encode(weights, blocks)


@kernel
def decode(blocks, weights):
    for number in range(len(weights) // SIZE):
        block = number * BLOCK_BYTES
        scale = half_at(blocks, block + SCALE)
        for half in range(2):
            quarters = as_int32(load32(blocks, block + half * WIDTH))
            place = number * SIZE + half * 4 * WIDTH
            for quarter in range(4):
                codes = quarters >> 2 * quarter & 3
                store(weights, place + quarter * WIDTH, as_float32(codes - 1) * scale)
