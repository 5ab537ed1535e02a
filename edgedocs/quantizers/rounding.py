"""Roundings that the formats share, each exactly as the C code does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Weights

BELOW_HALF = np.nextafter(np.float32(0.5), np.float32(0))
"""The greatest float32 below one half."""

INTEGER_SHIFT = np.float32(1.5 * 2**23)
"""Added to a float32 of magnitude up to 4194303, it leaves the nearest integer in the low bits of the sum."""

HALF_NAN = 0x7E00
HALF_SIGN = 0x8000


def round_half_away(values: Weights) -> Weights:
    """The nearest whole numbers, halves away from zero: C's ``roundf``, for magnitudes below ``2**23``.

    Adding 0.5 would be wrong for 0.49999997, whose sum with 0.5 rounds up to 1; adding the next smaller number is
    right for all.
    """
    return np.trunc(values + np.copysign(BELOW_HALF, values))


def nearest_int(values: Weights) -> NDArray[np.int32]:
    """The nearest integers, halves to even: ggml's ``nearest_int``, with what it gives out of its range too.

    Not a number gives 0, an infinity -4194304; some formats' blocks hold such intermediate values.
    """
    bits = (values + INTEGER_SHIFT).view(np.int32)
    return (bits & 0x7FFFFF) - 0x400000


LARGEST_PLAIN = np.float32(4194303)
"""Up to this magnitude :func:`nearest_int` is rounding to the nearest integer, halves to even."""


def rounded(values: Weights) -> Weights:
    """:func:`nearest_int` as float32; ``values`` are overwritten."""
    if values.max(initial=0) <= LARGEST_PLAIN and values.min(initial=0) >= -LARGEST_PLAIN:
        return np.rint(values, out=values)
    return nearest_int(values).astype(np.float32)


def to_half(values: Weights) -> NDArray[np.float16]:
    """float32 to float16, ties to even, beyond the range to infinity: ``GGML_FP32_TO_FP16``.

    Not a number loses its payload, as it does there.
    """
    half = values.astype("<f2")
    if np.isnan(values.max(initial=0)):
        bits = half.view("<u2")
        wrong = np.isnan(values)
        bits[wrong] = bits[wrong] & HALF_SIGN | HALF_NAN
    return half
