"""The search of Q3_K without importance: :func:`edgedocs.quantizers.search.descended`, 32 groups at a time."""

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
def descended(one, other, size, largest_code):
    """Give the scales of 32 groups, and write their codes as float32, from ``-largest_code`` on (``make_q3_quants``).

    Each code waits for the one before it, so two times 16 groups are worked on side by side, which a processor
    overlaps. A pass over groups that are done changes nothing.

    Args:
        one: has the ``values`` of 16 groups, ``[size, 16]``, flat and finite; room for their squares, ``importance``,
            and their cubes, ``weighted``; and room for the codes, ``tried``.
        other: the same of 16 more.
        size: how many weights a group has.
        largest_code: codes go to ``largest_code - 1``; of groups that count as zeros all are ``-largest_code``.

    Returns:
        The scales of the groups of ``one``, and those of ``other``.
    """
    product, norm, is_zero = _start(one, size, largest_code)
    other_product, other_norm, other_is_zero = _start(other, size, largest_code)
    tries = 0
    while tries < _TRIES:
        changed = integers(0)
        for place in range(0, size * LANES, LANES):
            product, norm, change = _step(one, place, largest_code, product, norm)
            other_product, other_norm, other_change = _step(other, place, largest_code, other_product, other_norm)
            changed |= change | other_change
        tries = tries + 1 if any_of(changed != 0) else _TRIES
    return _scale(one, size, largest_code, product, norm, is_zero), _scale(
        other, size, largest_code, other_product, other_norm, other_is_zero
    )


@inlined
def _start(groups, size, largest_code):
    """Write squares, cubes and first codes; their sums, and which groups count as zeros."""
    top = np.float32(largest_code)
    largest, magnitude = floats(0), floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(groups.values, place)
        is_larger = absolute(value) > magnitude
        largest, magnitude = where(is_larger, value, largest), where(is_larger, absolute(value), magnitude)
    inverse = where(magnitude >= SMALLEST, -top / largest, 0)
    product = norm = floats(0)
    for place in range(0, size * LANES, LANES):
        value = load(groups.values, place)
        square = value * value
        cube = square * value
        code = clipped(rounded(value * inverse), -top, top - 1)
        product += cube * code
        norm += square * code * code
        store(groups.importance, place, square)
        store(groups.weighted, place, cube)
        store(groups.tried, place, code)
    return product, norm, magnitude < SMALLEST


@inlined
def _step(groups, place, largest_code, product, norm):
    """Change a code of each group if that lessens the error; the sums, and what is not 0 where it was changed."""
    value, weight = load(groups.values, place), load(groups.importance, place)
    cube, code = load(groups.weighted, place), load(groups.tried, place)
    product_left = product - cube * code
    norm_left = norm - weight * code * code
    new = as_float32(clipped(nearest_int(value * norm_left / product_left), -largest_code, largest_code - 1))
    new_product = product_left + cube * new
    new_norm = norm_left + weight * new * new
    # All three must be above 0; where one is not a number, neither is what is compared then.
    least = lesser(lesser(product_left, new_norm), absolute(new - code))
    is_better = (least > 0) & (new_product * new_product * norm > product * product * new_norm)
    kept = where(is_better, new, code)
    store(groups.tried, place, kept)
    product = where(is_better, new_product, product)
    norm = where(is_better, new_norm, norm)
    return product, norm, bits_of(kept) ^ bits_of(code)


@inlined
def _scale(groups, size, largest_code, product, norm, is_zero):
    """The scales, with the codes of groups of zeros set right."""
    for place in range(0, size * LANES, LANES):
        store(groups.tried, place, where(is_zero, -np.float32(largest_code), load(groups.tried, place)))
    return where(norm > 0, product / norm, 0)
