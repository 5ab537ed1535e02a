"""Q4_1: kernels of :mod:`edgedocs.quantizers.q4_1`."""

from __future__ import annotations

from edgedocs.quantizers.kernels import block32, weighted32
from edgedocs.quantizers.kernels.block32 import SIZE, read_codes
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.memory import store
from edgedocs.quantizers.kernels.neighbours import encoder
from edgedocs.quantizers.kernels.rounding import half_at

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
BLOCK_BYTES = 20
LARGEST_CODE = 15

_encode = encoder(block32.between(LARGEST_CODE, BLOCK_BYTES), SIZE, BLOCK_BYTES)
_encode_with = weighted32.between(LARGEST_CODE, BLOCK_BYTES)


@kernel
def encode(weights, blocks):
    return _encode(weights, blocks)


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    return _encode_with(weights, blocks, importance, first, row_mean_squares)


@kernel
def decode(blocks, weights):
    for number in range(len(weights) // SIZE):
        block = number * BLOCK_BYTES
        values = read_codes(blocks, block + 4, False) * half_at(blocks, block)
        store(weights, number * SIZE, values + half_at(blocks, block + 2))
