"""IQ3_S: super-blocks of 256 weights; 4 weights share one of 512 points, each has a sign, 32 share a 4-bit scale."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import codebooks, quads
from edgedocs.quantizers.base import Blocks, Importance, Mask, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half
from edgedocs.quantizers.super_blocks import from_importance

NUMERATORS = quads.LARGEST_POINT + np.float32(0.2) * np.arange(-9, 10, dtype=np.float32)
"""How many steps the greatest magnitude of a sub-block is worth, in turn."""

FACTOR = np.float32(1.033)
"""By which the scale is made larger before it is stored."""


class IQ3_S(Quantizer):  # noqa: N801 - the format's own name
    """3.4375 bits a weight: ``weight = sign * scale * (1 + 2 * sub-scale) * point``.

    ``points`` has the lower eight bits of the places of points, ``upper`` their ninth bits, ``signs`` a bit for each
    weight, ``sub_scales`` two sub-scales to a byte.
    As ``quantize_row_iq3_s_impl`` and ``dequantize_row_iq3_s`` in ggml-quants.c.
    """

    name = "IQ3_S"
    block_size = codebooks.SUPER_BLOCK
    layout = np.dtype(
        [("scale", "<f2"), ("points", "u1", 64), ("upper", "u1", 8), ("signs", "u1", 32), ("sub_scales", "u1", 4)]
    )
    uses_importance = True
    chunk_weights = 1 << 14

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        mattering = weights * weights if importance is None else from_importance(weights, importance, 2)
        mattering = quads.by_point(quads.by_signs(mattering))
        values, signs = codebooks.magnitudes_and_signs(quads.by_signs(weights))
        values = quads.by_point(values)
        largest = values.max(axis=(0, 1))
        used = np.flatnonzero(largest)
        fit = codebooks.fitted(
            codebooks.codebook(self.name),
            values[:, :, used],
            mattering[:, :, used],
            largest[used] / quads.LARGEST_POINT,
            NUMERATORS,
            largest[used],
            codebooks.Again.ALL_IF_ANY_IS_OFF_GRID,
            used,
        )
        scales = np.zeros((len(blocks), quads.SUB_BLOCKS), np.float32)
        scales.reshape(-1)[used] = fit.scale
        written = np.flatnonzero(_moved_up(largest.reshape(scales.shape) > 0))
        points, turned = np.zeros(values.shape[1:], np.uint8), np.zeros_like(signs)
        points[:, written] = fit.index & 255
        turned[:, written] = signs[:, used] ^ fit.flipped * np.uint8(255)
        upper = np.zeros(len(largest), np.uint8)
        upper[used] = np.packbits(fit.index > 255, axis=0, bitorder="little")
        step, codes = codebooks.scale_codes(scales, quads.LARGEST_SUB_SCALE)
        codes[scales.max(axis=1) == 0] = 0
        blocks["scale"] = to_half(step * FACTOR)
        blocks["points"] = points.T.reshape(-1, 64)
        blocks["upper"] = upper.reshape(scales.shape)
        blocks["signs"] = turned.T.reshape(-1, 32)
        blocks["sub_scales"] = codes[:, ::2] | codes[:, 1::2] << 4

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        upper = np.unpackbits(np.ascontiguousarray(blocks["upper"]), axis=1, bitorder="little")
        packed = blocks["sub_scales"]
        codes = np.stack([packed & 0x0F, packed >> 4], axis=2).reshape(-1, quads.SUB_BLOCKS)
        steps = blocks["scale"].astype(np.float32)[:, np.newaxis] * (2 * codes + 1)
        quads.write(self.name, blocks["points"] | upper.astype(np.uint16) << 8, blocks["signs"], steps, weights)


def _moved_up(places: Mask) -> Mask:
    """As many places from the first on as there are in each row of ``[m, n]``."""
    moved: Mask = np.arange(places.shape[1]) < places.sum(axis=1, keepdims=True)
    return moved


QUANTIZER = IQ3_S()
