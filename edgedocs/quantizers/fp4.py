"""What MXFP4 and NVFP4 have in common: codes that are 4-bit floats, with a scale for a group."""

from __future__ import annotations

from functools import cache

import numpy as np

from edgedocs.quantizers import packing
from edgedocs.quantizers.base import Codes, Weights

VALUES = np.array([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12], np.int8)
"""Twice what the codes stand for: E2M1, sign, two bits of exponent and one of mantissa."""


@cache
def tables() -> packing.ValueTables:
    """The values, for :func:`.packing.unpack_values`."""
    return packing.value_tables(VALUES)


MIDDLES = np.array([0.5, 1.5, 2.5, 3.5, 5, 7, 10], np.float32)
"""Between neighbouring magnitudes; a weight in the middle gets the lower one."""

_FAR = np.float32(2**20)
"""Beyond so many times the scale, rounded distances to different values can be equal."""


def nearest(weights: Weights, scale: Weights) -> Codes:
    """The code whose value, times the scale, is nearest to each weight; of equally near ones the first.

    Args:
        weights: ``[n, groups]``.
        scale: ``[groups]``, what a value of 1 in :data:`VALUES` is worth.
    """
    magnitudes = np.abs(weights)
    codes = np.zeros(weights.shape, np.uint8)
    for middle in MIDDLES:
        codes += magnitudes > middle * scale
    codes[(weights < 0) & (codes > 0)] += 8
    codes[:, scale == 0] = 0
    largest = np.float32(VALUES.max()) * scale  # where it overflows, it is near to nothing
    far = np.flatnonzero((magnitudes.max(axis=0) > _FAR * scale) | np.isinf(largest))
    if far.size:
        codes[:, far] = _nearest_by_distance(weights[:, far], scale[far])
    return codes


def _nearest_by_distance(weights: Weights, scale: Weights) -> Codes:
    best = np.abs(np.float32(VALUES[0]) * scale - weights)
    codes = np.zeros(weights.shape, np.uint8)
    for code in range(1, len(VALUES)):
        distance = np.abs(np.float32(VALUES[code]) * scale - weights)
        nearer = distance < best
        codes[nearer] = code
        best = np.where(nearer, distance, best)
    return codes
