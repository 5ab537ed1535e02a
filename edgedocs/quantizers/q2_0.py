"""Q2_0: 64 weights share one scale, four codes to a byte."""

from __future__ import annotations

from functools import cache

import numpy as np

from edgedocs.quantizers import packing
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import round_half_away, to_half

SIZE = 64


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
        fours = codes.view("<u4")
        blocks["quarters"] = (fours | fours >> 6 | fours >> 12 | fours >> 18).astype(np.uint8)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        index = packing.contiguous(blocks["quarters"]).astype(np.intp)
        _values().take(index, axis=0, mode="clip", out=weights.reshape(*index.shape, 4))
        weights *= blocks["scale"].astype(np.float32).repeat(SIZE).reshape(weights.shape)


@cache
def _values() -> Weights:
    """For each byte what its four codes stand for, without the scale, ``[256, 4]``."""
    codes = np.arange(256)[:, np.newaxis] >> np.array([0, 2, 4, 6]) & 3
    values: Weights = (codes - 1).astype(np.float32)
    return values


QUANTIZER = Q2_0()
