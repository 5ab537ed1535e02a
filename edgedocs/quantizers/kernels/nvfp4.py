"""NVFP4: kernels of :mod:`edgedocs.quantizers.nvfp4`, a group of 16 weights a lane."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels import fp4
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.extremes import greatest_magnitudes
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import gather, load, load8, store
from edgedocs.quantizers.kernels.neighbours import encoder, fetch_ahead
from edgedocs.quantizers.kernels.reductions import mask_of
from edgedocs.quantizers.kernels.vectors import (
    as_int32,
    as_uint8,
    bits_of,
    float_of,
    inlined,
    joined8,
    lower,
    upper,
    where,
)
from edgedocs.quantizers.nvfp4 import GROUP_SIZE, GROUPS, HALF_SCALES, LARGEST_SCALE, LARGEST_VALUE, SIZE

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
BLOCK_BYTES = 36
BLOCKS = LANES // GROUPS


@inlined
def _to_e4m3(values):
    values = where(values < LARGEST_SCALE, values, LARGEST_SCALE)
    bits = bits_of(values)
    code = (bits >> 20) - (120 << 3) + (bits >> 19 & 1)
    subnormal = as_int32(values * np.float32(512) + np.float32(0.5))
    subnormal = where(subnormal < 7, subnormal, 7)
    code = where(code >= 15 << 3, 0x7E, code)
    return where((bits >> 23) <= 120, subnormal, code)


@inlined
def _some(weights, start, blocks, at, numbers, codes):
    magnitudes = greatest_magnitudes(weights, start, GROUP_SIZE)
    largest = float_of(magnitudes)
    scales = _to_e4m3(largest / LARGEST_VALUE)
    half_scales = gather(HALF_SCALES, scales)
    store(codes, 0, scales)
    store(numbers, 0, half_scales)
    for group in range(LANES):
        fetch_ahead(weights, start + group * GROUP_SIZE, GROUP_SIZE)
        code = fp4.nearest(load(weights, start + group * GROUP_SIZE), numbers[group])
        _write(blocks, at, group, codes[group], code)
    far = mask_of(largest > fp4.FAR * half_scales)
    if far != 0:
        for group in range(LANES):
            if far >> group & 1:
                code = fp4.nearest_by_distance(load(weights, start + group * GROUP_SIZE), numbers[group])
                _write(blocks, at, group, codes[group], code)
    return magnitudes


@inlined
def _write(blocks, at, group, scale, codes):
    block, number = at + group // GROUPS * BLOCK_BYTES, group % GROUPS
    blocks[block + number] = scale
    store(blocks, block + GROUPS + 8 * number, as_uint8(lower(codes) | upper(codes) << 4))


_encode = encoder(_some, SIZE, BLOCK_BYTES, BLOCKS)


@kernel
def encode(weights, blocks):
    return _encode(weights, blocks)


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SIZE):
        at = block * BLOCK_BYTES
        for number in range(GROUPS):
            pairs = load8(blocks, at + GROUPS + 8 * number)
            values = fp4.values_of(as_int32(joined8(pairs & 0x0F, pairs >> 4)))
            store(weights, block * SIZE + number * GROUP_SIZE, values * HALF_SCALES[blocks[at + number]])
