"""Whether all weights of a chunk are finite."""

from __future__ import annotations

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load
from edgedocs.quantizers.kernels.reductions import any_of
from edgedocs.quantizers.kernels.rounding import INFINITY_BITS
from edgedocs.quantizers.kernels.vectors import bits_of, integers, where


@kernel
def all_finite(weights):
    greatest = integers(0)
    for start in range(0, len(weights), LANES):
        magnitude = bits_of(load(weights, start)) & 0x7FFFFFFF
        greatest = where(magnitude > greatest, magnitude, greatest)
    return not any_of(greatest >= INFINITY_BITS)
