"""The search of Q6_K and Q3_K: :func:`edgedocs.quantizers.search.signed`, 16 groups at a time."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.groups import largest_weights
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load
from edgedocs.quantizers.kernels.rounding import (
    clipped,
    greater_below_zero,
    lesser_above_zero,
    nearest_int,
    rounded,
)
from edgedocs.quantizers.kernels.vectors import as_float32, floats, inlined, integers, where

SMALLEST = np.float32(1e-15)
_TRIES = 9
_HALF = 5
"""From this try on the weight of greatest magnitude may round beyond the lowest code."""


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
    largest, magnitude = largest_weights(values, 0, size)
    best_inverse = -top / largest
    product, norm = _products(values, importance, weighted, size, best_inverse, top, plain, False)
    best_scale = where(norm != 0, product / norm, 0)
    found = best_scale, best_inverse, best_scale * product
    for number in range(-_TRIES, _HALF):
        if number != 0:
            found = _try(values, importance, weighted, size, largest, number, top, plain, False, found)
    for number in range(_HALF, _TRIES + 1):
        found = _try(values, importance, weighted, size, largest, number, top, plain, True, found)
    best_scale, best_inverse, _ = found
    counts = magnitude >= SMALLEST
    return where(counts, best_scale, 0), where(counts, best_inverse, 0), where(counts, integers(largest_code), 0)


@inlined
def _try(values, importance, weighted, size, largest, number, top, plain, goes_beyond, found):
    """The better of what was found and what a scale gives: scale, inverse, and how good they are."""
    best_scale, best_inverse, best = found
    inverse = -(top + np.float32(0.1) * np.float32(number)) / largest
    product, norm = _products(values, importance, weighted, size, inverse, top, plain, goes_beyond)
    is_better = (norm > 0) & (product * product > best * norm)
    scale = product / norm
    return (
        where(is_better, scale, best_scale),
        where(is_better, inverse, best_inverse),
        where(is_better, scale * product, best),
    )


@inlined
def _products(values, importance, weighted, size, inverse, top, plain, goes_beyond):
    """The weighted sums of weight times code and of code times code."""
    product = norm = floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place) * inverse
        if plain:
            code = lesser_above_zero(rounded(value), top - 1)
            if goes_beyond:
                code = greater_below_zero(code, -top)
        else:
            code = clipped(as_float32(nearest_int(value)), -top, top - 1)
        product += load(weighted, place) * code
        norm += load(importance, place) * code * code
    return product, norm


@inlined
def codes(values, inverse, zero_code, largest_code):
    """The codes of the search, from 0 to ``2 * largest_code - 1``, of lanes of one group or several."""
    return clipped(nearest_int(values * inverse), -largest_code, largest_code - 1) + zero_code
