"""The search of Q3_K without importance: :func:`edgedocs.quantizers.search.descended`, 16 groups at a time."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.reductions import any_of
from edgedocs.quantizers.kernels.rounding import clipped, nearest_int, rounded
from edgedocs.quantizers.kernels.signed import SMALLEST
from edgedocs.quantizers.kernels.vectors import absolute, as_float32, bits_of, floats, inlined, integers, lesser, where

_TRIES = 5


@inlined
def descended(values, importance, weighted, codes, size, largest_code):
    """Give the scale of each group, and write its codes as float32, from ``-largest_code`` on (``make_q3_quants``).

    Args:
        values: the weights of the groups, ``[size, 16]``, flat; finite.
        importance: room for their squares.
        weighted: room for their cubes.
        codes: room for the codes.
        size: how many weights a group has.
        largest_code: codes go to ``largest_code - 1``; of groups that count as zeros all are ``-largest_code``.
    """
    top = np.float32(largest_code)
    largest, magnitude = floats(0), floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place)
        is_larger = absolute(value) > magnitude
        largest, magnitude = where(is_larger, value, largest), where(is_larger, absolute(value), magnitude)
    inverse = where(magnitude >= SMALLEST, -top / largest, 0)
    product = norm = floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place)
        square = value * value
        cube = square * value
        code = clipped(rounded(value * inverse), -top, top - 1)
        product += cube * code
        norm += square * code * code
        store(importance, place, square)
        store(weighted, place, cube)
        store(codes, place, code)
    tries = 0
    while tries < _TRIES:
        product, norm, changed = _pass(values, importance, weighted, codes, size, largest_code, product, norm)
        tries = tries + 1 if any_of(changed != 0) else _TRIES
    for place in range(0, size * LANES, LANES):
        store(codes, place, where(magnitude >= SMALLEST, load(codes, place), -top))
    return where(norm > 0, product / norm, 0)


@inlined
def _pass(values, importance, weighted, codes, size, largest_code, product, norm):
    """Change each code in its turn if that lessens the error; also give whether any did: not 0."""
    changed = integers(0)
    for place in range(0, size * LANES, LANES):
        value, weight, cube, code = (
            load(values, place),
            load(importance, place),
            load(weighted, place),
            load(codes, place),
        )
        product_left = product - cube * code
        norm_left = norm - weight * code * code
        new = as_float32(clipped(nearest_int(value * norm_left / product_left), -largest_code, largest_code - 1))
        new_product = product_left + cube * new
        new_norm = norm_left + weight * new * new
        # All three must be above 0; where one is not a number, neither is what is compared then.
        least = lesser(lesser(product_left, new_norm), absolute(new - code))
        is_better = (least > 0) & (new_product * new_product * norm > product * product * new_norm)
        kept = where(is_better, new, code)
        store(codes, place, kept)
        product = where(is_better, new_product, product)
        norm = where(is_better, new_norm, norm)
        changed |= bits_of(kept) ^ bits_of(code)
    return product, norm, changed
