"""Q4_0: 32 weights share one scale, two codes to a byte."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.base import Blocks, Importance, Mask, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half

ZERO_CODE = np.int8(8)
LARGEST_CODE = np.float32(15)
ROUNDING = np.float32(8.5)
"""Cutting off the fraction after adding this rounds to the nearest code."""


class Q4_0(Quantizer):  # noqa: N801 - the format's own name
    """4.5 bits a weight: ``weight = scale * (code - 8)``, with codes from 0 to 15.

    Byte ``j`` of ``pairs`` has the code of weight ``j`` in its lower half and that of weight ``j + 16`` in its upper
    half. The weight of the greatest magnitude, the first of such, gets code 0, so the scale has the opposite sign.
    As ``quantize_row_q4_0_ref`` and ``dequantize_row_q4_0`` in ggml-quants.c.
    """

    name = "Q4_0"
    block_size = 32
    layout = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        # Weights first, blocks last: each step of the C loop over a block is one array operation here.
        weights = np.ascontiguousarray(weights.T)
        scale = _largest(weights) / -np.float32(ZERO_CODE)
        inverse = np.float32(1) / scale
        overflows = np.isinf(inverse)
        inverse[overflows] = 0
        codes = np.minimum(weights * inverse + ROUNDING, LARGEST_CODE).astype(np.uint8)
        # Where a scale of about 3e-39 or less has no inverse, C converts infinite quotients, which gives code 0.
        codes[:, overflows & (scale != 0)] = 0
        blocks["scale"] = to_half(scale)
        blocks["pairs"] = (codes[:16] | codes[16:] << 4).T

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        pairs = np.ascontiguousarray(blocks["pairs"])
        codes = np.concatenate([pairs & 0x0F, pairs >> 4], axis=1).view(np.int8)
        weights[:] = codes - ZERO_CODE
        weights *= blocks["scale"].astype(np.float32)[:, np.newaxis]

    def _finite(self, blocks: Blocks) -> Mask:
        finite: Mask = np.isfinite(blocks["scale"])
        return finite


def _largest(weights: Weights) -> Weights:
    """The weight of greatest magnitude in each column of ``[32, m]``, the first of such; never -0."""
    highest, lowest = weights.max(axis=0), weights.min(axis=0)
    largest: Weights = np.where(highest > -lowest, highest, lowest)
    tied = np.flatnonzero(highest == -lowest)
    first = np.abs(weights[:, tied]).argmax(axis=0)
    largest[tied] = weights[first, tied]
    largest += np.float32(0)
    return largest


QUANTIZER = Q4_0()
