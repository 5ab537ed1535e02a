"""Q8_0: kernels of :mod:`edgedocs.quantizers.q8_0`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.extremes import greatest_magnitudes
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load32, store, store_number
from edgedocs.quantizers.kernels.neighbours import encoder, fetch_ahead
from edgedocs.quantizers.kernels.rounding import half_at, inverse_or_zero, to_half, towards_half_away
from edgedocs.quantizers.kernels.vectors import as_float32, as_int8, as_int32, as_uint8, float_of, inlined

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
SIZE = 32
BLOCK_BYTES = 34
LARGEST_CODE = np.float32(127)


@inlined
def _sixteen(weights, start, blocks, at, inverses, halves):
    magnitudes = greatest_magnitudes(weights, start, SIZE)
    scale = float_of(magnitudes) / LARGEST_CODE
    store(inverses, 0, inverse_or_zero(scale))
    store(halves, 0, to_half(scale))
    for number in range(LANES):
        block = at + number * BLOCK_BYTES
        fetch_ahead(weights, start + number * SIZE, SIZE)
        values = load32(weights, start + number * SIZE) * inverses[number]
        store_number(blocks, block, np.uint16(halves[number]))
        store(blocks, block + 2, as_uint8(as_int32(towards_half_away(values))))
    return magnitudes


_encode = encoder(_sixteen, SIZE, BLOCK_BYTES)


@kernel
def encode(weights, blocks):
    return _encode(weights, blocks)


@kernel
def decode(blocks, weights):
    for number in range(len(weights) // SIZE):
        block = number * BLOCK_BYTES
        codes = as_int8(load32(blocks, block + 2))
        store(weights, number * SIZE, as_float32(codes) * half_at(blocks, block))
