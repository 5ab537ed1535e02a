"""Q4_0: 32 weights share one scale, two codes to a byte."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import block32
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half

ZERO_CODE = 8


class Q4_0(Quantizer):  # noqa: N801 - the format's own name
    """4.5 bits a weight: ``weight = scale * (code - 8)``, with codes from 0 to 15.

    Byte ``j`` of ``pairs`` has the code of weight ``j`` in its lower half and that of weight ``j + 16`` in its upper
    half. The weight of the greatest magnitude, the first of such, gets code 0, so the scale has the opposite sign.
    As ``quantize_row_q4_0_ref``, ``quantize_row_q4_0_impl`` and ``dequantize_row_q4_0`` in ggml-quants.c.
    """

    name = "Q4_0"
    block_size = block32.SIZE
    layout = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
    uses_importance = True
    needs_row_mean_square = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        if importance is None:
            scale, codes = block32.symmetric(np.ascontiguousarray(weights.T), ZERO_CODE)
        else:
            scale, codes = block32.weighted_symmetric(weights, importance, ZERO_CODE)
        blocks["scale"] = to_half(scale)
        blocks["pairs"] = block32.pack_pairs(codes)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:] = block32.unpack_pairs(blocks["pairs"]).view(np.int8) - np.int8(ZERO_CODE)
        weights *= block32.spread(blocks["scale"].astype(np.float32))


QUANTIZER = Q4_0()
