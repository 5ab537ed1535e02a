"""What Q4_K and Q5_K have in common: eight sub-blocks of 32 weights, each with a 6-bit scale and a 6-bit minimum."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from edgedocs.quantizers import packing, search
from edgedocs.quantizers.base import Blocks, Codes, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import nearest_int, to_half

SUPER_BLOCK = 256
SUB_BLOCKS = 8
SUB_BLOCK_SIZE = 32
LARGEST_SUB_SCALE = 63

WITH_IMPORTANCE = (-0.9, 0.05, 36)
"""The steps of the search (see :func:`edgedocs.quantizers.search.ranged`) where there is importance."""


class MinimumQuantizer(Quantizer):
    """A format of super-blocks whose sub-blocks have a scale and a minimum.

    Attributes:
        largest_code: the greatest code.
        steps: the steps of the search where there is no importance.
        clips_sub_scales: whether a sub-scale that wrapped around, as a negative one does, is clipped where there is
            importance; else its upper bits go into those of its neighbours.
    """

    block_size = SUPER_BLOCK
    uses_importance = True
    largest_code: ClassVar[int]
    steps: ClassVar[tuple[float, float, int]]
    clips_sub_scales: ClassVar[bool]

    @abstractmethod
    def _write_codes(self, codes: Codes, blocks: Blocks) -> None:
        """Write codes ``[m, 256]`` into the blocks."""

    @abstractmethod
    def _read_codes(self, blocks: Blocks) -> Codes:
        """The codes ``[m, 256]`` in the blocks."""

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        groups = search.groups(weights, SUB_BLOCK_SIZE)
        if importance is None:
            found = search.ranged(groups, _from_magnitudes(groups), self.largest_code, *self.steps)
            self._write_scales(found, blocks)
        else:
            mattering = search.groups(from_importance(weights, importance, 2), SUB_BLOCK_SIZE)
            found = search.ranged(groups, mattering, self.largest_code, *WITH_IMPORTANCE)
            self._write_weighted_scales(found, search.sums(mattering), blocks)
        step, minimum = (part.reshape(-1) for part in _steps(blocks))
        codes = np.clip(nearest_int((groups + minimum) / step), 0, self.largest_code).astype(np.uint8)
        skipped = step == 0
        if skipped.any():
            codes[:, skipped] = found.codes(groups, self.largest_code)[:, skipped]
        self._write_codes(codes.T.reshape(-1, SUPER_BLOCK), blocks)

    def _write_scales(self, found: search.Range, blocks: Blocks) -> None:
        """Each part relative to its greatest."""
        codes = []
        for name, values in (("scale", found.scale), ("minimum", found.minimum)):
            of_blocks = values.reshape(-1, SUB_BLOCKS)
            largest = largest_positive(of_blocks)
            inverse = np.where(largest > 0, np.float32(LARGEST_SUB_SCALE) / largest, np.float32(0))
            wrapped = nearest_int(inverse[:, np.newaxis] * of_blocks).astype(np.uint8)
            codes.append(np.minimum(wrapped, LARGEST_SUB_SCALE))
            blocks[name] = to_half(largest / np.float32(LARGEST_SUB_SCALE))
        blocks["sub_scales"] = packing.pack_scales_and_minimums(*codes)

    def _write_weighted_scales(self, found: search.Range, mattering: Weights, blocks: Blocks) -> None:
        """Scale and codes of each part by a search of their own."""
        weights = search.groups(mattering.reshape(-1, SUB_BLOCKS), SUB_BLOCKS)
        codes = []
        for name, values in (("scale", found.scale), ("minimum", found.minimum)):
            scale, wrapped = search.positive(
                search.groups(values.reshape(-1, SUB_BLOCKS), SUB_BLOCKS), weights, LARGEST_SUB_SCALE
            )
            wrapped = np.ascontiguousarray(wrapped.T)
            codes.append(np.minimum(wrapped, LARGEST_SUB_SCALE) if self.clips_sub_scales else wrapped)
            blocks[name] = to_half(scale)
        blocks["sub_scales"] = packing.pack_scales_and_minimums(*codes)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        step, minimum = _steps(blocks)
        weights[:] = self._read_codes(blocks)
        weights *= step.repeat(SUB_BLOCK_SIZE, axis=1)
        weights -= minimum.repeat(SUB_BLOCK_SIZE, axis=1)


def _steps(blocks: Blocks) -> tuple[Weights, Weights]:
    """What a code is worth in each sub-block, and what is subtracted, ``[m, 8]``."""
    scales, minimums = packing.unpack_scales_and_minimums(blocks["sub_scales"])
    return (
        blocks["scale"].astype(np.float32)[:, np.newaxis] * scales,
        blocks["minimum"].astype(np.float32)[:, np.newaxis] * minimums,
    )


def _from_magnitudes(groups: Weights) -> Weights:
    """How much each weight of the sub-blocks matters if nothing is known: its magnitude beside the usual one."""
    usual = np.sqrt(search.sums(groups * groups) / np.float32(SUB_BLOCK_SIZE))
    mattering: Weights = usual + np.abs(groups)
    return mattering


def from_importance(weights: Weights, importance: Importance, factor: int) -> Weights:
    """How much each weight of the super-blocks ``[m, 256]`` matters, ``[m, 256]``.

    Args:
        weights: the weights.
        importance: that of their columns.
        factor: of the mean square of the super-block, which is added to the square of the weight.
    """
    squares = weights * weights
    mean = np.float32(factor) * search.sums(np.ascontiguousarray(squares.T)) / np.float32(SUPER_BLOCK)
    mattering: Weights = importance.values * np.sqrt(mean[:, np.newaxis] + squares)
    return mattering


def largest_positive(values: Weights) -> Weights:
    """The greatest of ``[m, n]`` in each row, 0 if none is positive; what is not a number is passed over."""
    largest: Weights = np.fmax.reduce(values, axis=1)
    return np.fmax(largest, np.float32(0))
