"""MXFP4: 32 weights share a power of two as their scale; their codes are 4-bit floats."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import block32, fp4, packing
from edgedocs.quantizers.base import Blocks, Importance, Mask, Quantizer, Weights

BIAS = 127
LARGEST_EXPONENT = 2
"""Of the codes: the greatest is 6, between 4 and 8."""


class MXFP4(Quantizer):
    """4.25 bits a weight: ``weight = 2 ** (exponent - 127) * value``, with values 0, 0.5, 1, 1.5, 2, 3, 4 and 6.

    Byte ``j`` of ``pairs`` has the code of weight ``j`` in its lower half and that of weight ``j + 16`` in its upper
    half; a code's highest bit is the sign. As ``quantize_row_mxfp4_ref`` and ``dequantize_row_mxfp4`` in ggml-quants.c,
    after the Open Compute Project's Microscaling formats, version 1.0.
    """

    name = "MXFP4"
    block_size = block32.SIZE
    layout = np.dtype([("exponent", "u1"), ("pairs", "u1", 16)])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        weights = np.ascontiguousarray(weights.T)
        largest = np.abs(weights).max(axis=0)
        # log2 rounds up to an integer just below a power of two, as C's log2f does.
        exponent = np.floor(np.log2(largest.astype(np.float64)).astype(np.float32))
        exponent = np.where(largest > 0, exponent - LARGEST_EXPONENT + BIAS, 0)
        blocks["exponent"] = exponent.astype(np.int32)
        blocks["pairs"] = block32.pack_pairs(fp4.nearest(weights, _half_scales(blocks)))

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:] = packing.unpack_values(blocks["pairs"], fp4.tables(), 16)
        weights *= block32.spread(_half_scales(blocks))

    def _finite(self, blocks: Blocks) -> Mask:
        finite: Mask = blocks["exponent"] != 255
        return finite


def _half_scales(blocks: Blocks) -> Weights:
    """Half the scale of each block: what a value of 1 in :data:`fp4.VALUES` is worth."""
    return np.ldexp(np.float32(1), blocks["exponent"].astype(np.int32) - BIAS - 1)


QUANTIZER = MXFP4()
