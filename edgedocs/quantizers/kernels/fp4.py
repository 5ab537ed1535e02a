"""What the kernels of MXFP4 and NVFP4 have in common: what :mod:`edgedocs.quantizers.fp4` does."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.fp4 import MIDDLES, VALUES
from edgedocs.quantizers.kernels.vectors import absolute, as_float32, as_int32, inlined, where

_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH, _SEVENTH = (np.float32(middle) for middle in MIDDLES)
_VALUES = tuple(np.float32(value) for value in VALUES)

FAR = np.float32(2**20)
"""Beyond so many times the scale, rounded distances to different values can be equal."""

LARGEST = np.float32(VALUES.max())


@inlined
def nearest(values, scale):
    """The codes, as int32, whose values times the scale are nearest; of equally near ones the first.

    Args:
        values: lanes of weights.
        scale: float32, what a value of 1 is worth; not 0, and the weights are not far from it.
    """
    magnitudes = absolute(values)
    codes = as_int32(magnitudes > _FIRST * scale)
    codes += as_int32(magnitudes > _SECOND * scale)
    codes += as_int32(magnitudes > _THIRD * scale)
    codes += as_int32(magnitudes > _FOURTH * scale)
    codes += as_int32(magnitudes > _FIFTH * scale)
    codes += as_int32(magnitudes > _SIXTH * scale)
    codes += as_int32(magnitudes > _SEVENTH * scale)
    return where((values < 0) & (codes > 0), codes + 8, codes)


@inlined
def nearest_by_distance(values, scale):
    """The same for weights that are far, or a scale of 0."""
    best = absolute(_VALUES[0] * scale - values)
    codes = as_int32(best * 0)
    for code in range(1, len(_VALUES)):
        distance = absolute(_VALUES[code] * scale - values)
        is_nearer = distance < best
        codes = where(is_nearer, code, codes)
        best = where(is_nearer, distance, best)
    return codes


@inlined
def values_of(codes):
    """What codes stand for, as float32: twice the number, since codes are halves."""
    magnitudes = codes & 7
    # Below 4 the value; then 4, 6, 8 and 12: 2 or 3 times a power of two.
    large = (2 | magnitudes & 1) << (magnitudes >> 1) - 1
    values = where(magnitudes < 4, magnitudes, large)
    return as_float32(where(codes > 7, -values, values))
