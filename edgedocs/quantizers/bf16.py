"""BF16: the upper half of a float32, 8 significant bits and the full range."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgedocs.quantizers.base import Encoded, Quantizer, Weights

EXPONENT = 0x7F80
QUIET = 0x0040


class BF16(Quantizer):
    """Brain floating point, little-endian: 1 sign bit, 8 exponent bits, 7 of the fraction.

    As ``ggml_compute_fp32_to_bf16`` and ``ggml_compute_bf16_to_fp32`` in ggml-impl.h: ties to even; what is not a
    number keeps the upper half of its bits and becomes quiet.
    """

    name = "BF16"
    block_size = 1
    block_bytes = 2
    stores_non_finite = True

    def _encode(self, blocks: Weights, encoded: Encoded) -> None:
        bits = blocks.view(np.uint32)
        upper = bits >> 16
        # Half of the last place kept, less one if that place is even: so ties go to even.
        rounded = bits + (upper & 1)
        rounded += 0x7FFF
        rounded >>= 16
        if np.isnan(blocks.max(initial=0)):
            rounded = np.where(np.isnan(blocks), upper | QUIET, rounded)
        encoded.view("<u2")[:] = rounded

    def _decode(self, encoded: Encoded, blocks: Weights) -> None:
        np.left_shift(encoded.view("<u2"), 16, out=blocks.view(np.uint32), dtype=np.uint32)

    def _finite(self, encoded: Encoded) -> NDArray[np.bool_]:
        bits = np.ascontiguousarray(encoded).view("<u2")[:, 0]
        finite: NDArray[np.bool_] = bits & EXPONENT != EXPONENT
        return finite


QUANTIZER = BF16()
