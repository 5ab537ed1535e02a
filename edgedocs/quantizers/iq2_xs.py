"""IQ2_XS: super-blocks of 256 weights; 8 weights share one of 512 points and signs, 16 a 4-bit scale of their own."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import codebooks, search
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half
from edgedocs.quantizers.super_blocks import from_importance

GROUPS = 2
"""Groups of 8 weights that share a scale."""

SUB_BLOCKS = 16
LARGEST_SUB_SCALE = 15


class IQ2_XS(Quantizer):  # noqa: N801 - the format's own name
    """2.3125 bits a weight: ``weight = sign * scale * (0.5 + sub-scale) / 4 * point``.

    A word of ``points`` has the place of a point in its lower 9 bits and 7 signs above; the eighth sign makes the
    number of negative ones even. A byte of ``sub_scales`` has two.
    As ``quantize_row_iq2_xs_impl`` and ``dequantize_row_iq2_xs`` in ggml-quants.c.
    """

    name = "IQ2_XS"
    block_size = codebooks.SUPER_BLOCK
    layout = np.dtype([("scale", "<f2"), ("points", "<u2", 32), ("sub_scales", "u1", 8)])
    uses_importance = True
    needs_importance = True
    chunk_weights = 1 << 14

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        assert importance is not None
        mattering = codebooks.by_group(from_importance(weights, importance, 1), 8, GROUPS)
        values, signs = codebooks.magnitudes_and_even_signs(codebooks.by_group(weights, 8, GROUPS), mattering)
        largest = values.max(axis=(0, 1))
        used = np.flatnonzero(largest >= search.SMALLEST)
        fit = codebooks.fitted(
            codebooks.codebook(self.name),
            values[:, :, used],
            mattering[:, :, used],
            largest[used] / np.float32(5),
            codebooks.halves_tried(9),
            largest[used],
            codebooks.Again.OFF_GRID,
            used,
        )
        found = codebooks.Found.of(fit, used, signs, all_signs=127)
        step, codes = codebooks.scale_codes(found.scales, LARGEST_SUB_SCALE)
        blocks["scale"] = to_half(step)
        blocks["points"] = found.index | found.signs.astype(np.intp) << 9
        blocks["sub_scales"] = codes[:, ::2] | codes[:, 1::2] << 4
        blocks[found.scales.max(axis=1) == 0] = np.zeros((), self.layout)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        grid = codebooks.decoded_points(self.name)
        weights[...] = grid.take(blocks["points"] & 511, axis=0).reshape(weights.shape)
        parts = weights.reshape(-1, SUB_BLOCKS, 16)
        parts *= codebooks.nibble_steps(blocks)[:, :, np.newaxis]
        codebooks.turn_signs(weights, codebooks.even_signs(), blocks["points"] >> 9)


QUANTIZER = IQ2_XS()
