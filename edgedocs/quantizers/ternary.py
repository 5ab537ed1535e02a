"""What TQ1_0 and TQ2_0 have in common: 256 weights share one scale, and each is -1, 0 or 1 times that."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.base import Codes, Weights
from edgedocs.quantizers.rounding import round_half_away

SIZE = 256


def encode(weights: Weights) -> tuple[Weights, Codes]:
    """The scale of each block ``[m, 256]``, which is the greatest magnitude, and codes 0, 1 or 2."""
    scale = np.abs(weights).max(axis=1, initial=0)
    inverse = np.float32(1) / scale
    # Where a scale of about 3e-39 or less has no inverse, C converts infinite quotients, which gives code 1.
    inverse[np.isinf(inverse)] = 0
    return scale, (round_half_away(weights * inverse[:, np.newaxis]) + np.float32(1)).astype(np.uint8)


def decode(codes: Codes, scale: Weights, weights: Weights) -> None:
    """Write what codes ``[m, 256]`` and scales ``[m]`` stand for."""
    weights[:] = codes.view(np.int8) - np.int8(1)
    weights *= scale.repeat(SIZE).reshape(-1, SIZE)
