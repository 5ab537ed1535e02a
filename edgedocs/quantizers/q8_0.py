"""Q8_0: 32 weights share one scale, each a signed byte."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import block32
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import round_half_away, to_half

LARGEST_CODE = np.float32(127)


class Q8_0(Quantizer):  # noqa: N801 - the format's own name
    """8.5 bits a weight: ``weight = scale * code``, with codes from -127 to 127.

    As ``quantize_row_q8_0_ref`` and ``dequantize_row_q8_0`` in ggml-quants.c. The codes are computed with the scale
    before it is rounded to float16, as there.
    """

    name = "Q8_0"
    block_size = 32
    layout = np.dtype([("scale", "<f2"), ("codes", "i1", 32)])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        # Weights first, blocks last: each step of the C loop over a block is one array operation here.
        weights = np.ascontiguousarray(weights.T)
        scale = np.abs(weights).max(axis=0) / LARGEST_CODE
        inverse = np.float32(1) / scale
        # Zeros have no inverse. Below about 3e-39 it overflows, and C converts infinite quotients, which gives code 0.
        inverse[np.isinf(inverse)] = 0
        blocks["scale"] = to_half(scale)
        blocks["codes"] = round_half_away(weights * inverse).astype(np.int8).T

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:] = blocks["codes"]
        weights *= block32.spread(blocks["scale"].astype(np.float32))


QUANTIZER = Q8_0()
