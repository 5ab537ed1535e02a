"""IQ2_XXS: super-blocks of 256 weights; 8 weights share one of 256 points and signs, 32 a 4-bit scale of their own."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import codebooks, search
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half
from edgedocs.quantizers.super_blocks import from_importance

GROUPS = 4
"""Groups of 8 weights that share a scale."""

SUB_BLOCKS = 8
LARGEST_SUB_SCALE = 15

LARGEST_CODE = 4
"""Of the plain rounding that the search starts from."""

_SHIFTS = 7 * np.arange(GROUPS, dtype=np.uint32)


class IQ2_XXS(Quantizer):  # noqa: N801 - the format's own name
    """2.0625 bits a weight: ``weight = sign * scale * (0.5 + sub-scale) / 4 * point``.

    Each sub-block has a byte with the place of a point for 8 weights each, then a word with 7 signs each, the eighth of
    which makes the number of negative ones even, and the sub-scale in the upper 4 bits.
    As ``quantize_row_iq2_xxs_impl`` and ``dequantize_row_iq2_xxs`` in ggml-quants.c.
    """

    name = "IQ2_XXS"
    block_size = codebooks.SUPER_BLOCK
    layout = np.dtype([("scale", "<f2"), ("parts", [("points", "u1", GROUPS), ("signs", "<u4")], SUB_BLOCKS)])
    uses_importance = True
    needs_importance = True
    chunk_weights = 1 << 14

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        assert importance is not None
        by_weight = from_importance(weights, importance, 1)
        mattering = codebooks.by_group(by_weight, 8, GROUPS)
        values, signs = codebooks.magnitudes_and_even_signs(codebooks.by_group(weights, 8, GROUPS), mattering)
        start, _ = search.positive(
            np.ascontiguousarray(values.swapaxes(0, 1)).reshape(8 * GROUPS, -1),
            search.groups(by_weight, 8 * GROUPS),
            LARGEST_CODE,
        )
        largest = start * np.float32(3)
        used = np.flatnonzero((values.max(axis=(0, 1)) >= search.SMALLEST) & ~(largest <= 0))
        fit = codebooks.fitted(
            codebooks.codebook(self.name),
            values[:, :, used],
            mattering[:, :, used],
            start[used],
            codebooks.halves_tried(6),
            largest[used],
            codebooks.Again.ALL,
            used,
        )
        found = codebooks.Found.of(fit, used, signs, all_signs=127)
        step, codes = codebooks.scale_codes(found.scales, LARGEST_SUB_SCALE)
        blocks["scale"] = to_half(step)
        blocks["parts"]["points"] = found.index.reshape(-1, SUB_BLOCKS, GROUPS)
        joined = np.bitwise_or.reduce(found.signs.reshape(-1, SUB_BLOCKS, GROUPS) << _SHIFTS, axis=2)
        blocks["parts"]["signs"] = joined | codes.astype(np.uint32) << 28
        blocks[found.scales.max(axis=1) == 0] = np.zeros((), self.layout)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        parts = blocks["parts"]
        weights[...] = codebooks.decoded_points(self.name).take(parts["points"], axis=0).reshape(weights.shape)
        sub_scales = np.float32(0.5) + (parts["signs"] >> 28).astype(np.float32)
        steps = blocks["scale"].astype(np.float32)[:, np.newaxis] * sub_scales * np.float32(0.25)
        by_step = weights.reshape(-1, SUB_BLOCKS, 8 * GROUPS)
        by_step *= steps[:, :, np.newaxis]
        codebooks.turn_signs(weights, codebooks.even_signs(), parts["signs"][:, :, np.newaxis] >> _SHIFTS & 127)


QUANTIZER = IQ2_XXS()
