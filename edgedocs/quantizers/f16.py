"""F16: half precision, 11 significant bits and a narrow range."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgedocs.quantizers.base import Encoded, Quantizer, Weights
from edgedocs.quantizers.rounding import half_is_finite, to_half


class F16(Quantizer):
    """IEEE 754 half precision, little-endian: 1 sign bit, 5 exponent bits, 10 of the fraction.

    Weights beyond 65504 become infinite, those below about 3e-8 zero. As ``ggml_fp32_to_fp16_row`` and
    ``ggml_fp16_to_fp32_row`` in ggml.c.
    """

    name = "F16"
    block_size = 1
    block_bytes = 2
    stores_non_finite = True

    def _encode(self, blocks: Weights, encoded: Encoded) -> None:
        encoded[:] = to_half(blocks).view(np.uint8)

    def _decode(self, encoded: Encoded, blocks: Weights) -> None:
        blocks[:] = encoded.view("<f2")

    def _finite(self, encoded: Encoded) -> NDArray[np.bool_]:
        return half_is_finite(encoded)


QUANTIZER = F16()
