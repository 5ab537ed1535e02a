"""Roundings of lanes, each exactly as the C code does it: what :mod:`edgedocs.quantizers.rounding` is for arrays."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.memory import load_uint16
from edgedocs.quantizers.kernels.reductions import all_of
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_uint32,
    bits_of,
    float_of,
    floats,
    greater,
    inlined,
    integers,
    lane,
    rounded_to_even,
    truncated,
    where,
)

INFINITY_BITS = 0x7F800000
"""Those of infinity; the bits of a magnitude that is not finite are not less."""

INTEGER_SHIFT = np.float32(1.5 * 2**23)
LARGEST_PLAIN = np.float32(4194303)
BELOW_HALF_BITS = 0x3EFFFFFF
"""Those of the greatest float32 below one half."""

LARGEST = np.finfo(np.float32).max
_SIGN = -(2**31)
_TO_INFINITY = np.float32(2.0**112)
_TO_ZERO = np.float32(2.0**-110)
_FROM_HALF = np.float32(2.0**-112)
_BELOW_NORMAL = 1 << 27


@inlined
def nearest_int(values):
    """ggml's ``nearest_int`` as int32, out of its range too."""
    return (bits_of(values + INTEGER_SHIFT) & 0x7FFFFF) - 0x400000


@inlined
def rounded(values):
    """:func:`nearest_int` as float32, for magnitudes up to ``LARGEST_PLAIN`` only; may be -0."""
    return rounded_to_even(values)


@inlined
def is_plain(values):
    """Whether :func:`rounded` is right for all lanes; of what is not a number it is not."""
    return all_of(absolute(values) <= LARGEST_PLAIN)


@inlined
def round_half_away(values):
    """C's ``roundf``, for magnitudes below ``2**23``."""
    return truncated(towards_half_away(values))


@inlined
def towards_half_away(values):
    """:func:`round_half_away` before the fraction is cut off, which converting to int32 does too."""
    return values + float_of(bits_of(values) & _SIGN | BELOW_HALF_BITS)


@inlined
def inverse_or_zero(values):
    """``1 / values``; 0 where that is infinite."""
    inverse = 1 / values
    return where(absolute(inverse) > LARGEST, 0, inverse)


@inlined
def to_half(values):
    """float32 to the bits of float16, as int32: ``GGML_FP32_TO_FP16``; not a number loses its payload."""
    bits = bits_of(values)
    doubled = bits << 1
    base = (absolute(values) * _TO_INFINITY) * _TO_ZERO
    exponent = doubled & -0x1000000
    # As unsigned numbers; the greatest exponent has the sign bit set.
    bias = where((exponent >= 0) & (exponent < 0x71000000), 0x71000000, exponent)
    base = float_of(((bias >> 1) & 0x7FFFFFFF) + 0x07800000) + base
    magnitude = ((bits_of(base) >> 13) & 0x7C00) + (bits_of(base) & 0x0FFF)
    is_nan = (bits & 0x7FFFFFFF) > INFINITY_BITS
    return ((bits >> 16) & 0x8000) | where(is_nan, 0x7E00, magnitude)


@inlined
def from_half(halves):
    """The bits of float16, as int32, to float32: ``GGML_FP16_TO_FP32``."""
    doubled = halves << 17
    normal = float_of(((doubled >> 4) & 0x0FFFFFFF) + (0xE0 << 23)) * _FROM_HALF
    small = float_of(((doubled >> 17) & 0x7FFF) | (126 << 23)) - 0.5
    is_small = ((doubled & 0x7FFFFFFF) < _BELOW_NORMAL) & (doubled >= 0)
    return float_of((halves & 0x8000) << 16 | where(is_small, bits_of(small), bits_of(normal)))


@inlined
def clipped(values, lowest, highest):
    """C's ``MAX(lowest, MIN(highest, values))``."""
    smaller = where(values < highest, values, highest)
    return greater(smaller, lowest)


@inlined
def half_at(array, index):
    """The float16 in two bytes of an array of uint8, as a float32."""
    return lane(from_half(integers(load_uint16(array, index))), 0)


@inlined
def lesser_above_zero(values, limit):
    """The lesser of values and a limit above 0; their bits are compared, which any unit of the processor can do."""
    bits, highest = bits_of(values), bits_of(floats(limit))
    return float_of(where(bits < highest, bits, highest))


@inlined
def greater_below_zero(values, limit):
    """The greater of values and a limit below 0, likewise: as numbers without sign the bits grow away from 0."""
    bits, lowest = as_uint32(bits_of(values)), as_uint32(bits_of(floats(limit)))
    return float_of(where(bits < lowest, bits, lowest))


@inlined
def above_zero(values):
    """Values that are not above 0 as 0, likewise."""
    bits = bits_of(values)
    return float_of(where(bits > 0, bits, 0))


@inlined
def write_half(value, blocks, at):
    """Write a float32 as the two bytes of a float16."""
    half = lane(to_half(floats(value)), 0)
    blocks[at] = half & 0xFF
    blocks[at + 1] = half >> 8
