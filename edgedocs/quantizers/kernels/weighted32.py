"""Q4_0, Q4_1, Q5_0 and Q5_1 with importance: searches of 16 blocks at a time, a block a lane.

What ``weighted_symmetric`` and ``weighted_between`` of :mod:`edgedocs.quantizers.block32` do.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers.kernels.block32 import SIZE, write_codes
from edgedocs.quantizers.kernels.extremes import MAGNITUDE
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import flattened, load, load32, store, store_number
from edgedocs.quantizers.kernels.ranged import ranged
from edgedocs.quantizers.kernels.reductions import any_of
from edgedocs.quantizers.kernels.rounding import INFINITY_BITS, clipped, nearest_int, rounded, to_half
from edgedocs.quantizers.kernels.transposing import read_transposed
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_int32,
    bits_of,
    floats,
    inlined,
    integers,
    square_root,
    where,
)

SMALLEST = np.float32(1e-15)
FIRST, STEP, STEPS = np.float32(-0.9), np.float32(0.05), 36

_GROUP = SIZE * LANES


class Room(NamedTuple):
    """What is known of 16 blocks on the way: three arrays ``[32, 16]``, then what each block has."""

    values: Any
    mattering: Any
    tried: Any
    starts: Any
    mean_squares: Any
    inverse: Any
    origin: Any
    halves: Any


@inlined
def _room():
    return Room(
        np.empty(_GROUP, np.float32),
        np.empty(_GROUP, np.float32),
        np.empty(_GROUP, np.float32),
        np.empty(LANES, np.int64),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty(2 * LANES, np.int32),
    )


def symmetric(zero_code: int, block_bytes: int) -> Any:
    """An encoder with importance, of formats whose greatest weight gets code 0."""
    top = np.float32(zero_code)

    @inlined
    def encode(weights, blocks, importance, first, row_mean_squares):
        room = _room()
        for start in range(0, len(weights), _GROUP):
            count = min(LANES, (len(weights) - start) // SIZE)
            if not _read(weights, start, count, importance, first + start // SIZE, row_mean_squares, room):
                return False
            scale, inverse, is_zero = _signed(room.values, room.mattering, room.tried, top)
            store(room.inverse, 0, where(is_zero, 0, inverse))
            store(room.origin, 0, where(is_zero, 0, floats(top)))
            store(room.halves, 0, to_half(scale))
            for number in range(count):
                place = start + number * SIZE
                code = clipped(rounded(load32(weights, place) * room.inverse[number]), -top, top - 1)
                block = place // SIZE * block_bytes
                store_number(blocks, block, np.uint16(room.halves[number]))
                write_codes(blocks, block + 2, as_int32(code + room.origin[number]), zero_code > 8)
        return True

    return encode


def between(largest_code: int, block_bytes: int) -> Any:
    """An encoder with importance, of formats with a minimum."""
    top = np.float32(largest_code)

    @inlined
    def encode(weights, blocks, importance, first, row_mean_squares):
        room = _room()
        for start in range(0, len(weights), _GROUP):
            count = min(LANES, (len(weights) - start) // SIZE)
            if not _read(weights, start, count, importance, first + start // SIZE, row_mean_squares, room):
                return False
            scale, minimum, inverse, origin = ranged(
                room.values, room.mattering, room.tried, SIZE, top, FIRST, STEP, STEPS, False
            )
            store(room.inverse, 0, inverse)
            store(room.origin, 0, origin)
            store(room.halves, 0, to_half(scale))
            store(room.halves, LANES, to_half(-minimum))
            for number in range(count):
                place = start + number * SIZE
                values = room.inverse[number] * (load32(weights, place) - room.origin[number])
                block = place // SIZE * block_bytes
                store_number(blocks, block, np.uint16(room.halves[number]))
                store_number(blocks, block + 2, np.uint16(room.halves[LANES + number]))
                write_codes(blocks, block + 4, clipped(nearest_int(values), 0, largest_code), largest_code > 15)
        return True

    return encode


@inlined
def _read(weights, start, count, importance, block, row_mean_squares, room):
    """Fill in the weights and how much each matters; whether all are finite. The last block stands for missing ones."""
    for group in range(LANES):
        number = min(group, count - 1)
        room.starts[group] = start + number * SIZE
        room.mean_squares[group] = row_mean_squares[(block + number) // len(importance)]
    read_transposed(weights, room.starts, SIZE, room.values)
    for group in range(LANES):
        room.starts[group] = (block + min(group, count - 1)) % len(importance) * SIZE
    read_transposed(flattened(importance), room.starts, SIZE, room.mattering)
    mean_square = load(room.mean_squares, 0)
    greatest = integers(0)
    for place in range(0, _GROUP, LANES):
        value = load(room.values, place)
        magnitude = bits_of(value) & MAGNITUDE
        greatest = where(magnitude > greatest, magnitude, greatest)
        store(room.mattering, place, load(room.mattering, place) * square_root(mean_square + value * value))
    return not any_of(greatest >= INFINITY_BITS)


@inlined
def _signed(values, mattering, weighted, top):
    """Scale, inverse and whether they count as zeros, of blocks: :func:`edgedocs.quantizers.search.signed`.

    Args:
        values: ``[32, 16]``, flat, finite.
        mattering: likewise.
        weighted: room, likewise.
        top: the greatest code as float32.
    """
    largest = floats(0)
    for place in range(0, _GROUP, LANES):
        value = load(values, place)
        largest = where(absolute(value) > absolute(largest), value, largest)
        store(weighted, place, load(mattering, place) * value)
    best_inverse = -top / largest
    product, norm = _products(values, mattering, weighted, best_inverse, top)
    best_scale = where(norm != 0, product / norm, 0)
    best = best_scale * product
    for number in range(-9, 10):
        if number != 0:
            inverse = -(top + np.float32(0.1) * np.float32(number)) / largest
            product, norm = _products(values, mattering, weighted, inverse, top)
            is_better = (norm > 0) & (product * product > best * norm)
            scale = product / norm
            best_scale = where(is_better, scale, best_scale)
            best_inverse = where(is_better, inverse, best_inverse)
            best = where(is_better, scale * product, best)
    is_zero = ~(absolute(largest) >= SMALLEST)
    return where(is_zero, 0, best_scale), best_inverse, is_zero


@inlined
def _products(values, mattering, weighted, inverse, top):
    """The weighted sums of weight times code and of code times code."""
    product = norm = floats(0)
    for place in range(0, _GROUP, LANES):
        # Where this is not plain rounding, the inverse is infinite, and the weights count as zeros.
        code = clipped(rounded(load(values, place) * inverse), -top, top - 1)
        product += load(weighted, place) * code
        norm += load(mattering, place) * code * code
    return product, norm
