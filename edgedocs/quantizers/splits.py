"""What IQ1_S and IQ1_M have in common: codes of three levels from the best split of the sorted weights.

The weights of a sub-block, in order, are split at two places: those before the first get code 0, those after the second
code 2, the others code 1. All pairs of places are tried. A code is worth -1, 0 or 1, all shifted up or down by
:data:`SHIFT`.

Arrays are ``[n, sub-blocks]``, or ``[8, groups, sub-blocks]`` where weights that share a point are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from edgedocs.quantizers import codebooks, search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Codes, Mask, Weights

    Indices = NDArray[np.intp]

NAME = "IQ1_S"
"""The format whose codebook both have."""

SHIFT = np.float32(0.125)
"""IQ1S_DELTA and IQ1M_DELTA."""

UP = np.array([-1, 0, 1], np.float32) + SHIFT
DOWN = np.array([-1, 0, 1], np.float32) - SHIFT
"""What the codes 0, 1 and 2 are worth."""


_TINY = np.float32(1e-37)
"""Products below this may be off by more than rounding."""


@dataclass(slots=True)
class Split:
    """The best split of each sub-block.

    Attributes:
        scale: the scale, of either sign.
        first: how many weights have code 0.
        second: how many have code 0 or 1.
        kind: the number of the shift, or of the shifts of several groups, that is best; -1 if there is no best split.
    """

    scale: Weights
    first: Indices
    second: Indices
    kind: Indices


class Sums:
    """Sums over the sorted weights of each sub-block, and the search for the best split.

    Args:
        weights: ``[n, sub-blocks]``.
        mattering: ``[n, sub-blocks]``.
    """

    def __init__(self, weights: Weights, mattering: Weights) -> None:
        # Equal weights stay in their order, as with glibc's qsort.
        self.order: Indices = np.ascontiguousarray(np.argsort(weights.T, axis=1, kind="stable").T)
        self.weighted = np.take_along_axis(mattering * weights, self.order, axis=0)
        self.mattering = np.take_along_axis(mattering, self.order, axis=0)

    def codes(self, split: Split) -> Codes:
        """The codes of the weights in their own order, as uint8."""
        rank = np.arange(len(self.order))[:, np.newaxis]
        sorted_codes = (rank >= split.first).astype(np.uint8) + (rank >= split.second)
        codes = np.empty_like(sorted_codes)
        np.put_along_axis(codes, self.order, sorted_codes, axis=0)
        return codes


def prefix_sums(values: Weights) -> Weights:
    """The sums of the first 0, 1, … n of ``[n, ...]``, one added after the other, ``[n + 1, ...]``."""
    sums = np.zeros((len(values) + 1, *values.shape[1:]), np.float32)
    sums[1:] = values
    np.add.accumulate(sums, axis=0, out=sums)
    return sums


def best(tries: Iterator[tuple[Weights, Weights]], size: int, start: Weights) -> Split:
    """The split of greatest ``product ** 2 / norm``, the first of such, compared as in C.

    Args:
        tries: for each first place in turn, products and norms for all second places from there and all kinds of
            shifts, ``[size + 1 - first, kinds, sub-blocks]``.
        size: how many weights there are.
        start: ``[sub-blocks]``, the scale if nothing is better.
    """
    split = Split(start.copy(), *(np.full(start.shape, -1, np.intp) for _ in range(3)))
    score = np.full(start.shape, -np.finfo(np.float32).max)
    for first, (products, norms) in enumerate(tries):
        seconds, kinds, sub_blocks = products.shape
        products, norms = (values.reshape(seconds * kinds, sub_blocks) for values in (products, norms))
        squares = products * products
        squares[~(norms > 0)] = np.nan  # never better
        scales = products / norms
        scores = scales * products
        which = np.full(start.shape, -1, np.intp)
        bound = np.empty_like(start)
        better = np.empty(start.shape, np.bool_)
        # The score falls by rounding alone, less than a thousandth: most tries can be better for no sub-block.
        hopeful = squares > score * np.float32(0.999) * norms - _TINY
        for number in np.flatnonzero(np.logical_or.reduce(hopeful, axis=1)):
            np.multiply(score, norms[number], out=bound)
            np.greater(squares[number], bound, out=better)
            np.copyto(score, scores[number], where=better)
            np.copyto(which, number, where=better)
        found = np.flatnonzero(which >= 0)
        second, kind = np.divmod(which[found], kinds)
        split.scale[found] = scales[which[found], found]
        split.first[found], split.second[found], split.kind[found] = first, first + second, kind
    return split


@cache
def points(up: bool) -> Weights:
    """What the points of the grid are worth, shifted up or down, ``[8, n]``."""
    return (UP if up else DOWN)[codebooks.codebook(NAME).codes]


@dataclass(slots=True)
class Placed:
    """Points of the grid for the groups of sub-blocks.

    Attributes:
        index: their places on the grid, ``[groups, sub-blocks]``.
        all_on_grid: whether that changed no code, ``[sub-blocks]``.
        failed: where the search for a point fails, ``[sub-blocks]``.
    """

    index: Indices
    all_on_grid: Mask
    failed: Mask


def placed(codes: Codes, weights: Weights, mattering: Weights, scale: Weights, up: Mask) -> Placed:
    """The points with the codes, or else the best of the points around them.

    Args:
        codes: ``[8, groups, sub-blocks]``.
        weights: the same.
        mattering: the same.
        scale: ``[sub-blocks]``.
        up: ``[groups, sub-blocks]``, whether codes are shifted up.
    """
    book = codebooks.codebook(NAME)
    numbers = book.numbers(codes.astype(np.float32)).reshape(-1)
    index = book.index[numbers]
    off = index < 0
    failed = np.zeros(index.shape, np.bool_)
    for is_up in (True, False):
        columns = np.flatnonzero(off & (up.reshape(-1) == is_up))
        found = book.nearest(
            numbers[columns],
            weights.reshape(8, -1),
            mattering.reshape(8, -1),
            columns,
            scale[columns % len(scale)],
            points(is_up),
        )
        index[columns] = np.maximum(found, 0)
        failed[columns[found < 0]] = True
    by_group = codes.shape[1:]
    on_grid: Mask = np.logical_and.reduce(~off.reshape(by_group), axis=0)
    fails: Mask = np.logical_or.reduce(failed.reshape(by_group), axis=0)
    return Placed(index.reshape(by_group), on_grid, fails)


def worth(index: Indices, up: Mask) -> Weights:
    """What the points at ``index`` ``[groups, sub-blocks]`` are worth, ``[8, groups, sub-blocks]``."""
    return np.where(up, points(True).take(index, axis=1), points(False).take(index, axis=1))


def refitted(found: Placed, weights: Weights, mattering: Weights, scale: Weights, up: Mask) -> Weights:
    """The scale of each sub-block that fits best to its points, if those are not all what was asked for.

    Args:
        found: the points.
        weights: ``[8, groups, sub-blocks]``.
        mattering: the same.
        scale: ``[sub-blocks]``.
        up: ``[groups, sub-blocks]``, whether codes are shifted up.
    """
    values = worth(found.index, up)
    weighted = mattering * values
    product = search.sums(in_order(weighted * weights))
    norm = search.sums(in_order(weighted * values))
    return np.where(~found.all_on_grid & (product > 0) & (norm > 0), product / norm, scale)


def in_order(values: Weights) -> Weights:
    """Values ``[8, groups, sub-blocks]`` in the order of the weights, ``[8 * groups, sub-blocks]``."""
    size, groups, sub_blocks = values.shape
    return np.ascontiguousarray(values.swapaxes(0, 1)).reshape(size * groups, sub_blocks)
