"""F16: kernels of :mod:`edgedocs.quantizers.f16`."""

from __future__ import annotations

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, load32, store
from edgedocs.quantizers.kernels.neighbours import at_least
from edgedocs.quantizers.kernels.rounding import from_half, to_half
from edgedocs.quantizers.kernels.vectors import as_int32, as_uint16, bytes_of, pairs_of

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True  # they are stored


@kernel
def encode(weights, blocks):
    source, target = at_least(weights, LANES), at_least(blocks, 2 * LANES)
    for place in range(0, len(source), LANES):
        start = min(place, len(source) - LANES)  # the last may begin among those before
        store(target, 2 * start, bytes_of(as_uint16(to_half(load(source, start)))))
    if len(target) > len(blocks):
        blocks[:] = target[: len(blocks)]
    return True


@kernel
def decode(blocks, weights):
    source, target = at_least(blocks, 2 * LANES), at_least(weights, LANES)
    for place in range(0, len(target), LANES):
        start = min(place, len(target) - LANES)
        store(target, start, from_half(as_int32(pairs_of(load32(source, 2 * start)))))
    if len(target) > len(weights):
        weights[:] = target[: len(weights)]
