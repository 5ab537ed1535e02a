"""The mean square of each row, summed from left to right in float32 as ggml does: 16 rows at a time, a row a lane."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import flattened, store
from edgedocs.quantizers.kernels.transposing import transposed
from edgedocs.quantizers.kernels.vectors import float_of, integers, joined8, lower, upper


@kernel
def mean_squares(weights, means):
    rows, length = weights.shape
    flat = flattened(weights)
    starts = np.empty(LANES, np.int64)
    found = np.empty(LANES, np.float32)
    for first in range(0, rows, LANES):
        for number in range(LANES):
            starts[number] = min(first + number, rows - 1) * length
        zeros = float_of(integers(0))
        sums, later_sums = lower(zeros), upper(zeros)
        whole = length // LANES * LANES
        for place in range(0, whole, LANES):  # a cache line of each row
            for part in range(place, place + LANES, 8):
                for value in transposed(flat, starts, 0, part):
                    sums += value * value
            for part in range(place, place + LANES, 8):
                for value in transposed(flat, starts, 8, part):
                    later_sums += value * value
        store(found, 0, joined8(sums, later_sums) / np.float32(length))
        for number in range(min(LANES, rows - first)):
            means[first + number] = found[number]
