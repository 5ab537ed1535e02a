"""BF16: the upper half of a float32, 8 significant bits and the full range."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.base import Blocks, Importance, Mask, Quantizer, Weights

EXPONENT = 0x7F80
QUIET = 0x0040


class BF16(Quantizer):
    """Brain floating point, little-endian: 1 sign bit, 8 exponent bits, 7 of the fraction.

    As ``ggml_compute_fp32_to_bf16`` and ``ggml_compute_bf16_to_fp32`` in ggml-impl.h: ties to even; what is not a
    number keeps the upper half of its bits and becomes quiet.
    """

    name = "BF16"
    block_size = 1
    layout = np.dtype("<u2")
    stores_non_finite = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        values = weights[:, 0]
        bits = values.view(np.uint32)
        upper = bits >> 16
        # Half of the last place kept, less one if that place is even: so ties go to even.
        rounded = bits + (upper & 1)
        rounded += 0x7FFF
        rounded >>= 16
        if np.isnan(values.max(initial=0)):
            rounded = np.where(np.isnan(values), upper | QUIET, rounded)
        blocks[:] = rounded

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        np.left_shift(blocks, 16, out=weights.view(np.uint32)[:, 0], dtype=np.uint32)

    def _finite(self, blocks: Blocks) -> Mask:
        finite: Mask = blocks & EXPONENT != EXPONENT
        return finite


QUANTIZER = BF16()
