"""Q4_0: 32 weights share one scale, two codes to a byte."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgedocs.quantizers.base import Encoded, Quantizer, Weights
from edgedocs.quantizers.rounding import half_is_finite, to_half

ZERO_CODE = 8
LARGEST_CODE = 15


class Q4_0(Quantizer):  # noqa: N801 - the format's own name
    """4.5 bits a weight: ``weight = scale * (code - 8)``, with codes from 0 to 15.

    A block is the scale as float16, then 16 bytes: byte ``j`` has the code of weight ``j`` in its lower half and that
    of weight ``j + 16`` in its upper half. The weight of the greatest magnitude, the first of such, gets code 0, so
    the scale has the opposite sign. As ``quantize_row_q4_0_ref`` and ``dequantize_row_q4_0`` in ggml-quants.c.
    """

    name = "Q4_0"
    block_size = 32
    block_bytes = 18

    def _encode(self, blocks: Weights, encoded: Encoded) -> None:
        largest = np.abs(blocks).argmax(axis=1)[:, np.newaxis]
        scale = np.take_along_axis(blocks, largest, axis=1) / np.float32(-ZERO_CODE)
        scale[scale == 0] = -0.0
        inverse = np.float32(1) / scale
        has_inverse = np.isfinite(inverse)
        inverse[~has_inverse] = 0
        codes = np.minimum((blocks * inverse + np.float32(8.5)).astype(np.uint8), LARGEST_CODE)
        # Below about 3e-39 the inverse overflows, and C's conversion of the infinite quotient leaves code 0.
        codes[(~has_inverse & (scale != 0))[:, 0]] = 0
        encoded[:, :2] = to_half(scale).view(np.uint8)
        encoded[:, 2:] = codes[:, :16] | codes[:, 16:] << 4

    def _decode(self, encoded: Encoded, blocks: Weights) -> None:
        scale = np.ascontiguousarray(encoded[:, :2]).view("<f2").astype(np.float32)
        pairs = encoded[:, 2:]
        codes = np.empty(blocks.shape, np.int8)
        codes[:, :16] = pairs & 0x0F
        codes[:, 16:] = pairs >> 4
        codes -= ZERO_CODE
        blocks[:] = codes
        blocks *= scale

    def _finite(self, encoded: Encoded) -> NDArray[np.bool_]:
        return half_is_finite(encoded[:, :2])


QUANTIZER = Q4_0()
