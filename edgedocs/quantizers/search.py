"""Searches for the scale of a group of weights, each exactly as ggml does it, for many groups at a time.

Arrays are ``[n, groups]``: the ``n`` weights of a group first, so that each step of the C loop over a group is one
array operation over all groups. Along the first axis NumPy adds row after row, as the C loop does; along the last it
would add in pairs, and other bits would come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgedocs.quantizers.rounding import LARGEST_PLAIN, nearest_int, rounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Codes, Weights

SMALLEST = np.float32(1e-15)
"""GROUP_MAX_EPS: a group of smaller magnitude counts as zeros."""

_TRIES = 5
"""Passes of coordinate descent."""


def groups(weights: Weights, size: int) -> Weights:
    """Blocks of weights ``[m, n]`` as groups of ``size``, ``[size, m * n / size]``."""
    return np.ascontiguousarray(weights.reshape(-1, size).T)


def sums(values: Weights) -> Weights:
    """The sum of each group, added one after the other; never -0."""
    total: Weights
    # Of a single group NumPy would add pairs, as that is one row of memory.
    total = np.add.accumulate(values, axis=0)[-1] if values.size == len(values) else np.add.reduce(values, axis=0)
    total += np.float32(0)
    return total


def lowest_of(weights: Weights) -> Weights:
    """The lowest weight of each group; of zeros the first, whatever its sign."""
    lowest: Weights = weights.min(axis=0)
    zeros = np.flatnonzero(lowest == 0)
    if zeros.size:
        lowest[zeros] = weights[weights[:, zeros].argmin(axis=0), zeros]
    return lowest


def largest_magnitude(weights: Weights) -> Weights:
    """The weight of greatest magnitude of each group, the first of such; what is not a number is passed over."""
    magnitudes = np.abs(weights)
    if np.isnan(magnitudes.max(initial=0)):
        magnitudes[np.isnan(magnitudes)] = 0
    largest: Weights = np.take_along_axis(weights, magnitudes.argmax(axis=0)[np.newaxis], axis=0)[0]
    return largest


def largest_of_finite(weights: Weights) -> Weights:
    """As :func:`largest_magnitude`, of finite weights; never -0."""
    highest, lowest = weights.max(axis=0), weights.min(axis=0)
    largest: Weights = np.where(highest > -lowest, highest, lowest)
    tied = np.flatnonzero(highest == -lowest)
    first = np.abs(weights[:, tied]).argmax(axis=0)
    largest[tied] = weights[first, tied]
    largest += np.float32(0)
    return largest


@dataclass(slots=True)
class Signed:
    """What :func:`signed` found, for each group.

    Attributes:
        scale: how much one code is worth; 0 for zeros.
        inverse: the inverse scale that the codes are rounded with.
        is_zero: which groups count as zeros.
    """

    scale: Weights
    inverse: Weights
    is_zero: NDArray[np.bool_]

    def codes(self, weights: Weights, largest_code: int) -> Codes:
        """The codes of the search, from 0 to ``2 * largest_code - 1``; all 0 for zeros."""
        codes = np.clip(nearest_int(weights * self.inverse), -largest_code, largest_code - 1) + largest_code
        codes[:, self.is_zero] = 0
        return codes.astype(np.uint8)


def signed(weights: Weights, importance: Weights, largest_code: int) -> Signed:
    """The scale of each group that makes the weighted squared error least (``make_qx_quants``).

    Codes go from ``-largest_code`` to ``largest_code - 1``; the weight of greatest magnitude is worth about
    ``-largest_code``, and 18 scales around that are tried.
    """
    largest = largest_magnitude(weights)
    top = np.float32(largest_code)
    weighted = importance * weights
    plain = bool(np.isfinite(weights.min(initial=0)) and np.isfinite(weights.max(initial=0)))
    best_inverse = -top / largest
    product, norm = _products(weights, importance, weighted, best_inverse, top, plain)
    best_scale = np.where(norm != 0, product / norm, 0)
    best = best_scale * product
    for number in range(-9, 10):
        if number == 0:
            continue
        inverse = -(top + np.float32(0.1) * np.float32(number)) / largest
        product, norm = _products(weights, importance, weighted, inverse, top, plain)
        better = (norm > 0) & (product * product > best * norm)
        scale = product / norm
        best_scale = np.where(better, scale, best_scale)
        best_inverse = np.where(better, inverse, best_inverse)
        best = np.where(better, scale * product, best)
    is_zero = ~(np.abs(largest) >= SMALLEST)
    best_scale[is_zero] = 0
    return Signed(best_scale, best_inverse, is_zero)


def _products(
    weights: Weights, importance: Weights, weighted: Weights, inverse: Weights, top: np.float32, plain: bool
) -> tuple[Weights, Weights]:
    """The weighted sums of weight times code and of code times code."""
    codes = weights * inverse
    # Scales can be infinite or no number; weights never are, and then this is plain rounding.
    codes = np.rint(codes) if plain else nearest_int(codes).astype(np.float32)
    np.clip(codes, -top, top - 1, out=codes)
    return sums(weighted * codes), sums(importance * codes * codes)


@dataclass(slots=True)
class Range:
    """What :func:`ranged` found, for each group.

    Attributes:
        scale: how much one code is worth.
        minimum: what is subtracted: a weight is about ``scale * code - minimum``.
        inverse: the inverse scale that the codes were rounded with.
        origin: the weight that had code 0 then.
    """

    scale: Weights
    minimum: Weights
    inverse: Weights
    origin: Weights

    def codes(self, weights: Weights, largest_code: int) -> Codes:
        """The codes of the search, ``[n, groups]``."""
        return np.clip(nearest_int(self.inverse * (weights - self.origin)), 0, largest_code).astype(np.uint8)


def ranged(
    weights: Weights,
    importance: Weights,
    largest_code: int,
    first: float,
    step: float,
    steps: int,
    absolute: bool = False,
) -> Range:
    """Scale and minimum of each group that make the weighted error least (``make_qkx2_quants``, ``make_qkx3_quants``).

    The range of a group is cut into ``largest_code + first + step * k`` steps, for ``k`` from 0 to ``steps``; for the
    codes that this gives, the best scale and minimum follow from least squares. The minimum of a better try is the
    origin of those that come after.

    Args:
        weights: ``[n, groups]``.
        importance: ``[n, groups]``.
        largest_code: codes go from 0 to this.
        first: see above.
        step: see above.
        steps: see above.
        absolute: whether the error is that of magnitudes, not of squares.
    """
    top = np.float32(largest_code)
    lowest, highest = lowest_of(weights), weights.max(axis=0)
    weight_sum = sums(importance)
    weighted_sum = np.add.reduce(importance * weights, axis=0)
    origin = np.where(lowest > 0, np.float32(0), lowest)
    start = origin
    flat = highest == origin
    span = highest - origin
    inverse = top / span
    found = Range(np.float32(1) / inverse, origin, inverse, origin.copy())
    codes, buffer = np.empty_like(weights), np.empty_like(weights)
    _round(weights, lowest, highest, origin, inverse, top, codes)
    least = _error(weights, importance, codes, found.scale, origin, absolute, buffer)
    for number in range(steps + 1):
        inverse = (np.float32(first) + np.float32(step) * np.float32(number) + top) / (highest - origin)
        _round(weights, lowest, highest, origin, inverse, top, codes)
        np.multiply(importance, codes, out=buffer)
        code_sum = sums(buffer)
        product = sums(buffer * weights)
        buffer *= codes
        square_sum = sums(buffer)
        determinant = weight_sum * square_sum - code_sum * code_sum
        scale = (weight_sum * product - weighted_sum * code_sum) / determinant
        minimum = (square_sum * weighted_sum - code_sum * product) / determinant
        positive = minimum > 0
        scale = np.where(positive, product / square_sum, scale)
        minimum = np.where(positive, np.float32(0), minimum)
        error = _error(weights, importance, codes, scale, minimum, absolute, buffer)
        better = (determinant > 0) & (error < least)
        least = np.where(better, error, least)
        found.scale = np.where(better, scale, found.scale)
        found.inverse = np.where(better, inverse, found.inverse)
        found.origin = np.where(better, origin, found.origin)
        origin = np.where(better, minimum, origin)
    found.minimum = -np.where(flat, start, origin)
    found.scale[flat] = 0
    found.inverse[flat] = 0
    return found


def _round(
    weights: Weights,
    lowest: Weights,
    highest: Weights,
    origin: Weights,
    inverse: Weights,
    top: np.float32,
    codes: Weights,
) -> None:
    """Write the codes, as float32, for a scale and an origin of each group."""
    np.subtract(weights, origin, out=codes)
    codes *= inverse
    # Rounding keeps the order, so the extremes of a group tell whether the bit trick is plain rounding.
    plain = (np.abs(inverse * (lowest - origin)) <= LARGEST_PLAIN) & (
        np.abs(inverse * (highest - origin)) <= LARGEST_PLAIN
    )
    if plain.all():
        np.rint(codes, out=codes)
    else:
        codes[...] = nearest_int(codes)
    np.maximum(codes, np.float32(0), out=codes)
    np.minimum(codes, top, out=codes)


def _error(
    weights: Weights,
    importance: Weights,
    codes: Weights,
    scale: Weights,
    minimum: Weights,
    absolute: bool,
    buffer: Weights,
) -> Weights:
    """The weighted error of each group."""
    np.multiply(codes, scale, out=buffer)
    buffer += minimum
    buffer -= weights
    if absolute:
        np.abs(buffer, out=buffer)
    else:
        buffer *= buffer
    buffer *= importance
    error: Weights = np.add.reduce(buffer, axis=0)
    return error


def positive(values: Weights, importance: Weights, largest_code: int) -> tuple[Weights, Codes]:
    """Scale and codes of values that should not be negative, such as scales (``make_qp_quants``).

    Codes go from 0 to ``largest_code``. Where a value is negative all the same, its code wraps around, as there.

    Args:
        values: ``[n, groups]``.
        importance: ``[n, groups]``.
        largest_code: the greatest code.
    """
    top = np.float32(largest_code)
    largest = np.zeros(values.shape[1], np.float32)
    for value in values:
        largest = np.where(largest > value, largest, value)  # not a number goes through as in C
    inverse = top / largest
    least = _squares(values, importance, np.float32(1) / inverse, nearest_int(inverse * values).astype(np.uint8))
    for number in range(-4, 5):
        if number == 0:
            continue
        candidate = (np.float32(0.1) * np.float32(number) + top) / largest
        codes = np.minimum(nearest_int(candidate * values), largest_code)
        error = _squares(values, importance, np.float32(1) / candidate, codes)
        better = error < least
        least = np.where(better, error, least)
        inverse = np.where(better, candidate, inverse)
    codes = np.minimum(nearest_int(inverse * values), largest_code)
    weighted = importance * values
    as_float = codes.astype(np.float32)
    product, norm = sums(weighted * as_float), sums(importance * as_float * as_float)
    wrapped = codes.astype(np.uint8)
    product, norm = _descend(values, importance, weighted, wrapped, product, norm, largest_code)
    scale = np.where(norm > 0, product / norm, np.float32(0))
    is_zero = largest < SMALLEST
    scale[is_zero] = 0
    wrapped[:, is_zero] = 0
    return scale, wrapped


def _squares(values: Weights, importance: Weights, scale: Weights, codes: NDArray[np.integer]) -> Weights:
    difference = values - scale * codes.astype(np.float32)
    return sums(importance * difference * difference)


def _descend(
    values: Weights,
    importance: Weights,
    weighted: Weights,
    codes: Codes,
    product: Weights,
    norm: Weights,
    largest_code: int,
) -> tuple[Weights, Weights]:
    """Change one code at a time as long as that lessens the error; ``codes`` are changed in place."""
    for _ in range(_TRIES):
        changed = False
        for place, value in enumerate(values):
            weight, code = importance[place], codes[place]
            old = code.astype(np.float32)
            product_left = product - weighted[place] * old
            norm_left = norm - weight * old * old
            new = np.minimum(nearest_int(value * norm_left / product_left), largest_code)
            as_float = new.astype(np.float32)
            new_product = product_left + weighted[place] * as_float
            new_norm = norm_left + weight * as_float * as_float
            better = (
                (product_left > 0)
                & (norm_left > 0)
                & (new != code)
                & (new_product * new_product * norm > product * product * new_norm)
            )
            if better.any():
                changed = True
                code[better] = new[better].astype(np.uint8)
                product = np.where(better, new_product, product)
                norm = np.where(better, new_norm, norm)
        if not changed:
            break
    return product, norm


def descended(weights: Weights, largest_code: int) -> tuple[Weights, Codes]:
    """Scale and codes of each group by coordinate descent from the plain rounding (``make_q3_quants``).

    The error is weighted with the squares of the weights. Codes go from 0 to ``2 * largest_code - 1``; all are 0 for
    zeros.

    Args:
        weights: ``[n, groups]``, finite.
        largest_code: see above.
    """
    top = np.float32(largest_code)
    largest = largest_of_finite(weights)
    importance = weights * weights
    weighted = importance * weights
    codes = weights * (-top / largest)
    np.rint(codes, out=codes)
    _clip(codes, top)
    product, norm = np.zeros_like(largest), np.zeros_like(largest)
    for row, code in enumerate(codes):  # without arrays for all products
        product += weighted[row] * code
        norm += importance[row] * code * code
    is_zero = ~(np.abs(largest) >= SMALLEST)
    if is_zero.any():
        codes[:, is_zero] = 0  # these then stay as they are
        product[is_zero] = norm[is_zero] = 0
    changes = _changes(weights, importance, weighted, codes, product, norm, top)
    del importance, weighted
    _change_in_turn(weights, codes, product, norm, top, changes)
    scale = np.where(norm > 0, product / norm, np.float32(0))
    codes += top
    if is_zero.any():
        codes[:, is_zero] = 0
    return scale, codes.astype(np.uint8)


@dataclass(slots=True)
class _Changes:
    """Codes that would change next.

    Attributes:
        row: which weight of its group.
        column: which group.
        code: the new code.
        product: the weighted sum of weight times code after the change.
        norm: the weighted sum of code times code after the change.
    """

    row: NDArray[np.intp]
    column: NDArray[np.intp]
    code: Weights
    product: Weights
    norm: Weights

    def firsts(self, turn: NDArray[np.intp], after_last: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Which of these changes is the first of each group to come, and when it comes.

        Args:
            turn: which weight of the group is next, counted on through all passes.
            after_last: when the passes are over.
        """
        size = after_last // _TRIES
        when = turn + (self.row - turn) % size
        order = np.argsort(self.column * (after_last + size) + when)
        columns = self.column.take(order)
        is_first = np.ones(len(columns), np.bool_)
        np.not_equal(columns[1:], columns[:-1], out=is_first[1:])
        is_first &= when.take(order) < after_last
        order = order[is_first]
        return order, when.take(order)


def _change_in_turn(
    weights: Weights, codes: Weights, product: Weights, norm: Weights, top: np.float32, changes: _Changes
) -> None:
    """Change one code of a group after the other as long as that lessens the error; all in place.

    The C code goes through the weights of a group, changes a code where that lessens the error, and goes through them
    again if any changed. From one change to the next nothing else changes, so here all codes are worked out at once,
    and of those that would change the first to come does. Most groups change once or never.
    """
    end = _TRIES * len(weights)
    groups: NDArray[np.intp] | None = None
    turn = np.zeros(len(changes.row), np.intp)
    while len(changes.row):
        first, when = changes.firsts(turn, end)
        groups = changes.column.take(first) if groups is None else groups.take(changes.column.take(first))
        codes[changes.row.take(first), groups] = changes.code.take(first)
        product[groups] = changes.product.take(first)
        norm[groups] = changes.norm.take(first)
        some = weights.take(groups, axis=1)
        importance = some * some
        changes = _changes(
            some, importance, importance * some, codes.take(groups, axis=1), product[groups], norm[groups], top
        )
        turn = (when + 1).take(changes.column)


def _changes(
    weights: Weights,
    importance: Weights,
    weighted: Weights,
    codes: Weights,
    product: Weights,
    norm: Weights,
    top: np.float32,
) -> _Changes:
    """The codes that would change if their turn came now."""
    product_left = weighted * codes
    np.subtract(product, product_left, out=product_left)
    norm_left = importance * codes
    norm_left *= codes
    np.subtract(norm, norm_left, out=norm_left)
    new = weights * norm_left
    new /= product_left
    new = rounded(new)
    _clip(new, top)
    differs = new != codes
    differs &= product_left > 0
    places = differs.reshape(-1).nonzero()[0]
    row = places // len(product)
    column = places - row * len(product)
    code, mattering = new.take(places), importance.take(places)
    after = weighted.take(places)
    after *= code
    after += product_left.take(places)
    norm_after = mattering * code
    norm_after *= code
    norm_after += norm_left.take(places)
    before = product.take(column)
    better = after * after * norm.take(column) > before * before * norm_after
    better &= norm_after > 0
    kept = better.nonzero()[0]
    return _Changes(row.take(kept), column.take(kept), code.take(kept), after.take(kept), norm_after.take(kept))


def _clip(codes: Weights, top: np.float32) -> None:
    np.maximum(codes, -top, out=codes)
    np.minimum(codes, top - 1, out=codes)
