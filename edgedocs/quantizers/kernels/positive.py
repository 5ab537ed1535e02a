"""The search for scales of scales: :func:`edgedocs.quantizers.search.positive`, 16 groups at a time."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.reductions import any_of
from edgedocs.quantizers.kernels.rounding import nearest_int
from edgedocs.quantizers.kernels.vectors import as_float32, floats, inlined, where

SMALLEST = np.float32(1e-15)
_TRIES = 5


@inlined
def positive(values, importance, codes, size, largest_code):
    """Give the scale of each group, and write its codes as int32 (``make_qp_quants``).

    Args:
        values: ``[size, 16]``, flat; should not be negative. Where one is, its code wraps around to a byte.
        importance: likewise.
        codes: likewise, of int32.
        size: how many values a group has.
        largest_code: the greatest code.
    """
    top = np.float32(largest_code)
    largest = floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place)
        largest = where(largest > value, largest, value)  # not a number goes through as in C
    inverse = top / largest
    scale = 1 / inverse
    least = floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place)
        code = as_float32(nearest_int(inverse * value) & 0xFF)
        difference = value - scale * code
        least += load(importance, place) * difference * difference
    for number in range(-4, 5):
        if number != 0:
            candidate = (np.float32(0.1) * np.float32(number) + top) / largest
            scale = 1 / candidate
            error = floats(0)
            for place in range(0, size * LANES, LANES):
                value = load(values, place)
                difference = value - scale * as_float32(_code(candidate * value, largest_code))
                error += load(importance, place) * difference * difference
            is_better = error < least
            least = where(is_better, error, least)
            inverse = where(is_better, candidate, inverse)
    product = norm = floats(0)
    for place in range(0, size * LANES, LANES):
        value, weight = load(values, place), load(importance, place)
        code = _code(inverse * value, largest_code)
        product += weight * value * as_float32(code)
        norm += weight * as_float32(code) * as_float32(code)
        store(codes, place, code & 0xFF)
    product, norm = _descend(values, importance, codes, size, largest_code, product, norm)
    is_zero = largest < SMALLEST
    for place in range(0, size * LANES, LANES):
        store(codes, place, where(is_zero, 0, load(codes, place)))
    return where(is_zero, 0, where(norm > 0, product / norm, 0))


@inlined
def _code(value, largest_code):
    code = nearest_int(value)
    return where(code < largest_code, code, largest_code)


@inlined
def _descend(values, importance, codes, size, largest_code, product, norm):
    """Change one code at a time as long as that lessens the error."""
    for _ in range(_TRIES):
        changed = False
        for place in range(0, size * LANES, LANES):
            value, weight, code = load(values, place), load(importance, place), load(codes, place)
            weighted, old = weight * value, as_float32(code)
            product_left = product - weighted * old
            norm_left = norm - weight * old * old
            new = _code(value * norm_left / product_left, largest_code)
            as_float = as_float32(new)
            new_product = product_left + weighted * as_float
            new_norm = norm_left + weight * as_float * as_float
            is_better = (product_left > 0) & (norm_left > 0) & (new != code)
            is_better &= new_product * new_product * norm > product * product * new_norm
            if any_of(is_better):
                changed = True
                store(codes, place, where(is_better, new & 0xFF, code))
                product = where(is_better, new_product, product)
                norm = where(is_better, new_norm, norm)
        if not changed:
            break
    return product, norm
