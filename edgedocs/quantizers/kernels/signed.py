"""The search of Q6_K and Q3_K: :func:`edgedocs.quantizers.search.signed`, 16 groups at a time."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.rounding import clipped, nearest_int, rounded
from edgedocs.quantizers.kernels.vectors import LANES, absolute, as_float32, floats, inlined, integers, load, where

SMALLEST = np.float32(1e-15)
_TRIES = 9


@inlined
def signed(values, importance, weighted, size, largest_code, plain):
    """Scale, inverse and code of zero of each group, three times lanes (``make_qx_quants``).

    The codes of the search are those of :func:`codes`; for groups that count as zeros, scale, inverse and code of zero
    are 0.

    Args:
        values: the weights of the groups, ``[size, 16]``, flat.
        importance: how much each matters, likewise.
        weighted: the products of both, likewise.
        size: how many weights a group has.
        largest_code: codes go from ``-largest_code`` to ``largest_code - 1``.
        plain: whether all values are finite; roundings are in the range of ``rounded`` then where they matter.
    """
    top = np.float32(largest_code)
    largest, magnitude = floats(0), floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place)
        is_larger = absolute(value) > magnitude
        largest, magnitude = where(is_larger, value, largest), where(is_larger, absolute(value), magnitude)
    best_inverse = -top / largest
    product, norm = _products(values, importance, weighted, size, best_inverse, top, plain)
    best_scale = where(norm != 0, product / norm, 0)
    best = best_scale * product
    for number in range(-_TRIES, _TRIES + 1):
        if number != 0:
            inverse = -(top + np.float32(0.1) * np.float32(number)) / largest
            product, norm = _products(values, importance, weighted, size, inverse, top, plain)
            is_better = (norm > 0) & (product * product > best * norm)
            scale = product / norm
            best = where(is_better, scale * product, best)
            best_scale = where(is_better, scale, best_scale)
            best_inverse = where(is_better, inverse, best_inverse)
    counts = magnitude >= SMALLEST
    return where(counts, best_scale, 0), where(counts, best_inverse, 0), where(counts, integers(largest_code), 0)


@inlined
def _products(values, importance, weighted, size, inverse, top, plain):
    """The weighted sums of weight times code and of code times code."""
    product = norm = floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place) * inverse
        code = rounded(value) if plain else as_float32(nearest_int(value))
        code = clipped(code, -top, top - 1)
        product += load(weighted, place) * code
        norm += load(importance, place) * code * code
    return product, norm


@inlined
def codes(values, inverse, zero_code, largest_code):
    """The codes of the search, from 0 to ``2 * largest_code - 1``, of lanes of one group or several."""
    return clipped(nearest_int(values * inverse), -largest_code, largest_code - 1) + zero_code
