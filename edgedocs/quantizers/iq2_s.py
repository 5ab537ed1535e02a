"""IQ2_S: super-blocks of 256 weights; 8 weights share one of 1024 points, 16 a 4-bit scale of their own."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import codebooks, search
from edgedocs.quantizers.base import Blocks, Codes, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half
from edgedocs.quantizers.super_blocks import from_importance

GROUPS = 2
"""Groups of 8 weights that share a scale."""

SUB_BLOCKS = 16
LARGEST_SUB_SCALE = 15

SMALLEST = np.float32(1e-8)
"""GROUP_MAX_EPS_IQ2_S: a sub-block of smaller magnitude counts as zeros."""

ADJUSTMENT = np.float32(0.9875)
"""ggml's factor for the scale that is stored."""

_SHIFTS = np.arange(0, 8, 2, dtype=np.uint8)


class IQ2_S(Quantizer):  # noqa: N801 - the format's own name
    """2.5625 bits a weight: ``weight = sign * scale * (0.5 + sub-scale) / 4 * point``.

    ``points`` has the lower 8 bits of the places of points, ``upper`` the upper 2 bits, four to a byte; ``signs`` a bit
    a weight. A byte of ``sub_scales`` has two.
    As ``quantize_row_iq2_s_impl`` and ``dequantize_row_iq2_s`` in ggml-quants.c.
    """

    name = "IQ2_S"
    block_size = codebooks.SUPER_BLOCK
    layout = np.dtype(
        [("scale", "<f2"), ("points", "u1", 32), ("signs", "u1", 32), ("upper", "u1", 8), ("sub_scales", "u1", 8)]
    )
    uses_importance = True
    chunk_weights = 1 << 14

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        if importance is None:
            squares = weights * weights
            mean = np.float32(2) * search.sums(np.ascontiguousarray(squares.T)) / np.float32(codebooks.SUPER_BLOCK)
            by_weight = np.float32(0.25) * mean[:, np.newaxis] + squares
        else:
            by_weight = from_importance(weights, importance, 2)
        mattering = codebooks.by_group(by_weight, 8, GROUPS)
        values, signs = codebooks.magnitudes_and_signs(codebooks.by_group(weights, 8, GROUPS))
        largest = values.max(axis=(0, 1))
        used = np.flatnonzero(largest >= SMALLEST)
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
        found = codebooks.Found.of(fit, used, signs, all_signs=255)
        step, codes = codebooks.scale_codes(found.scales, LARGEST_SUB_SCALE)
        blocks["scale"] = to_half(step * ADJUSTMENT)
        blocks["points"] = found.index & 0xFF
        blocks["upper"] = np.bitwise_or.reduce((found.index >> 8).reshape(-1, 8, 4) << _SHIFTS, axis=2)
        blocks["signs"] = found.signs
        blocks["sub_scales"] = codes[:, ::2] | codes[:, 1::2] << 4

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[...] = codebooks.decoded_points(self.name).take(_index(blocks), axis=0).reshape(weights.shape)
        parts = weights.reshape(-1, SUB_BLOCKS, 16)
        parts *= codebooks.nibble_steps(blocks)[:, :, np.newaxis]
        codebooks.turn_signs(weights, codebooks.signs(), blocks["signs"])


def _index(blocks: Blocks) -> Codes:
    """The places of the points, ``[m, 32]`` uint16."""
    upper = (blocks["upper"][:, :, np.newaxis] >> _SHIFTS & 3).reshape(-1, 32)
    places: Codes = blocks["points"] | upper.astype(np.uint16) << 8
    return places


QUANTIZER = IQ2_S()
