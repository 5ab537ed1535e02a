"""Q5_K: super-blocks of 256 weights, eight sub-blocks with 6-bit scale and minimum of their own, 5-bit codes."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import packing
from edgedocs.quantizers.base import Blocks, Codes
from edgedocs.quantizers.super_blocks import MinimumQuantizer


class Q5_K(MinimumQuantizer):  # noqa: N801 - the format's own name
    """5.5 bits a weight: as Q4_K, with codes from 0 to 31; ``upper`` has their fifth bits.

    As ``quantize_row_q5_K_ref``, ``quantize_row_q5_K_impl`` and ``dequantize_row_q5_K`` in ggml-quants.c.
    """

    name = "Q5_K"
    layout = np.dtype(
        [("scale", "<f2"), ("minimum", "<f2"), ("sub_scales", "u1", 12), ("upper", "u1", 32), ("pairs", "u1", 128)]
    )
    largest_code = 31
    steps = (-0.5, 0.1, 15)
    clips_sub_scales = True

    def _write_codes(self, codes: Codes, blocks: Blocks) -> None:
        blocks["pairs"] = packing.pack_halves(codes & 0x0F)
        blocks["upper"] = packing.pack_bits(codes >> 4)

    def _read_codes(self, blocks: Blocks) -> Codes:
        codes: Codes = packing.unpack_halves(blocks["pairs"]) | packing.unpack_bits(blocks["upper"], 16)
        return codes


QUANTIZER = Q5_K()
