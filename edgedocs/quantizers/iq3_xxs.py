"""IQ3_XXS: super-blocks of 256 weights; 4 weights share one of 256 points, 8 their signs, 32 a 4-bit scale."""

from __future__ import annotations

from functools import cache

import numpy as np

from edgedocs.quantizers import codebooks, quads
from edgedocs.quantizers.base import Blocks, Codes, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half
from edgedocs.quantizers.super_blocks import from_importance

SMALLEST = np.float32(1e-8)
"""GROUP_MAX_EPS_IQ3_XXS: a sub-block of smaller weights counts as zeros."""

NUMERATORS = quads.LARGEST_POINT + np.float32(0.2) * np.arange(-15, 16, dtype=np.float32)
"""How many steps the greatest magnitude of a sub-block is worth, in turn."""

FACTOR = np.float32(1.0125)
"""By which the scale is made larger before it is stored."""

_SIGN_SHIFTS = np.arange(0, 28, 7, dtype=np.uint32)


class IQ3_XXS(Quantizer):  # noqa: N801 - the format's own name
    """3.0625 bits a weight: ``weight = sign * scale * (0.5 + sub-scale) / 2 * point``.

    A byte of ``points`` is the place of a point. A word of ``sub_scales`` has four times 7 signs in its lower bits,
    the eighth sign making the number of negative ones even, and the sub-scale in its upper four bits.
    As ``quantize_row_iq3_xxs_impl`` and ``dequantize_row_iq3_xxs`` in ggml-quants.c.
    """

    name = "IQ3_XXS"
    block_size = codebooks.SUPER_BLOCK
    layout = np.dtype([("scale", "<f2"), ("points", "u1", 64), ("sub_scales", "<u4", quads.SUB_BLOCKS)])
    uses_importance = True
    chunk_weights = 1 << 14

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        mattering = quads.by_signs(weights * weights if importance is None else from_importance(weights, importance, 2))
        values, signs = codebooks.magnitudes_and_even_signs(quads.by_signs(weights), mattering)
        values, mattering = quads.by_point(values), quads.by_point(mattering)
        largest = values.max(axis=(0, 1))
        used = np.flatnonzero(largest >= SMALLEST)
        fit = codebooks.fitted(
            codebooks.codebook(self.name),
            values[:, :, used],
            mattering[:, :, used],
            largest[used] / quads.LARGEST_POINT,
            NUMERATORS,
            largest[used],
            codebooks.Again.OFF_GRID,
            used,
        )
        scales = np.zeros((len(blocks), quads.SUB_BLOCKS), np.float32)
        scales.reshape(-1)[used] = fit.scale
        points = np.zeros(values.shape[1:], np.uint8)
        points[:, used] = fit.index
        words = np.zeros(len(largest), np.uint32)
        turned = (signs[:, used] ^ fit.flipped * np.uint8(127)).astype(np.uint32)
        words[used] = np.bitwise_or.reduce(turned << _SIGN_SHIFTS[:, np.newaxis], axis=0)
        step, codes = codebooks.scale_codes(scales, quads.LARGEST_SUB_SCALE)
        blocks["scale"] = to_half(step * FACTOR)
        blocks["points"] = points.T.reshape(-1, 64)
        blocks["sub_scales"] = words.reshape(scales.shape) | codes.astype(np.uint32) << 28
        blocks[scales.max(axis=1) == 0] = np.zeros((), self.layout)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        words = blocks["sub_scales"]
        signs = _eight_signs().take(words[:, :, np.newaxis] >> _SIGN_SHIFTS & 127)
        codes = (words >> 28).astype(np.float32) + np.float32(0.5)
        steps = blocks["scale"].astype(np.float32)[:, np.newaxis] * codes * np.float32(0.5)
        quads.write(self.name, blocks["points"], signs.reshape(-1, 32), steps, weights)


@cache
def _eight_signs() -> Codes:
    """For each 7 signs the byte of all eight, ``[128]`` (``ksigns_iq2xs``)."""
    return np.packbits(codebooks.even_signs() < 0, axis=1, bitorder="little")[:, 0]


QUANTIZER = IQ3_XXS()
