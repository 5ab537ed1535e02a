"""MXFP4: kernels of :mod:`edgedocs.quantizers.mxfp4`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels import fp4
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.extremes import greatest_magnitudes
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import gather, load, load32, store
from edgedocs.quantizers.kernels.neighbours import encoder, fetch_ahead
from edgedocs.quantizers.kernels.reductions import mask_of
from edgedocs.quantizers.kernels.rounding import INFINITY_BITS, LARGEST
from edgedocs.quantizers.kernels.vectors import (
    as_int32,
    as_uint8,
    bits_of,
    float_of,
    inlined,
    integers,
    joined16,
    lane,
    lower,
    upper,
    where,
)
from edgedocs.quantizers.mxfp4 import BIAS, LARGEST_EXPONENT

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
SIZE = 32
BLOCK_BYTES = 17

_LEAST_EXPONENT = -149
_LEAST_NORMAL = 1 << 23
_FRACTION = (1 << 23) - 1
_STRETCH = np.float32(2.0**32)


def _rounding_up() -> np.ndarray:
    """For each exponent from that of the least float32 on: from which fraction on log2 is rounded up to the next."""
    exponents = np.arange(_LEAST_EXPONENT, 128)
    fractions = np.arange(_FRACTION - 255, _FRACTION + 1)
    values = np.ldexp(1 + fractions / 2**23, exponents[:, np.newaxis])
    is_next = np.floor(np.log2(values).astype(np.float32)) > exponents[:, np.newaxis]
    return (_FRACTION + 1 - is_next.sum(axis=1)).astype(np.int32)


_ROUNDS_UP = _rounding_up()


@inlined
def _half_scale(exponent):
    """Half the scale, what a value of 1 is worth, of each block; below exponents of 2 that is a subnormal number."""
    return float_of(where(exponent > 1, (exponent - 1) << 23, integers(1 << 21) << exponent))


@inlined
def _exponent(magnitudes):
    """The exponent of the scale; of numbers below the range it wraps around, as in C."""
    is_small = magnitudes < _LEAST_NORMAL
    values = float_of(magnitudes)
    bits = bits_of(where(is_small, values * _STRETCH, values))
    exponent = (bits >> 23) - where(is_small, 32 + 127, integers(127))
    place = where(magnitudes > 0, exponent - _LEAST_EXPONENT, 0)
    exponent += as_int32((bits & _FRACTION) >= gather(_ROUNDS_UP, place))
    return where(magnitudes > 0, (exponent - LARGEST_EXPONENT + BIAS) & 0xFF, 0)


@inlined
def _sixteen(weights, start, blocks, at, numbers, codes):
    magnitudes = greatest_magnitudes(weights, start, SIZE)
    exponent = _exponent(where(magnitudes < INFINITY_BITS, magnitudes, 0))
    half_scale = _half_scale(exponent)
    store(codes, 0, exponent)
    store(numbers, 0, half_scale)
    for number in range(LANES):
        fetch_ahead(weights, start + number * SIZE, SIZE)
        code = fp4.nearest(load32(weights, start + number * SIZE), numbers[number])
        _write(blocks, at + number * BLOCK_BYTES, codes[number], code)
    overflowing = mask_of(fp4.LARGEST * half_scale > LARGEST)
    if overflowing != 0:
        for number in range(LANES):
            if overflowing >> number & 1:
                code = fp4.nearest_by_distance(load32(weights, start + number * SIZE), numbers[number])
                _write(blocks, at + number * BLOCK_BYTES, codes[number], code)
    return magnitudes


@inlined
def _write(blocks, block, exponent, codes):
    blocks[block] = exponent
    store(blocks, block + 1, as_uint8(lower(codes) | upper(codes) << 4))


_encode = encoder(_sixteen, SIZE, BLOCK_BYTES)


@kernel
def encode(weights, blocks):
    return _encode(weights, blocks)


@kernel
def decode(blocks, weights):
    for number in range(len(weights) // SIZE):
        block = number * BLOCK_BYTES
        pairs = load(blocks, block + 1)
        values = fp4.values_of(as_int32(joined16(pairs & 0x0F, pairs >> 4)))
        store(weights, number * SIZE, values * lane(_half_scale(integers(blocks[block])), 0))
