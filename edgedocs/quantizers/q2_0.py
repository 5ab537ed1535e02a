"""Q2_0: 64 weights share one scale, four codes to a byte."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.base import Blocks, Importance, Mask, Quantizer, Weights
from edgedocs.quantizers.rounding import round_half_away, to_half

SIZE = 64
_SHIFTS = np.array([0, 2, 4, 6], np.uint8)


class Q2_0(Quantizer):  # noqa: N801 - the format's own name
    """2.25 bits a weight: ``weight = scale * (code - 1)``, with codes from 0 to 3.

    The scale is the greatest magnitude, so that the encoder never uses code 3; byte ``j`` of ``quarters`` has the codes
    of weights ``4 * j`` to ``4 * j + 3``. As ``quantize_row_q2_0_ref`` and ``dequantize_row_q2_0`` in ggml-quants.c.
    """

    name = "Q2_0"
    block_size = SIZE
    layout = np.dtype([("scale", "<f2"), ("quarters", "u1", SIZE // 4)])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        scale = np.abs(weights).max(axis=1, initial=0)
        inverse = np.float32(1) / scale
        # Where a scale of about 3e-39 or less has no inverse, C converts infinite quotients, which gives code 0.
        overflows = np.isinf(inverse) & (scale > 0)
        inverse[np.isinf(inverse)] = 0
        codes = (round_half_away(weights * inverse[:, np.newaxis]) + np.float32(1)).astype(np.uint8)
        codes[overflows] = 0
        blocks["scale"] = to_half(scale)
        blocks["quarters"] = np.bitwise_or.reduce(codes.reshape(-1, SIZE // 4, 4) << _SHIFTS, axis=2)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        codes = blocks["quarters"][:, :, np.newaxis] >> _SHIFTS & 3
        weights[:] = codes.view(np.int8).reshape(weights.shape) - np.int8(1)
        weights *= blocks["scale"].astype(np.float32)[:, np.newaxis]

    def _finite(self, blocks: Blocks) -> Mask:
        finite: Mask = np.isfinite(blocks["scale"])
        return finite


QUANTIZER = Q2_0()
