"""What IQ4_NL and IQ4_XS have in common: 4-bit codes for values that lie closer together around zero."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from edgedocs.quantizers import packing, search

if TYPE_CHECKING:
    from edgedocs.quantizers.base import Codes, Importance, Weights

GROUP_SIZE = 32

VALUES = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], np.int8)
"""What the codes stand for, times the scale."""


@cache
def tables() -> packing.ValueTables:
    """The values, for :func:`.packing.unpack_values`."""
    return packing.value_tables(VALUES)


_FLOAT_VALUES = VALUES.astype(np.float32)
_MIDDLES = (_FLOAT_VALUES[1:] + _FLOAT_VALUES[:-1]) / np.float32(2)
_TRIES = 7


def nearest(values: Weights) -> Codes:
    """The code of the nearest value, in the middle the greater; what is not a number gets the last, as in C."""
    codes = np.zeros(values.shape, np.uint8)
    for middle in _MIDDLES:
        codes += ~(values < middle)
    return codes


def mattering(weights: Weights, importance: Importance | None) -> Weights:
    """How much each weight of blocks ``[m, n]`` matters, ``[32, groups]``."""
    squares = weights * weights
    if importance is None:
        return search.groups(squares, GROUP_SIZE)
    mean = search.sums(np.ascontiguousarray(squares.T)) * (np.float32(2) / np.float32(weights.shape[1]))
    return search.groups(importance.values * np.sqrt(mean[:, np.newaxis] + squares), GROUP_SIZE)


def scales(groups: Weights, matter: Weights) -> Weights:
    """The scale of each group ``[32, groups]`` that makes the weighted squared error least; 0 for zeros.

    The weight of greatest magnitude is worth about the lowest value, with either sign of the scale, and 15 scales
    around that are tried.
    """
    largest = search.largest_magnitude(groups)
    lowest = _FLOAT_VALUES[0]
    product, norm = _products(groups, matter, np.float32(1) / (-largest / lowest))
    scale = np.where(norm > 0, product / norm, np.float32(0))
    best = scale * product
    for number in range(-_TRIES, _TRIES + 1):
        product, norm = _products(groups, matter, (np.float32(number) + lowest) / largest)
        better = (norm > 0) & (product * product > best * norm)
        candidate = product / norm
        scale = np.where(better, candidate, scale)
        best = np.where(better, candidate * product, best)
    scale[~(np.abs(largest) >= search.SMALLEST)] = 0
    return scale


def _products(groups: Weights, matter: Weights, inverse: Weights) -> tuple[Weights, Weights]:
    """The weighted sums of weight times value and of value times value."""
    values = _FLOAT_VALUES[nearest(inverse * groups)]
    product = matter * values
    norm = search.sums(product * values)
    product *= groups
    return search.sums(product), norm
