"""What Q4_0, Q4_1, Q5_0 and Q5_1 have in common: blocks of 32 weights with one scale, two codes to a byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgedocs.quantizers import packing, search
from edgedocs.quantizers.base import NonFiniteError

if TYPE_CHECKING:
    from edgedocs.quantizers.base import Codes, Importance, Weights

SIZE = 32

_BITS = np.arange(8, dtype=np.uint8)[:, np.newaxis]

WITH_IMPORTANCE = (-0.9, 0.05, 36)
"""The steps of the search for a range (see :func:`edgedocs.quantizers.search.ranged`) where there is importance."""


def symmetric(weights: Weights, zero_code: int) -> tuple[Weights, Codes]:
    """Scale and codes of blocks ``[32, m]`` whose greatest weight gets code 0.

    The weight of the greatest magnitude, the first of such, gets code 0, so the scale has the opposite sign.
    """
    scale = search.largest_of_finite(weights) / -np.float32(zero_code)
    inverse = np.float32(1) / scale
    overflows = np.isinf(inverse)
    inverse[overflows] = 0
    # Cutting off the fraction after adding this rounds to the nearest code.
    values = weights * inverse
    values += np.float32(zero_code + 0.5)
    codes = np.minimum(values, np.float32(2 * zero_code - 1), out=values).astype(np.uint8)
    # Where a scale of about 3e-39 or less has no inverse, C converts infinite quotients, which gives code 0.
    codes[:, overflows & (scale != 0)] = 0
    return scale, codes


def between(weights: Weights, largest_code: int) -> tuple[Weights, Weights, Codes]:
    """Scale, minimum and codes of blocks ``[m, 32]`` whose lowest weight gets code 0, and the highest the last."""
    values = np.array(weights.T, order="C")  # a copy in any case, to be worked on in place
    lowest, highest = search.lowest_of(values), values.max(axis=0)
    if not (np.isfinite(lowest).all() and np.isfinite(highest).all()):
        raise NonFiniteError
    scale: Weights = np.where(highest == lowest, np.float32(0), highest - lowest)
    scale /= np.float32(largest_code)
    inverse = np.float32(1) / scale
    # Without an inverse, or with an infinite scale, C converts what is infinite or no number, which gives code 0.
    without = np.isinf(inverse) | np.isinf(scale)
    inverse[without] = 0
    values -= lowest
    values *= inverse
    values += np.float32(0.5)
    if without.any():
        values[:, without] = 0
    return scale, lowest, np.minimum(values, np.float32(largest_code), out=values).astype(np.uint8)


def mattering(weights: Weights, importance: Importance) -> Weights:
    """How much each weight ``[m, 32]`` matters: its importance beside its magnitude and the usual one of its row."""
    assert importance.row_mean_square is not None
    product: Weights = importance.values * np.sqrt(importance.row_mean_square + weights * weights)
    return product


def weighted_symmetric(weights: Weights, importance: Importance, zero_code: int) -> tuple[Weights, Codes]:
    """Scale and codes of blocks ``[m, 32]`` by a search."""
    groups = search.groups(weights, SIZE)
    found = search.signed(groups, search.groups(mattering(weights, importance), SIZE), zero_code)
    return found.scale, found.codes(groups, zero_code)


def weighted_between(weights: Weights, importance: Importance, largest_code: int) -> tuple[Weights, Weights, Codes]:
    """Scale, minimum and codes of blocks ``[m, 32]`` by a search."""
    groups = search.groups(weights, SIZE)
    if not np.isfinite(groups).all():
        raise NonFiniteError
    matter = search.groups(mattering(weights, importance), SIZE)
    found = search.ranged(groups, matter, largest_code, *WITH_IMPORTANCE)
    return found.scale, -found.minimum, found.codes(groups, largest_code)


def pack_pairs(codes: Codes) -> Codes:
    """Codes ``[32, m]``, of which the lower four bits count, as ``[m, 16]``."""
    pairs = codes[:16] & 0x0F
    pairs |= codes[16:] << 4
    return np.ascontiguousarray(pairs.T)


def unpack_pairs(packed: Codes) -> Codes:
    """What :func:`pack_pairs` packed, ``[m, 32]``."""
    pairs = packing.contiguous(packed)
    return packing.side_by_side([pairs & 0x0F, pairs >> 4], 16)


def pack_fifth_bits(codes: Codes) -> Codes:
    """The fifth bits of codes ``[32, m]`` as ``[m, 4]``: bit ``k`` of byte ``j`` is that of weight ``8 * j + k``."""
    bits = (codes >> 4).reshape(4, 8, -1)
    packed: Codes = np.bitwise_or.reduce(bits << _BITS, axis=1)
    return np.ascontiguousarray(packed.T)


def unpack_fifth_bits(packed: Codes) -> Codes:
    """What :func:`pack_fifth_bits` packed, 0 or 16, ``[m, 32]``."""
    # Faster without an axis; the bytes are in order all the same.
    return np.unpackbits(packing.contiguous(packed).reshape(-1), bitorder="little").reshape(-1, SIZE) << 4


def spread(scale: Weights) -> Weights:
    """``[m]`` as ``[m, 32]``, the same for all weights of a block; faster to multiply with than a column."""
    return scale.repeat(SIZE).reshape(-1, SIZE)
