"""The search of Q3_K without importance: :func:`edgedocs.quantizers.search.descended`.

Of most groups no code is changed, which shows without working on one code after another; the rest is put together,
64 groups at a time.
"""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.groups import largest_weights
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.reductions import any_of
from edgedocs.quantizers.kernels.rounding import clipped, nearest_int, rounded
from edgedocs.quantizers.kernels.signed import SMALLEST
from edgedocs.quantizers.kernels.vectors import absolute, as_float32, bits_of, floats, inlined, integers, lesser, where

SIDE_BY_SIDE = 4
"""How many times 16 groups are searched together."""

_TRIES = 5


@inlined
def plain_scales(values, size, largest_code):
    """The scales of 16 groups if no code is changed, and the groups of which one is.

    Args:
        values: the weights of the groups, ``[size, 16]``, flat and finite.
        size: how many weights a group has.
        largest_code: codes go from ``-largest_code`` to ``largest_code - 1``.

    Returns:
        The scales; what weights are multiplied with to become codes, 0 for groups that count as zeros; and what is not
        0 where a code is changed.
    """
    inverse = _inverse(values, 0, size, largest_code)
    sums = floats(0), floats(0)
    for place in range(0, size * LANES, LANES):
        sums, _, _, _ = _summed(load(values, place), inverse, largest_code, sums)
    changed = integers(0)
    for place in range(0, size * LANES, LANES):
        value = load(values, place)
        square = value * value
        code = plain_code(value, inverse, largest_code)
        kept, _ = _step(value, square, square * value, code, largest_code, sums)
        changed |= bits_of(kept) ^ bits_of(code)
    return _scale(sums), inverse, changed


@inlined
def descended(groups, size, largest_code):
    """Write the scales and the codes of 64 groups, none of which counts as zeros (``make_q3_quants``).

    Each code waits for the one before it, so four times 16 groups are worked on side by side, which a processor
    overlaps. A pass over groups that are done changes nothing.

    Args:
        groups: has the ``values`` of the groups, ``[4, size, 16]``, flat and finite; room for their squares,
            ``importance``, for their cubes, ``weighted``, and for their codes as float32, ``tried``; and for scales,
            ``scale``, ``[4, 16]``.
        size: how many weights a group has.
        largest_code: codes go to ``largest_code - 1``.
    """
    second, third, fourth = size * LANES, 2 * size * LANES, 3 * size * LANES
    sums1 = _start(groups, 0, size, largest_code)
    sums2 = _start(groups, second, size, largest_code)
    sums3 = _start(groups, third, size, largest_code)
    sums4 = _start(groups, fourth, size, largest_code)
    tries = 0
    while tries < _TRIES:
        changed = integers(0)
        for place in range(0, size * LANES, LANES):
            sums1, change1 = _next(groups, place, largest_code, sums1)
            sums2, change2 = _next(groups, second + place, largest_code, sums2)
            sums3, change3 = _next(groups, third + place, largest_code, sums3)
            sums4, change4 = _next(groups, fourth + place, largest_code, sums4)
            changed |= change1 | change2 | change3 | change4
        tries = tries + 1 if any_of(changed != 0) else _TRIES
    store(groups.scale, 0, _scale(sums1))
    store(groups.scale, LANES, _scale(sums2))
    store(groups.scale, 2 * LANES, _scale(sums3))
    store(groups.scale, 3 * LANES, _scale(sums4))


@inlined
def _inverse(values, start, size, largest_code):
    """What the weights of each group are multiplied with to become codes; 0 for groups that count as zeros."""
    largest, magnitude = largest_weights(values, start, size)
    return where(magnitude >= SMALLEST, -np.float32(largest_code) / largest, 0)


@inlined
def plain_code(value, inverse, largest_code):
    """The code of a weight by plain rounding, as float32."""
    top = np.float32(largest_code)
    return clipped(rounded(value * inverse), -top, top - 1)


@inlined
def _summed(value, inverse, largest_code, sums):
    """The sums with another weight of each group; its square, its cube and its code."""
    product, norm = sums
    square = value * value
    cube = square * value
    code = plain_code(value, inverse, largest_code)
    return (product + cube * code, norm + square * code * code), square, cube, code


@inlined
def _start(groups, start, size, largest_code):
    """Write squares, cubes and first codes; their sums."""
    inverse = _inverse(groups.values, start, size, largest_code)
    sums = floats(0), floats(0)
    for place in range(start, start + size * LANES, LANES):
        sums, square, cube, code = _summed(load(groups.values, place), inverse, largest_code, sums)
        store(groups.importance, place, square)
        store(groups.weighted, place, cube)
        store(groups.tried, place, code)
    return sums


@inlined
def _step(value, weight, cube, code, largest_code, sums):
    """The code of a weight of each group, changed if that lessens the error, and the sums with it."""
    product, norm = sums
    product_left = product - cube * code
    norm_left = norm - weight * code * code
    new = as_float32(clipped(nearest_int(value * norm_left / product_left), -largest_code, largest_code - 1))
    new_product = product_left + cube * new
    new_norm = norm_left + weight * new * new
    # All three must be above 0; where one is not a number, neither is what is compared then.
    least = lesser(lesser(product_left, new_norm), absolute(new - code))
    is_better = (least > 0) & (new_product * new_product * norm > product * product * new_norm)
    kept = where(is_better, new, code)
    return kept, (where(is_better, new_product, product), where(is_better, new_norm, norm))


@inlined
def _next(groups, place, largest_code, sums):
    """:func:`_step` with what is known of a weight; the sums, and what is not 0 where the code was changed."""
    value, weight = load(groups.values, place), load(groups.importance, place)
    cube, code = load(groups.weighted, place), load(groups.tried, place)
    kept, sums = _step(value, weight, cube, code, largest_code, sums)
    store(groups.tried, place, kept)
    return sums, bits_of(kept) ^ bits_of(code)


@inlined
def _scale(sums):
    product, norm = sums
    return where(norm > 0, product / norm, 0)
