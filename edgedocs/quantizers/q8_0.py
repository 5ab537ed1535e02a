"""Q8_0: 32 weights share one scale, each a signed byte."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgedocs.quantizers.base import Encoded, Quantizer, Weights
from edgedocs.quantizers.rounding import half_is_finite, round_half_away, to_half

LARGEST_CODE = np.float32(127)


class Q8_0(Quantizer):  # noqa: N801 - the format's own name
    """8.5 bits a weight: ``weight = scale * code``, with codes from -127 to 127.

    A block is the scale as float16, then the codes. As ``quantize_row_q8_0_ref`` and ``dequantize_row_q8_0`` in
    ggml-quants.c. The codes are computed with the scale before it is rounded to float16, as there.
    """

    name = "Q8_0"
    block_size = 32
    block_bytes = 34

    def _encode(self, blocks: Weights, encoded: Encoded) -> None:
        scale = np.abs(blocks).max(axis=1, keepdims=True) / LARGEST_CODE
        inverse = np.float32(1) / scale
        # A block of zeros has no inverse; below about 3e-39 the inverse overflows, and ggml stores zeros then too.
        inverse[np.isinf(inverse)] = 0
        encoded[:, :2] = to_half(scale).view(np.uint8)
        encoded[:, 2:] = round_half_away(blocks * inverse).astype(np.int8).view(np.uint8)

    def _decode(self, encoded: Encoded, blocks: Weights) -> None:
        scale = np.ascontiguousarray(encoded[:, :2]).view("<f2").astype(np.float32)
        blocks[:] = encoded[:, 2:].view(np.int8)
        blocks *= scale

    def _finite(self, encoded: Encoded) -> NDArray[np.bool_]:
        return half_is_finite(encoded[:, :2])


QUANTIZER = Q8_0()
