"""How much each weight of a super-block matters, a super-block at a time; a lane is a weight."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.vectors import inlined, square_root

SUPER_BLOCK = 256


@inlined
def from_squares(weights, start, mattering):
    """Write how much each weight of a super-block matters if nothing is known: its square."""
    for place in range(0, SUPER_BLOCK, LANES):
        value = load(weights, start + place)
        store(mattering, place, value * value)


@inlined
def from_importance(weights, start, importance, column, mattering):
    """Write how much each weight of a super-block matters by importance, as in :mod:`..super_blocks`."""
    squares = np.float32(0)
    for place in range(start, start + SUPER_BLOCK):
        squares += weights[place] * weights[place]
    mean = np.float32(2) * squares / np.float32(SUPER_BLOCK)
    for place in range(0, SUPER_BLOCK, LANES):
        value = load(weights, start + place)
        usual = square_root(mean + value * value)
        store(mattering, place, load(importance[column], place) * usual)
