"""Q4_K: kernels of :mod:`edgedocs.quantizers.q4_k`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels import super_blocks
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.super_blocks import SUPER_BLOCK
from edgedocs.quantizers.kernels.vectors import inlined

BLOCK_BYTES = 144
LARGEST_CODE = 15
TOP = np.float32(LARGEST_CODE)
FIRST, STEP, STEPS = np.float32(-1), np.float32(0.1), 20


@kernel
def encode(weights, blocks):
    found = super_blocks.room()
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        super_blocks.search(weights, start, count, found, TOP, FIRST, STEP, STEPS)
        super_blocks.write_scales(found)
        _write(weights, start, count, found, blocks)
    return True


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    found = super_blocks.room()
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        super_blocks.search_with(weights, start, count, found, TOP, importance, first + start // SUPER_BLOCK)
        super_blocks.write_scales_with(found, False)
        _write(weights, start, count, found, blocks)
    return True


@inlined
def _write(weights, start, count, found, blocks):
    for number in range(count):
        block = start // SUPER_BLOCK + number
        super_blocks.write_block(weights, block * SUPER_BLOCK, found, number, LARGEST_CODE, blocks, block * BLOCK_BYTES)


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        super_blocks.decode_block(blocks, block * BLOCK_BYTES, False, weights, block * SUPER_BLOCK)
