"""Kernels of Q4_0, Q4_1, Q5_0 and Q5_1: what :mod:`edgedocs.quantizers.block32` does, 16 blocks at a time.

Arrays for 16 blocks are flat: ``[n, 16]`` for what each block has.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from edgedocs.quantizers.kernels.extremes import MAGNITUDE, ends
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, load32, load_uint32, store, store_number
from edgedocs.quantizers.kernels.neighbours import fetch_ahead
from edgedocs.quantizers.kernels.reductions import answers_of, any_of, mask_of
from edgedocs.quantizers.kernels.rounding import LARGEST, half_at, to_half
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_float32,
    as_int32,
    as_uint8,
    float_of,
    floats,
    inlined,
    joined16,
    lane,
    lower,
    upper,
    where,
)

SIZE = 32
_SIGN = -(2**31)


def symmetric(zero_code: int, block_bytes: int) -> Any:
    """An encoder of 16 blocks for :func:`.neighbours.encoder`, whose greatest weights get code 0."""
    top, last = np.float32(zero_code), 2 * zero_code - 1
    centre = np.float32(zero_code + 0.5)

    @inlined
    def encode(weights, start, blocks, at, numbers, codes):
        highest, lowest, _ = ends(weights, start, SIZE)
        highest = where(highest > 0, highest, 0)
        lowest = where(lowest < 0, lowest & MAGNITUDE, 0)
        is_positive = highest > lowest
        magnitudes = where(is_positive, highest, lowest)
        largest = float_of(where(is_positive | (magnitudes == 0), highest, lowest | _SIGN))
        is_tied = (highest == lowest) & (highest != 0)
        if any_of(is_tied):
            largest = _first(weights, start, magnitudes, is_tied, largest, numbers)
        scale = largest / -top
        inverse = 1 / scale
        # Where a scale has no inverse, C converts infinite quotients, which gives code 0.
        overflows = absolute(inverse) > LARGEST
        store(numbers, 0, where(overflows, 0, inverse))
        store(numbers, LANES, where(overflows & (scale != 0), 0, floats(centre)))
        store(codes, 0, to_half(scale))
        for number in range(LANES):
            fetch_ahead(weights, start + number * SIZE, SIZE)
            values = load32(weights, start + number * SIZE) * numbers[number] + numbers[LANES + number]
            code = as_int32(values)
            code = where(code < last, code, last)
            block = at + number * block_bytes
            store_number(blocks, block, np.uint16(codes[number]))
            write_codes(blocks, block + 2, code, zero_code > 8)
        return magnitudes

    return encode


def symmetric_decoder(zero_code: int, block_bytes: int) -> Any:
    """A kernel's decoder of what :func:`symmetric` writes."""

    @inlined
    def decode(blocks, weights):
        for number in range(len(weights) // SIZE):
            block = number * block_bytes
            values = read_codes(blocks, block + 2, zero_code > 8) - zero_code
            store(weights, number * SIZE, values * half_at(blocks, block))

    return decode


@inlined
def _first(weights, start, magnitudes, is_tied, largest, numbers):
    """``largest`` with the first weight of that magnitude in blocks where two differ in sign."""
    store(numbers, 0, largest)
    mask = mask_of(is_tied)
    for number in range(LANES):
        if mask >> number & 1:
            magnitude = lane(float_of(magnitudes), number)
            values = load32(weights, start + number * SIZE)
            place = mask_of(absolute(values) == magnitude)
            first = start + number * SIZE
            while place & 1 == 0:
                place >>= 1
                first += 1
            numbers[number] = weights[first]
    return load(numbers, 0)


def between(largest_code: int, block_bytes: int) -> Any:
    """An encoder of 16 blocks, whose lowest weights get code 0 and the highest the last."""
    top = np.float32(largest_code)

    @inlined
    def encode(weights, start, blocks, at, numbers, codes):
        positive, greatest, least = ends(weights, start, SIZE)
        highest = float_of(where(positive < 0, least, positive))
        lowest = where(greatest < 0, greatest, least)
        magnitudes = where((greatest & MAGNITUDE) > positive, greatest & MAGNITUDE, positive)
        is_zero = (lowest & MAGNITUDE) == 0
        lowest = float_of(lowest)
        if any_of(is_zero):
            lowest = _first_zero(weights, start, is_zero, lowest, numbers)
        scale = where(highest == lowest, 0, highest - lowest) / top
        inverse = 1 / scale
        # Without an inverse, or with an infinite scale, C converts what is no number, which gives code 0.
        is_without = (absolute(inverse) > LARGEST) | (absolute(scale) > LARGEST)
        store(numbers, 0, where(is_without, 0, inverse))
        store(numbers, LANES, where(is_without, 0, lowest))
        store(numbers, 2 * LANES, where(is_without, 0, floats(np.float32(0.5))))
        store(codes, 0, to_half(scale))
        store(codes, LANES, to_half(lowest))
        for number in range(LANES):
            fetch_ahead(weights, start + number * SIZE, SIZE)
            values = (load32(weights, start + number * SIZE) - numbers[LANES + number]) * numbers[number]
            code = as_int32(values + numbers[2 * LANES + number])
            code = where(code < largest_code, code, largest_code)
            block = at + number * block_bytes
            store_number(blocks, block, np.uint16(codes[number]))
            store_number(blocks, block + 2, np.uint16(codes[LANES + number]))
            write_codes(blocks, block + 4, code, largest_code > 15)
        return magnitudes

    return encode


def between_decoder(largest_code: int, block_bytes: int) -> Any:
    """A kernel's decoder of what :func:`between` writes."""

    @inlined
    def decode(blocks, weights):
        for number in range(len(weights) // SIZE):
            block = number * block_bytes
            values = read_codes(blocks, block + 4, largest_code > 15) * half_at(blocks, block)
            store(weights, number * SIZE, values + half_at(blocks, block + 2))

    return decode


@inlined
def _first_zero(weights, start, is_zero, lowest, numbers):
    """``lowest`` with the first of the zeros in blocks where that is the lowest weight, for its sign."""
    store(numbers, 0, lowest)
    mask = mask_of(is_zero)
    for number in range(LANES):
        if mask >> number & 1:
            first = start + number * SIZE
            while weights[first] != 0:
                first += 1
            numbers[number] = weights[first]
    return load(numbers, 0)


@inlined
def write_codes(blocks, at, codes, has_fifth_bits):
    """Write 32 codes, in pairs, and before them the fifth bits if there are such."""
    if has_fifth_bits:
        store_number(blocks, at, np.uint32(mask_of(codes > 15)))
        at += 4
        codes &= 0x0F
    store(blocks, at, as_uint8(lower(codes) | upper(codes) << 4))


@inlined
def read_codes(blocks, at, has_fifth_bits):
    """What :func:`write_codes` wrote, 32 lanes of float32."""
    pairs = load(blocks, at + 4 if has_fifth_bits else at)
    codes = as_int32(joined16(pairs & 0x0F, pairs >> 4))
    if has_fifth_bits:
        codes |= as_int32(answers_of(load_uint32(blocks, at))) << 4
    return as_float32(codes)
