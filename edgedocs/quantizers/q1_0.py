"""Q1_0: 128 weights share one scale; of each only the sign is kept."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import search
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half

SIZE = 128


class Q1_0(Quantizer):  # noqa: N801 - the format's own name
    """1.125 bits a weight: ``weight = scale`` where its bit is set, ``-scale`` where not.

    The scale is the mean magnitude; bit ``k`` of byte ``j`` of ``signs`` is that of weight ``8 * j + k``.
    As ``quantize_row_q1_0_ref`` and ``dequantize_row_q1_0`` in ggml-quants.c.
    """

    name = "Q1_0"
    block_size = SIZE
    layout = np.dtype([("scale", "<f2"), ("signs", "u1", SIZE // 8)])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        blocks["scale"] = to_half(search.sums(np.abs(search.groups(weights, SIZE))) / np.float32(SIZE))
        blocks["signs"] = np.packbits(weights >= 0, axis=1, bitorder="little")

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        scale = blocks["scale"].astype(np.float32)[:, np.newaxis] * np.float32(1)  # which quiets what is no number
        bits = np.unpackbits(np.ascontiguousarray(blocks["signs"]), axis=1, bitorder="little")
        weights[:] = np.where(bits, scale, -scale)


QUANTIZER = Q1_0()
