"""Q4_K: super-blocks of 256 weights, eight sub-blocks with 6-bit scale and minimum of their own, 4-bit codes."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import packing
from edgedocs.quantizers.base import Blocks, Codes
from edgedocs.quantizers.super_blocks import MinimumQuantizer


class Q4_K(MinimumQuantizer):  # noqa: N801 - the format's own name
    """4.5 bits a weight: ``weight = scale * sub-scale * code - minimum * sub-minimum``, with codes from 0 to 15.

    ``sub_scales`` has eight 6-bit sub-scales and eight 6-bit sub-minimums in 12 bytes, ``pairs`` two codes to a byte.
    As ``quantize_row_q4_K_ref``, ``quantize_row_q4_K_impl`` and ``dequantize_row_q4_K`` in ggml-quants.c.
    """

    name = "Q4_K"
    layout = np.dtype([("scale", "<f2"), ("minimum", "<f2"), ("sub_scales", "u1", 12), ("pairs", "u1", 128)])
    largest_code = 15
    steps = (-1.0, 0.1, 20)
    clips_sub_scales = False

    def _write_codes(self, codes: Codes, blocks: Blocks) -> None:
        blocks["pairs"] = packing.pack_halves(codes)

    def _read_codes(self, blocks: Blocks) -> Codes:
        return packing.unpack_halves(blocks["pairs"])


QUANTIZER = Q4_K()
