"""TQ1_0: 256 weights of three values share one scale, five to a byte."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import ternary
from edgedocs.quantizers.base import Blocks, Codes, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half

PARTS = ((0, 32, 5), (160, 16, 5), (240, 4, 4))
"""Where the codes of a part of the block begin, how many bytes they take, and how many of them share a byte."""

POWERS = np.array([1, 3, 9, 27, 81], np.uint8)[:, np.newaxis]


class TQ1_0(Quantizer):  # noqa: N801 - the format's own name
    """1.6875 bits a weight: ``weight = scale * (code - 1)``, with codes 0, 1 and 2, for models trained so.

    Five codes are the digits of a number below 243, the first the highest, which is stretched to the range of a byte so
    that the digits come out as the carries of multiplications by three. The last four bytes have four codes each.
    As ``quantize_row_tq1_0_ref`` and ``dequantize_row_tq1_0`` in ggml-quants.c.
    """

    name = "TQ1_0"
    block_size = ternary.SIZE
    layout = np.dtype([("digits", "u1", 52), ("scale", "<f2")])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        scale, codes = ternary.encode(weights)
        blocks["scale"] = to_half(scale)
        blocks["digits"] = np.concatenate([_pack(codes, *part) for part in PARTS], axis=1)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        digits = blocks["digits"]
        codes, place = [], 0
        for _, width, count in PARTS:
            stretched = digits[:, np.newaxis, place : place + width] * POWERS[:count]
            codes.append((stretched.astype(np.uint16) * 3 >> 8).astype(np.uint8).reshape(len(digits), -1))
            place += width
        ternary.decode(np.concatenate(codes, axis=1), blocks["scale"].astype(np.float32), weights)


def _pack(codes: Codes, start: int, width: int, count: int) -> Codes:
    digits = codes[:, start : start + width * count].reshape(-1, count, width)
    number = np.zeros((len(codes), width), np.uint16)
    for place in range(5):
        number *= 3
        if place < count:
            number += digits[:, place]
    return ((number * 256 + 242) // 243).astype(np.uint8)


QUANTIZER = TQ1_0()
