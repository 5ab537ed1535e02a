"""F32: the weights as they are."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.base import Blocks, Importance, Mask, Quantizer, Weights


class F32(Quantizer):
    """IEEE 754 single precision, little-endian: one weight, four bytes, nothing lost."""

    name = "F32"
    block_size = 1
    layout = np.dtype("<f4")
    stores_non_finite = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        blocks[:] = weights[:, 0]

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:, 0] = blocks

    def _finite(self, blocks: Blocks) -> Mask:
        return np.isfinite(blocks)


QUANTIZER = F32()
