"""The search of Q2_K, Q4_K and Q5_K: :func:`edgedocs.quantizers.search.ranged`, 16 groups at a time."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.rounding import above_zero, clipped, is_plain, lesser_above_zero, nearest_int, rounded
from edgedocs.quantizers.kernels.vectors import absolute, as_float32, floats, greater, inlined, lesser, where


@inlined
def ranged(values, mattering, codes, size, largest_code, first, step, steps, of_magnitudes):
    """Scale, minimum, inverse and origin of each group, four times lanes (``make_qkx2_quants``, ``make_qkx3_quants``).

    Args:
        values: the weights of the groups, ``[size, 16]``, flat.
        mattering: how much each matters, likewise.
        codes: room for the codes of a try, likewise.
        size: how many weights a group has.
        largest_code: as in the NumPy function, like all that follow; float32.
        first: float32.
        step: float32.
        steps: how many.
        of_magnitudes: there called ``absolute``.
    """
    lowest = highest = load(values, 0)
    weight_sum = load(mattering, 0)
    weighted_sum = weight_sum * lowest
    for place in range(LANES, LANES * size, LANES):
        value, weight = load(values, place), load(mattering, place)
        lowest, highest = lesser(value, lowest), greater(value, highest)
        weight_sum += weight
        weighted_sum += weight * value
    start = where(lowest > 0, 0, lowest)
    is_flat = highest == start
    inverse = largest_code / (highest - start)
    origin = best_origin = best_minimum = start
    best_inverse = inverse
    best_scale = 1 / inverse
    _sums(values, mattering, codes, size, lowest, highest, origin, inverse, largest_code)
    least = _error(values, mattering, codes, size, best_scale, origin, of_magnitudes)
    for number in range(steps + 1):
        cut = first + step * np.float32(number) + largest_code
        inverse = cut / (highest - origin)
        code_sum, square_sum, product = _sums(
            values, mattering, codes, size, lowest, highest, origin, inverse, largest_code
        )
        determinant = weight_sum * square_sum - code_sum * code_sum
        scale = (weight_sum * product - weighted_sum * code_sum) / determinant
        minimum = (square_sum * weighted_sum - code_sum * product) / determinant
        is_positive = minimum > 0
        scale = where(is_positive, product / square_sum, scale)
        minimum = where(is_positive, 0, minimum)
        error = _error(values, mattering, codes, size, scale, minimum, of_magnitudes)
        is_better = (determinant > 0) & (error < least)
        least = where(is_better, error, least)
        best_scale = where(is_better, scale, best_scale)
        best_inverse = where(is_better, inverse, best_inverse)
        best_origin = where(is_better, origin, best_origin)
        origin = where(is_better, minimum, origin)
    best_minimum = -where(is_flat, start, origin)
    return where(is_flat, 0, best_scale), best_minimum, where(is_flat, 0, best_inverse), best_origin


@inlined
def _sums(values, mattering, codes, size, lowest, highest, origin, inverse, largest_code):
    """Write the codes, as float32, for a scale and an origin of each group; give their weighted sums.

    These are the sums of codes, of their squares, and of their products with the weights.
    """
    # Rounding keeps the order, so the extremes of a group tell whether rounding is plain.
    if is_plain(inverse * (lowest - origin)) and is_plain(inverse * (highest - origin)):
        return _sums_of(values, mattering, codes, size, origin, inverse, largest_code, True)
    return _sums_of(values, mattering, codes, size, origin, inverse, largest_code, False)


@inlined
def _sums_of(values, mattering, codes, size, origin, inverse, largest_code, plain):
    code_sum = square_sum = product = floats(0)
    for place in range(0, LANES * size, LANES):
        value = load(values, place)
        scaled = inverse * (value - origin)
        if plain:
            code = above_zero(lesser_above_zero(rounded(scaled), largest_code))
        else:
            code = clipped(as_float32(nearest_int(scaled)), 0, largest_code)
        store(codes, place, code)
        weighted = load(mattering, place) * code
        code_sum += weighted
        square_sum += weighted * code
        product += weighted * value
    return code_sum, square_sum, product


@inlined
def _error(values, mattering, codes, size, scale, minimum, of_magnitudes):
    """The weighted error of each group."""
    error = floats(0)
    for place in range(0, LANES * size, LANES):
        difference = (scale * load(codes, place) + minimum) - load(values, place)
        deviation = absolute(difference) if of_magnitudes else difference * difference
        error += load(mattering, place) * deviation
    return error
