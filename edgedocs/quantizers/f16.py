"""F16: half precision, 11 significant bits and a narrow range."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.base import Blocks, Importance, Mask, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half

INFINITY = 0x7C00
"""Its bits; those of a magnitude that is finite are less."""

QUIET = np.uint32(0x00400000)
"""The bit that makes a float32 that is not a number a quiet one."""


class F16(Quantizer):
    """IEEE 754 half precision, little-endian: 1 sign bit, 5 exponent bits, 10 of the fraction.

    Weights beyond 65504 become infinite, those below about 3e-8 zero; what is not a number becomes quiet. As
    ``ggml_fp32_to_fp16_row`` and ``ggml_fp16_to_fp32_row`` in ggml.c.
    """

    name = "F16"
    block_size = 1
    layout = np.dtype("<f2")
    stores_non_finite = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        blocks[:] = to_half(weights[:, 0])

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:, 0] = blocks
        if np.isnan(weights.max(initial=0)):
            weights.view(np.uint32)[np.isnan(weights)] |= QUIET

    def _finite(self, blocks: Blocks) -> Mask:
        finite: Mask = blocks.view("<u2") & 0x7FFF < INFINITY  # several times as fast as numpy.isfinite
        return finite


QUANTIZER = F16()
