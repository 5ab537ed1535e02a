"""IQ1_S: super-blocks of 256 weights; 8 weights share one of 2048 points, 32 a 3-bit scale and a shift of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgedocs.quantizers import codebooks, search, splits
from edgedocs.quantizers.base import Blocks, Importance, Mask, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half
from edgedocs.quantizers.super_blocks import from_importance

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPS = 4
"""Groups of 8 weights that share a scale."""

SUB_BLOCKS = 8
SIZE = 8 * GROUPS
LARGEST_SUB_SCALE = 7

SMALLEST = np.float32(1e-12)
"""GROUP_MAX_EPS_IQ1_S: a sub-block of smaller magnitude counts as zeros."""

ADJUSTMENT = np.float32(1.125)
"""ggml's factor for the scale that is stored."""

_SHIFTS = 3 * np.arange(GROUPS, dtype=np.uint16)


class IQ1_S(Quantizer):  # noqa: N801 - the format's own name
    """1.5625 bits a weight: ``weight = scale * (2 * sub-scale + 1) * (point + shift)``, with points of -1, 0 and 1.

    ``points`` has the lower 8 bits of the places of points. A word of ``upper`` has the upper 3 bits of four of them,
    then the sub-scale, then whether the shift is -0.125, not 0.125.
    As ``quantize_row_iq1_s_impl`` and ``dequantize_row_iq1_s`` in ggml-quants.c.
    """

    name = "IQ1_S"
    block_size = codebooks.SUPER_BLOCK
    layout = np.dtype([("scale", "<f2"), ("points", "u1", 32), ("upper", "<u2", SUB_BLOCKS)])
    uses_importance = True
    needs_importance = True
    chunk_weights = 3 << 12

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        assert importance is not None
        groups = search.groups(weights, SIZE)
        mattering = search.groups(from_importance(weights, importance, 2), SIZE)
        largest = np.abs(groups).max(axis=0)
        used = np.flatnonzero(largest >= SMALLEST)
        sums = splits.Sums(groups[:, used], mattering[:, used])
        split = splits.best(_tries(sums), SIZE, largest[used])
        codes = sums.codes(split)
        negative = split.scale < 0
        codes = np.where(negative, 2 - codes, codes)
        scale, up = np.abs(split.scale), (split.kind == 0) ^ negative
        kept = split.kind >= 0
        used, codes, scale, up = used[kept], codes[:, kept], scale[kept], up[kept]

        by_group = (GROUPS, 8, len(used))
        parts, importances, codes = (
            np.ascontiguousarray(values.reshape(by_group).swapaxes(0, 1))
            for values in (groups[:, used], mattering[:, used], codes)
        )
        ups = np.broadcast_to(up, by_group[::2])
        found = splits.placed(codes, parts, importances, scale, ups)
        scale = splits.refitted(found, parts, importances, scale, ups)
        codebooks.refuse(found.failed | np.isnan(scale), used, parts)

        scales = np.zeros(largest.shape, np.float32)
        scales[used] = scale
        down = np.zeros(largest.shape, np.bool_)
        down[used] = ~up
        index = np.zeros((GROUPS, len(largest)), np.intp)
        index[:, used] = found.index
        self._write(scales.reshape(-1, SUB_BLOCKS), down.reshape(-1, SUB_BLOCKS), index.T, blocks)

    def _write(self, scales: Weights, down: Mask, index: splits.Indices, blocks: Blocks) -> None:
        step, codes = codebooks.scale_codes(scales, LARGEST_SUB_SCALE)
        blocks["scale"] = to_half(step * ADJUSTMENT)
        blocks["points"] = index.reshape(-1, 32) & 0xFF
        joined = np.bitwise_or.reduce((index >> 8) << _SHIFTS, axis=1).reshape(-1, SUB_BLOCKS)
        down &= scales.max(axis=1, keepdims=True) != 0
        blocks["upper"] = joined | (codes | down * np.uint8(8)).astype(np.uint16) << 12

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        upper = blocks["upper"]
        places = blocks["points"] | (upper[:, :, np.newaxis] >> _SHIFTS & 7).reshape(-1, 32) << 8
        weights[...] = codebooks.decoded_points(self.name).take(places, axis=0).reshape(weights.shape)
        shift = np.where(upper & 0x8000, -splits.SHIFT, splits.SHIFT)
        steps = blocks["scale"].astype(np.float32)[:, np.newaxis] * (2 * (upper >> 12 & 7) + 1).astype(np.float32)
        parts = weights.reshape(-1, SUB_BLOCKS, SIZE)
        parts += shift[:, :, np.newaxis]
        parts *= steps[:, :, np.newaxis]


def _tries(sums: splits.Sums) -> Iterator[tuple[Weights, Weights]]:
    """Products and norms of all splits, as :func:`splits.best` wants them: shifted up, shifted down."""
    weighted, mattering = splits.prefix_sums(sums.weighted), splits.prefix_sums(sums.mattering)
    lower, middle, upper = np.stack([splits.UP, splits.DOWN], axis=1)[:, :, np.newaxis]
    for first in range(SIZE + 1):
        below, between, above = _parts(weighted, first)
        product = below * lower + between * middle + above * upper
        below, between, above = _parts(mattering, first)
        norm = below * lower * lower + between * middle * middle + above * upper * upper
        yield product, norm


def _parts(sums: Weights, first: int) -> tuple[Weights, Weights, Weights]:
    """The sums of the three parts for a first place and all second places, ``[second places, 1, sub-blocks]``."""
    below, between, above = sums[first] - sums[0], sums[first:] - sums[first], sums[-1] - sums[first:]
    return below[np.newaxis, np.newaxis], between[:, np.newaxis], above[:, np.newaxis]


QUANTIZER = IQ1_S()
