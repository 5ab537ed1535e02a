"""Codebooks: grids of points, of which a format stores the number of one for each 4 or 8 weights.

A point has one code for each weight of its group. Only some of all points are on the grid; where the codes nearest to a
group's weights are not, the best of the grid's points around them is searched for, as ggml does.

In this module a group is the weights that share a point, a sub-block is the groups that share a scale. Arrays have the
weights of a group first, then the groups of a sub-block, then the sub-blocks: ``[d, groups, sub-blocks]``.

The grids themselves come from gguf-py, which publishes them in a compact form.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from edgedocs.quantizers import search
from edgedocs.quantizers.base import CannotEncodeError
from edgedocs.quantizers.rounding import nearest_int

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Blocks, Codes, Mask, Weights

    Indices = NDArray[np.intp]

SUPER_BLOCK = 256
"""Weights of a super-block."""

_GREATEST = np.finfo(np.float32).max
"""FLT_MAX: a point whose error is not below this is never the best."""

GROUPS_AT_A_TIME = 4096
"""Groups, one for each step of the search, that are worked on at a time; the arrays should fit the cache."""

PAIRS_AT_A_TIME = 4096
"""The same for pairs of a group and one of its point's neighbours."""

_EXACT = np.float32(4194303)
"""Up to this magnitude ``nearest_int`` is rounding to the nearest integer, halves to even."""

_DISTANCES = {"IQ2_XXS": 2, "IQ2_XS": 2, "IQ2_S": 1, "IQ3_XXS": 2, "IQ3_S": 3, "IQ1_S": 3}
"""How many of the least distances from a point the neighbours of that point have."""


@dataclass(frozen=True, slots=True)
class Codebook:
    """A grid, and for each point that is not on it those of the grid around it (``iq2xs_init_impl``).

    A point's number is that of its codes as digits: ``sum(code[i] * levels ** i)``.

    Attributes:
        levels: how many codes there are for a weight.
        codes: ``[d, n]`` uint8, the points of the grid.
        points: ``[d, n]`` float32, ``2 * code + 1``, as the searches reckon with them.
        index: ``[levels ** d]``, for each point its place on the grid; -1 if it is not on it.
        neighbours: for all points that are not on the grid, places of neighbours, nearest first, then in grid order.
        starts: ``[levels ** d]``, where a point's neighbours start.
        counts: ``[levels ** d]``, how many neighbours a point has.
        many_first: ``[levels ** d]`` uint16, by which to sort points, those with many neighbours first.
    """

    levels: int
    codes: Codes
    points: Weights
    index: Indices
    neighbours: NDArray[np.uint16]
    starts: Indices
    counts: Indices
    many_first: NDArray[np.uint16]

    def numbers(self, codes: Weights) -> Indices:
        """The numbers of points ``[d, ...]``, given as float32."""
        digits = np.float32(self.levels) ** np.arange(len(codes), dtype=np.float32)
        # All are whole numbers below 2 ** 24, so that the order of the additions does not matter.
        numbers: Indices = (digits @ codes.reshape(len(codes), -1)).astype(np.intp)
        return numbers.reshape(codes.shape[1:])

    def rounded(self, values: Weights, inverse: Weights) -> Indices:
        """The numbers of the points nearest to ``values`` ``[d, ...]`` times the inverse scale, ``[...]``."""
        codes = values * inverse
        codes -= np.float32(1)
        codes *= np.float32(0.5)
        if codes.size and codes.min() >= -_EXACT and codes.max() <= _EXACT:
            np.rint(codes, out=codes)
        else:
            codes = nearest_int(codes).astype(np.float32)
        np.maximum(codes, np.float32(0), out=codes)
        np.minimum(codes, np.float32(self.levels - 1), out=codes)
        return self.numbers(codes)

    def nearest(
        self,
        numbers: Indices,
        values: Weights,
        mattering: Weights,
        columns: Indices,
        scale: Weights,
        points: Weights | None = None,
    ) -> Indices:
        """The best neighbours: those of least ``sum(mattering * (scale * point - value) ** 2)``, the first of such.

        As ``iq2_find_best_neighbour``, ``iq3_find_best_neighbour`` and ``iq1_find_best_neighbour2``.

        Args:
            numbers: ``[m]``, points that are not on the grid.
            values: ``[d, groups]``.
            mattering: ``[d, groups]``.
            columns: ``[m]``, which of the groups each point is of.
            scale: ``[m]``.
            points: ``[d, n]``, the points of the grid; by default :attr:`points`.

        Returns:
            ``[m]``, places on the grid; -1 where no neighbour has an error that is a number below ``FLT_MAX``.
        """
        points = self.points if points is None else points
        # Groups with many neighbours first: those that still have some are a prefix at each step.
        order = np.argsort(self.many_first[numbers], kind="stable")
        numbers, columns, scale = numbers[order], columns[order], scale[order]
        values, mattering = values.take(columns, axis=1), mattering.take(columns, axis=1)
        first, counts = self.starts[numbers], self.counts[numbers]
        last = first + counts - 1
        least = np.full(len(order), _GREATEST)
        best = np.full(len(order), -1, np.intp)
        step = 0
        while some := int(np.searchsorted(-counts, -step)):
            steps = np.arange(step, step + max(1, PAIRS_AT_A_TIME // some))[:, np.newaxis]
            # Those with fewer neighbours take their last once more, which changes nothing.
            places = self.neighbours.take(np.minimum(first[:some] + steps, last[:some]))
            difference = points.take(places, axis=1, mode="clip")
            difference *= scale[:some]
            difference -= values[:, np.newaxis, :some]
            terms = mattering[:, np.newaxis, :some] * difference
            terms *= difference
            error = search.sums(terms)
            least_now = np.fmin.reduce(error, axis=0)
            better = np.flatnonzero(least_now < least[:some])
            least[better] = least_now[better]
            which = (error[:, better] == least_now[better]).argmax(axis=0)
            best[better] = places[which, better]
            step += len(steps)
        found = np.empty_like(best)
        found[order] = best
        return found


@cache
def codebook(name: str) -> Codebook:
    """The codebook of the format called ``name``; IQ1_M has that of IQ1_S."""
    levels, grid = _grid(name)
    d = len(grid)
    everything = (np.arange(levels**d) // levels ** np.arange(d)[:, np.newaxis] % levels).astype(np.float32)
    index = np.full(levels**d, -1, np.intp)
    numbers = levels ** np.arange(d) @ grid.astype(np.intp)
    index[numbers] = np.arange(grid.shape[1])
    off = np.flatnonzero(index < 0)
    starts, counts = np.zeros(levels**d, np.intp), np.zeros(levels**d, np.intp)
    pieces = []
    for piece in np.array_split(off, -(-len(off) // 512)):
        distances = _squared_distances(everything[:, piece], grid.astype(np.float32))
        limit = distances.min(axis=1, keepdims=True)
        for _ in range(_DISTANCES[name] - 1):
            limit = np.where(distances > limit, distances, np.float32(np.inf)).min(axis=1, keepdims=True)
        rows, places = np.nonzero(distances <= limit)
        counts[piece] = np.bincount(rows, minlength=len(piece))
        pieces.append(places[np.lexsort((places, distances[rows, places], rows))].astype(np.uint16))
    starts[off] = np.cumsum(counts[off]) - counts[off]
    points = (2 * grid + 1).astype(np.float32)
    many_first = (counts.max() - counts).astype(np.uint16)
    return Codebook(levels, grid, points, index, np.concatenate(pieces), starts, counts, many_first)


def _squared_distances(points: Weights, grid: Weights) -> Weights:
    """Of all ``points`` ``[d, m]`` from all of the ``grid`` ``[d, n]``, ``[m, n]``: whole numbers."""
    distances: Weights = -2 * (points.T @ grid)
    distances += np.square(points).sum(axis=0)[:, np.newaxis]
    distances += np.square(grid).sum(axis=0)
    return distances


def _grid(name: str) -> tuple[int, Codes]:
    """How many codes there are for a weight, and the codes of the grid, ``[d, n]``."""
    from gguf import quants  # not needed before a codebook is

    table = getattr(quants, name)
    packed = np.frombuffer(bytes.fromhex(table.grid_hex.decode()), np.uint8)
    levels = len(table.grid_map)
    bits = 2 if levels <= 4 else 4
    codes = packed[:, np.newaxis] >> np.arange(0, 8, bits, dtype=np.uint8) & (2**bits - 1)
    return levels, np.ascontiguousarray(codes.reshape(table.grid_shape).T)


@cache
def decoded_points(name: str) -> Weights:
    """What the codes of the grid's points are worth when a block is decoded, ``[n, d]`` float32."""
    from gguf import quants

    worth = np.array(getattr(quants, name).grid_map, np.float32)
    return np.ascontiguousarray(worth[_grid(name)[1].T])


class Again(enum.Enum):
    """Which groups of a sub-block :func:`fitted` rounds again, with the scale that it found."""

    ALL = enum.auto()
    """All."""
    ALL_IF_ANY_IS_OFF_GRID = enum.auto()
    """All if the codes of any are not on the grid, or if no step was better than the start."""
    OFF_GRID = enum.auto()
    """Those whose codes are not on the grid."""


@dataclass(slots=True)
class Fit:
    """What :func:`fitted` found, for each sub-block.

    Attributes:
        scale: the scale, positive or zero, ``[sub-blocks]``.
        index: for each group its place on the grid, ``[groups, sub-blocks]``.
        flipped: whether all signs are to be turned over, ``[sub-blocks]``.
    """

    scale: Weights
    index: Indices
    flipped: Mask


def fitted(
    book: Codebook,
    values: Weights,
    mattering: Weights,
    scale: Weights,
    numerators: Weights,
    divisor: Weights,
    again: Again,
    place: Indices,
) -> Fit:
    """The scale and the points of each sub-block that make the weighted error least.

    Each inverse scale ``numerator / divisor`` is tried; then some groups are rounded again, see :class:`Again`.

    Args:
        book: the codebook.
        values: ``[d, groups, sub-blocks]``, magnitudes of weights.
        mattering: ``[d, groups, sub-blocks]``, how much each matters.
        scale: ``[sub-blocks]``, the scale if no step is better than nothing.
        numerators: of the inverse scales, one a step.
        divisor: ``[sub-blocks]``.
        again: which groups to round again.
        place: ``[sub-blocks]``, the place of each sub-block among all of the super-blocks.

    Raises:
        CannotEncodeError: where ggml ends the process, because the search for a point fails or the scale is no number.
    """
    size, groups, sub_blocks = values.shape
    roots = np.sqrt(mattering)
    weighted = mattering * values
    scale = scale.copy()
    best = np.zeros(sub_blocks, np.float32)
    index = np.zeros((groups, sub_blocks), np.intp)
    on_grid = np.full((groups, sub_blocks), again is not Again.ALL_IF_ANY_IS_OFF_GRID)
    flat_values, flat_roots = values.reshape(size, -1), roots.reshape(size, -1)
    failed = np.zeros(sub_blocks, np.bool_)
    at_a_time = max(1, GROUPS_AT_A_TIME // max(1, groups * sub_blocks))
    for start in range(0, len(numerators), at_a_time):
        inverse = numerators[start : start + at_a_time, np.newaxis] / divisor
        numbers = book.rounded(values[:, :, np.newaxis], inverse)
        tried = book.index[numbers]
        off = np.flatnonzero(tried < 0)
        step, sub_block = np.divmod(off % inverse.size, sub_blocks)
        columns = off // inverse.size * sub_blocks + sub_block
        found = book.nearest(
            numbers.reshape(-1)[off],
            flat_values,
            flat_roots,
            columns,
            (np.float32(1) / inverse)[step, sub_block],
        )
        failed[sub_block[found < 0]] = True
        hit = tried >= 0
        tried.reshape(-1)[off] = np.maximum(found, 0)
        for number, (product, norm) in enumerate(zip(*_products(book, tried, weighted, mattering), strict=True)):
            better = (norm > 0) & (product * product > best * norm)
            np.copyto(scale, product / norm, where=better)
            np.copyto(best, scale * product, where=better)
            np.copyto(index, tried[:, number], where=better)
            np.copyto(on_grid, hit[:, number], where=better)
    redone = _rounded_again(on_grid, again) & (scale > 0)
    columns = np.flatnonzero(redone)
    if columns.size:
        sub_block = columns % sub_blocks
        numbers = book.rounded(flat_values.take(columns, axis=1), (np.float32(1) / scale)[sub_block])
        places = book.index[numbers]
        off = np.flatnonzero(places < 0)
        found = book.nearest(numbers[off], flat_values, flat_roots, columns[off], scale[sub_block[off]])
        failed[sub_block[off[found < 0]]] = True
        places[off] = np.maximum(found, 0)
        index.reshape(-1)[columns] = places
        (product,), (norm,) = _products(book, index[:, np.newaxis], weighted, mattering)
        np.copyto(scale, product / norm, where=redone.any(axis=0) & (norm > 0))
    refuse(failed | np.isnan(scale), place, values)
    return Fit(np.abs(scale), index, scale < 0)


def _rounded_again(on_grid: Mask, again: Again) -> Mask:
    """The groups to round again, ``[groups, sub-blocks]``."""
    if again is Again.ALL:
        return np.ones_like(on_grid)
    if again is Again.ALL_IF_ANY_IS_OFF_GRID:
        return np.broadcast_to(~on_grid.all(axis=0), on_grid.shape)
    return ~on_grid


def _products(book: Codebook, index: Indices, weighted: Weights, mattering: Weights) -> tuple[Weights, Weights]:
    """The weighted sums of value times point and of point times point, ``[steps, sub-blocks]``, in C's order.

    Args:
        book: the codebook.
        index: ``[groups, steps, sub-blocks]``, places on the grid.
        weighted: ``[d, groups, sub-blocks]``, value times how much it matters.
        mattering: ``[d, groups, sub-blocks]``.
    """
    size, groups = weighted.shape[:2]
    points = book.points.take(index, axis=1, mode="clip")
    # C adds group after group, so they come first.
    terms = np.empty((groups, size, *index.shape[1:]), np.float32)
    by_weight = terms.swapaxes(0, 1)
    np.multiply(weighted[:, :, np.newaxis], points, out=by_weight)
    product = search.sums(terms.reshape(groups * size, *index.shape[1:]))
    np.multiply(mattering[:, :, np.newaxis], points, out=by_weight)
    by_weight *= points
    return product, search.sums(terms.reshape(groups * size, *index.shape[1:]))


def refuse(failed: Mask, place: Indices, values: Weights) -> None:
    """Raise for the first of ``failed`` sub-blocks, if any.

    Args:
        failed: ``[sub-blocks]``.
        place: ``[sub-blocks]``, the place of each among all of the super-blocks.
        values: ``[d, groups, sub-blocks]``, their weights.

    Raises:
        CannotEncodeError: naming the weight of greatest magnitude of the super-block.
    """
    if failed.any():
        size = values.shape[0] * values.shape[1]
        blocks, sub_block = np.divmod(place, SUPER_BLOCK // size)
        block = int(blocks[failed.argmax()])
        # What overflows may be the sum of the squares of the super-block.
        same = np.flatnonzero(blocks == block)
        magnitudes = np.abs(values[:, :, same].transpose(2, 1, 0)).reshape(-1, size)
        largest, weight = divmod(int(magnitudes.argmax()), size)
        column = int(sub_block[same[largest]]) * size + weight
        raise CannotEncodeError(block, column, "overflows the search for a code")


def by_group(values: Weights, size: int, groups: int) -> Weights:
    """Super-blocks ``[m, 256]`` as ``[size, groups, sub-blocks]``."""
    return np.ascontiguousarray(values.reshape(-1, groups, size).transpose(2, 1, 0))


def magnitudes_and_signs(groups: Weights) -> tuple[Weights, Codes]:
    """Of weights ``[d, ...]`` their magnitudes, and a byte of sign bits for 8 of them, ``[...]``; d is 8."""
    negative = groups < 0
    return np.abs(groups), _as_bytes(negative)


def magnitudes_and_even_signs(groups: Weights, mattering: Weights) -> tuple[Weights, Codes]:
    """As :func:`magnitudes_and_signs`, with an even number of negative signs for 8 weights; 7 bits.

    Where the number is odd, the weight that costs least has the wrong sign, and its value here is negative.
    """
    negative = groups < 0
    values = np.abs(groups)
    cost = mattering * groups * groups
    lost = np.isnan(cost[0])
    least = np.where(np.isnan(cost), np.float32(np.inf), cost).argmin(axis=0)
    least[lost] = 0  # in C no other is less than what is not a number
    odd = (np.arange(8).reshape(-1, *[1] * least.ndim) == least) & (np.add.reduce(negative, axis=0) % 2 == 1)
    values[odd] *= -1
    return values, _as_bytes(negative ^ odd) & 127


def _as_bytes(bits: Mask) -> Codes:
    """Bits ``[8, ...]`` as bytes ``[...]``, the first bit the lowest."""
    packed: Codes = np.packbits(bits, axis=0, bitorder="little")[0]
    return packed


@cache
def signs() -> Weights:
    """For each byte of sign bits the factors of 8 weights, 1 or -1, ``[256, 8]`` float32."""
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1, bitorder="little")
    return np.float32(1) - np.float32(2) * bits


@cache
def even_signs() -> Weights:
    """The same for 7 bits, where an eighth makes the number of negative signs even, ``[128, 8]`` (``ksigns_iq2xs``)."""
    factors = signs()[:128].copy()
    factors[:, 7] = factors.prod(axis=1)
    return factors


def turn_signs(weights: Weights, factors: Weights, index: Codes) -> None:
    """Multiply ``weights`` by factors of 1 or -1 in place.

    What is not a number changes its sign too, as in ggml's compiled code; a multiplication would leave that.

    Args:
        weights: ``[m, 256]``.
        factors: :func:`signs` or :func:`even_signs`.
        index: the row of factors for 8 weights each, in their order.
    """
    bits = weights.view(np.uint32)
    bits ^= (factors.view(np.uint32) & np.uint32(1 << 31)).take(index, axis=0).reshape(weights.shape)


def scale_codes(scales: Weights, largest_code: int) -> tuple[Weights, Codes]:
    """The step of the scales of each super-block and their codes from 0 to ``largest_code``.

    A scale is ``step * (2 * code + 1)``.

    Args:
        scales: ``[m, sub-blocks]``, none negative or not a number.
        largest_code: 7 or 15.

    Returns:
        The steps ``[m]`` and the codes ``[m, sub-blocks]`` uint8.
    """
    step = scales.max(axis=1) / np.float32(2 * largest_code + 1)
    inverse = np.float32(1) / step[:, np.newaxis]
    codes = np.clip(nearest_int(np.float32(0.5) * (inverse * scales - np.float32(1))), 0, largest_code)
    return step, codes.astype(np.uint8)


def nibble_steps(blocks: Blocks) -> Weights:
    """What a point is worth in each sub-block of IQ2_XS and IQ2_S, two to a byte of ``sub_scales``, ``[m, 16]``."""
    packed = blocks["sub_scales"]
    codes = np.stack([packed & 0x0F, packed >> 4], axis=2).reshape(len(packed), -1)
    scale = blocks["scale"].astype(np.float32)[:, np.newaxis]
    steps: Weights = scale * (np.float32(0.5) + codes.astype(np.float32)) * np.float32(0.25)
    return steps


def halves_tried(distance: int) -> Weights:
    """5 halves of a step, and by up to ``distance`` tenths less and more: what the greatest magnitude may be worth."""
    return np.float32(5) + np.float32(0.1) * np.arange(-distance, distance + 1, dtype=np.float32)


@dataclass(slots=True)
class Found:
    """What is stored of super-blocks, for formats with 8 weights to a point; all is 0 where weights count as zeros.

    Attributes:
        scales: ``[m, sub-blocks of a super-block]``.
        index: the groups' places on the grid, ``[m, groups of a super-block]``.
        signs: the groups' signs, ``[m, groups of a super-block]``, 8 bits, or 7 if their number is even.
    """

    scales: Weights
    index: Indices
    signs: Codes

    @classmethod
    def of(cls, fit: Fit, used: Indices, signs: Codes, all_signs: int) -> Found:
        """From the fit of the ``used`` sub-blocks, of which ``signs`` ``[groups, sub-blocks]`` knows all.

        Args:
            fit: what :func:`fitted` found.
            used: ``[n]``, which of the sub-blocks that is for.
            signs: the sign bits of the groups of all sub-blocks.
            all_signs: the bits that are turned over if the scale is negative.
        """
        groups, sub_blocks = signs.shape
        scales, index, stored = np.zeros(sub_blocks, np.float32), np.zeros(signs.shape, np.intp), np.zeros_like(signs)
        scales[used] = fit.scale
        index[:, used] = fit.index
        stored[:, used] = signs[:, used] ^ fit.flipped * np.uint8(all_signs)
        a_block = SUPER_BLOCK // (8 * groups)
        return cls(scales.reshape(-1, a_block), *(values.T.reshape(-1, a_block * groups) for values in (index, stored)))
