"""Q4_1: 32 weights share a scale and a minimum, two codes to a byte."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import block32
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half

LARGEST_CODE = 15


class Q4_1(Quantizer):  # noqa: N801 - the format's own name
    """5 bits a weight: ``weight = scale * code + minimum``, with codes from 0 to 15.

    Byte ``j`` of ``pairs`` has the code of weight ``j`` in its lower half and that of weight ``j + 16`` in its upper
    half. The lowest weight gets code 0 and the highest the last.
    As ``quantize_row_q4_1_ref``, ``quantize_row_q4_1_impl`` and ``dequantize_row_q4_1`` in ggml-quants.c.
    """

    name = "Q4_1"
    block_size = block32.SIZE
    layout = np.dtype([("scale", "<f2"), ("minimum", "<f2"), ("pairs", "u1", 16)])
    finds_non_finite = True
    chunk_weights = 1 << 17
    uses_importance = True
    needs_row_mean_square = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        if importance is None:
            scale, minimum, codes = block32.between(weights, LARGEST_CODE)
        else:
            scale, minimum, codes = block32.weighted_between(weights, importance, LARGEST_CODE)
        blocks["scale"] = to_half(scale)
        blocks["minimum"] = to_half(minimum)
        blocks["pairs"] = block32.pack_pairs(codes)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        codes = block32.unpack_pairs(blocks["pairs"])
        weights[:] = codes
        weights *= block32.spread(blocks["scale"].astype(np.float32))
        weights += block32.spread(blocks["minimum"].astype(np.float32))


QUANTIZER = Q4_1()
