"""TQ1_0: kernels of :mod:`edgedocs.quantizers.tq1_0`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, load4, load32, store, store_number
from edgedocs.quantizers.kernels.neighbours import encoder, fetch_ahead
from edgedocs.quantizers.kernels.rounding import half_at
from edgedocs.quantizers.kernels.ternary import SIZE, codes_of, scales
from edgedocs.quantizers.kernels.vectors import as_float32, as_int32, as_uint8, constants, inlined, lower, upper

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
BLOCK_BYTES = 54
SCALE = 52
"""Where the scale is."""

_POWERS = constants([81] * 4 + [27] * 4 + [9] * 4 + [3] * 4, np.int32)


@inlined
def _stretched(numbers):
    """Numbers below 243 stretched to the range of a byte, ``ceil(256 * number / 243)``, for all of them."""
    return as_uint8((numbers * 69042 + 0xFFFF) >> 16)


@inlined
def _sixteen(weights, start, blocks, at, inverses, halves):
    magnitudes = scales(weights, start, SIZE, inverses, halves)
    for number in range(LANES):
        block, first, inverse = at + number * BLOCK_BYTES, start + number * SIZE, inverses[number]
        fetch_ahead(weights, first, SIZE)
        digits = codes_of(load32(weights, first), inverse)
        for place in range(32, 160, 32):
            digits = digits * 3 + codes_of(load32(weights, first + place), inverse)
        store(blocks, block, _stretched(digits))
        some = codes_of(load(weights, first + 160), inverse)
        for place in range(176, 240, 16):
            some = some * 3 + codes_of(load(weights, first + place), inverse)
        store(blocks, block + 32, _stretched(some))
        fours = codes_of(load(weights, first + 240), inverse) * _POWERS()
        pairs = lower(fours) + upper(fours)
        store(blocks, block + 48, _stretched(lower(pairs) + upper(pairs)))
        store_number(blocks, block + SCALE, np.uint16(halves[number]))
    return magnitudes


_encode = encoder(_sixteen, SIZE, BLOCK_BYTES)


@kernel
def encode(weights, blocks):
    return _encode(weights, blocks)


@inlined
def _values(stretched, scale):
    """What the highest digits stand for."""
    return as_float32(((stretched & 0xFF) * 3 >> 8) - 1) * scale


@kernel
def decode(blocks, weights):
    for number in range(len(weights) // SIZE):
        block, first = number * BLOCK_BYTES, number * SIZE
        scale = half_at(blocks, block + SCALE)
        stretched = as_int32(load32(blocks, block))
        for place in range(0, 160, 32):
            store(weights, first + place, _values(stretched, scale))
            stretched *= 3
        some = as_int32(load(blocks, block + 32))
        for place in range(160, 240, 16):
            store(weights, first + place, _values(some, scale))
            some *= 3
        fours = as_int32(load4(blocks, block + 48))
        for place in range(240, 256, 4):
            store(weights, first + place, _values(fours, scale))
            fours *= 3
