"""F32: the weights as they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgedocs.quantizers.base import Encoded, Quantizer, Weights


class F32(Quantizer):
    """IEEE 754 single precision, little-endian: one weight, four bytes, nothing lost."""

    name = "F32"
    block_size = 1
    block_bytes = 4
    stores_non_finite = True

    def _encode(self, blocks: Weights, encoded: Encoded) -> None:
        encoded[:] = blocks.astype("<f4", copy=False).view(np.uint8)

    def _decode(self, encoded: Encoded, blocks: Weights) -> None:
        blocks[:] = encoded.view("<f4")

    def _finite(self, encoded: Encoded) -> NDArray[np.bool_]:
        return np.isfinite(np.ascontiguousarray(encoded).view("<f4")[:, 0])


QUANTIZER = F32()
