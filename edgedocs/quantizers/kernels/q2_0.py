"""Q2_0: kernels of :mod:`edgedocs.quantizers.q2_0`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, load8, load32, store, store_number
from edgedocs.quantizers.kernels.neighbours import encoder, fetch_ahead
from edgedocs.quantizers.kernels.rounding import half_at
from edgedocs.quantizers.kernels.ternary import codes_of, scales
from edgedocs.quantizers.kernels.vectors import (
    as_float32,
    as_int8,
    as_int32,
    as_uint8,
    bits_of,
    bytes_of,
    inlined,
    integers,
    where,
)

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
SIZE = 64
BLOCK_BYTES = 18


@inlined
def _sixteen(weights, start, blocks, at, inverses, halves):
    magnitudes = scales(weights, start, SIZE, inverses, halves)
    # Where a scale of about 3e-39 or less has no inverse, C converts infinite quotients, which here gives code 0.
    is_without = (load(inverses, 0) == 0) & (magnitudes > 0)
    store(halves, LANES, where(is_without, 0, integers(-1)))
    for number in range(LANES):
        block, inverse = at + number * BLOCK_BYTES, inverses[number]
        fetch_ahead(weights, start + number * SIZE, SIZE)
        store_number(blocks, block, np.uint16(halves[number]))
        for half in range(2):
            codes = codes_of(load32(weights, start + number * SIZE + half * 32), inverse)
            fours = bits_of(as_uint8(codes)) & halves[LANES + number]
            store(blocks, block + 2 + 8 * half, as_uint8(fours | fours >> 6 | fours >> 12 | fours >> 18))
    return magnitudes


_encode = encoder(_sixteen, SIZE, BLOCK_BYTES)


@kernel
def encode(weights, blocks):
    return _encode(weights, blocks)


@kernel
def decode(blocks, weights):
    for number in range(len(weights) // SIZE):
        block = number * BLOCK_BYTES
        scale = half_at(blocks, block)
        for half in range(2):
            fours = as_int32(load8(blocks, block + 2 + 8 * half))
            codes = bytes_of((fours | fours << 6 | fours << 12 | fours << 18) & 0x03030303)
            store(weights, number * SIZE + half * 32, as_float32(as_int8(codes) - 1) * scale)
