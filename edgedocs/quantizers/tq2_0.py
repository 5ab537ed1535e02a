"""TQ2_0: 256 weights of three values share one scale, four to a byte."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import packing, ternary
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half


class TQ2_0(Quantizer):  # noqa: N801 - the format's own name
    """2.0625 bits a weight: ``weight = scale * (code - 1)``, with codes 0, 1 and 2, for models trained so.

    As ``quantize_row_tq2_0_ref`` and ``dequantize_row_tq2_0`` in ggml-quants.c.
    """

    name = "TQ2_0"
    block_size = ternary.SIZE
    layout = np.dtype([("quarters", "u1", 64), ("scale", "<f2")])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        scale, codes = ternary.encode(weights)
        blocks["scale"] = to_half(scale)
        blocks["quarters"] = packing.pack_quarters(codes)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        ternary.decode(packing.unpack_quarters(blocks["quarters"]), blocks["scale"].astype(np.float32), weights)


QUANTIZER = TQ2_0()
