"""float16 and bfloat16 as float32, exactly."""

from __future__ import annotations

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.neighbours import at_least
from edgedocs.quantizers.kernels.rounding import from_half
from edgedocs.quantizers.kernels.vectors import as_int32, float_of


@kernel
def widen_float16(halves, weights):
    source, target = at_least(halves, LANES), at_least(weights, LANES)
    for place in range(0, len(target), LANES):
        start = min(place, len(target) - LANES)  # the last may begin among those before
        store(target, start, from_half(as_int32(load(source, start))))
    if len(target) > len(weights):
        weights[:] = target[: len(weights)]


@kernel
def widen_bfloat16(halves, weights):
    source, target = at_least(halves, LANES), at_least(weights, LANES)
    for place in range(0, len(target), LANES):
        start = min(place, len(target) - LANES)  # the last may begin among those before
        store(target, start, float_of(as_int32(load(source, start)) << 16))
    if len(target) > len(weights):
        weights[:] = target[: len(weights)]
