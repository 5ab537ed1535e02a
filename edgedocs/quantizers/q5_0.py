"""Q5_0: 32 weights share one scale; two codes to a byte, and their fifth bits in four bytes."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import block32
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half

ZERO_CODE = 16


class Q5_0(Quantizer):  # noqa: N801 - the format's own name
    """5.5 bits a weight: ``weight = scale * (code - 16)``, with codes from 0 to 31.

    As Q4_0, with the fifth bits of the codes in ``upper``, one for each weight.
    As ``quantize_row_q5_0_ref``, ``quantize_row_q5_0_impl`` and ``dequantize_row_q5_0`` in ggml-quants.c.
    """

    name = "Q5_0"
    block_size = block32.SIZE
    layout = np.dtype([("scale", "<f2"), ("upper", "u1", 4), ("pairs", "u1", 16)])
    uses_importance = True
    needs_row_mean_square = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        if importance is None:
            scale, codes = block32.symmetric(np.ascontiguousarray(weights.T), ZERO_CODE)
        else:
            scale, codes = block32.weighted_symmetric(weights, importance, ZERO_CODE)
        blocks["scale"] = to_half(scale)
        blocks["pairs"] = block32.pack_pairs(codes)
        blocks["upper"] = block32.pack_fifth_bits(codes)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        codes = block32.unpack_pairs(blocks["pairs"]) | block32.unpack_fifth_bits(blocks["upper"])
        weights[:] = codes.view(np.int8) - np.int8(ZERO_CODE)
        weights *= block32.spread(blocks["scale"].astype(np.float32))


QUANTIZER = Q5_0()
