"""Q1_0: kernels of :mod:`edgedocs.quantizers.q1_0`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load32, load_uint32, store, store_number
from edgedocs.quantizers.kernels.neighbours import encoder, fetch_ahead
from edgedocs.quantizers.kernels.reductions import answers_of, mask_of
from edgedocs.quantizers.kernels.rounding import half_at, to_half
from edgedocs.quantizers.kernels.transposing import transposed
from edgedocs.quantizers.kernels.vectors import absolute, bits_of, floats, inlined, joined8, joined16, lower, where

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
SIZE = 128
BLOCK_BYTES = 18


@inlined
def _sums(weights, starts):
    """The sums of the magnitudes of 16 blocks, each from the first weight to the last, and the greatest's bits."""
    sums, later_sums = lower(floats(0)), lower(floats(0))
    greatest, later_greatest = bits_of(sums), bits_of(sums)
    for place in range(0, SIZE, 8):
        for value in transposed(weights, starts, 0, place):
            magnitude = absolute(value)
            sums += magnitude
            greatest = _greater(bits_of(magnitude), greatest)
        for value in transposed(weights, starts, 8, place):
            magnitude = absolute(value)
            later_sums += magnitude
            later_greatest = _greater(bits_of(magnitude), later_greatest)
    return joined8(sums, later_sums), joined8(greatest, later_greatest)


@inlined
def _greater(left, right):
    return where(left > right, left, right)


@inlined
def _sixteen(weights, start, blocks, at, numbers, places):
    for number in range(LANES):
        places[number] = start + number * SIZE
    sums, magnitudes = _sums(weights, places)
    halves = places
    store(halves, 0, to_half(sums / np.float32(SIZE)))
    for number in range(LANES):
        block = at + number * BLOCK_BYTES
        fetch_ahead(weights, start + number * SIZE, SIZE)
        store_number(blocks, block, np.uint16(halves[number]))
        for part in range(SIZE // 32):
            is_set = load32(weights, start + number * SIZE + part * 32) >= 0
            store_number(blocks, block + 2 + 4 * part, np.uint32(mask_of(is_set)))
    return magnitudes


_encode = encoder(_sixteen, SIZE, BLOCK_BYTES)


@kernel
def encode(weights, blocks):
    return _encode(weights, blocks)


@kernel
def decode(blocks, weights):
    for number in range(len(weights) // SIZE):
        block = number * BLOCK_BYTES
        scale = floats(half_at(blocks, block))
        scale = joined16(scale, scale)
        for part in range(SIZE // 32):
            is_set = answers_of(load_uint32(blocks, block + 2 + 4 * part))
            store(weights, number * SIZE + part * 32, where(is_set, scale, -scale))
