"""What the kernels of TQ1_0, TQ2_0 and Q2_0 have in common: weights as -1, 0 or 1 times the greatest magnitude."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.extremes import greatest_magnitudes
from edgedocs.quantizers.kernels.memory import store
from edgedocs.quantizers.kernels.rounding import inverse_or_zero, to_half
from edgedocs.quantizers.kernels.vectors import as_int32, float_of, inlined

SIZE = 256

_HALF = np.float32(0.5)


@inlined
def scales(weights, start, size, inverses, halves):
    """Write inverse and float16 of the scales of 16 blocks, and give the bits of the scales.

    Where a scale of about 3e-39 or less has no inverse, C converts infinite quotients, which gives code 1.
    """
    magnitudes = greatest_magnitudes(weights, start, size)
    scale = float_of(magnitudes)
    store(inverses, 0, inverse_or_zero(scale))
    store(halves, 0, to_half(scale))
    return magnitudes


@inlined
def codes_of(weights, inverse):
    """Codes 0, 1 or 2 as int32; halves are rounded away from zero."""
    values = weights * inverse
    return as_int32(values >= _HALF) - as_int32(values <= -_HALF) + 1
