"""BF16: kernels of :mod:`edgedocs.quantizers.bf16`."""

from __future__ import annotations

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.extremes import MAGNITUDE
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, load32, store
from edgedocs.quantizers.kernels.neighbours import at_least
from edgedocs.quantizers.kernels.rounding import INFINITY_BITS
from edgedocs.quantizers.kernels.vectors import (
    as_int32,
    as_uint16,
    bits_of,
    bytes_of,
    float_of,
    inlined,
    pairs_of,
    where,
)

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True  # they are stored
QUIET = 0x0040


@kernel
def encode(weights, blocks):
    source, target = at_least(weights, LANES), at_least(blocks, 2 * LANES)
    for place in range(0, len(source), LANES):
        start = min(place, len(source) - LANES)  # the last may begin among those before
        store(target, 2 * start, bytes_of(as_uint16(_rounded(bits_of(load(source, start))))))
    if len(target) > len(blocks):
        blocks[:] = target[: len(blocks)]
    return True


@inlined
def _rounded(bits):
    """The upper halves, ties to even; what is not a number becomes quiet."""
    upper = bits >> 16
    is_nan = (bits & MAGNITUDE) > INFINITY_BITS
    # Half of the last place kept, less one if that place is even: so ties go to even.
    return where(is_nan, upper | QUIET, (bits + (upper & 1) + 0x7FFF) >> 16)


@kernel
def decode(blocks, weights):
    source, target = at_least(blocks, 2 * LANES), at_least(weights, LANES)
    for place in range(0, len(target), LANES):
        start = min(place, len(target) - LANES)
        store(target, start, float_of(as_int32(pairs_of(load32(source, 2 * start))) << 16))
    if len(target) > len(weights):
        weights[:] = target[: len(weights)]
