"""Blocks one after the other, 16 at a time: what their encoders and decoders share.

First what the weights of a block share is worked out, a block a lane; then the codes, a weight a lane.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import prefetch
from edgedocs.quantizers.kernels.reductions import any_of
from edgedocs.quantizers.kernels.rounding import INFINITY_BITS
from edgedocs.quantizers.kernels.vectors import inlined, integers, where

ROOM = 8
"""Of how many numbers of a group there is room for."""

AHEAD = 4096
"""How many weights ahead of those that are encoded memory is fetched: at least as many as are worked on at a time."""


def encoder(encode_some: Any, block_size: int, block_bytes: int, count: int = LANES) -> Any:
    """A kernel's encoder, which finds what is not finite.

    Args:
        encode_some: a function of weights, where ``count`` blocks of them begin, the array of bytes, where theirs
            begin, and room for some numbers of 16 groups, ``[ROOM * 16]`` of float32 and of int32. It writes the
            bytes and gives the bits of the greatest magnitudes, which it needs anyway, as 16 lanes of int32.
        block_size: weights of a block.
        block_bytes: bytes of a block.
        count: how many blocks it encodes at a time.
    """
    weights_at_once, bytes_at_once = count * block_size, count * block_bytes

    @inlined
    def encode(weights, blocks):
        source, target = at_least(weights, weights_at_once), at_least(blocks, bytes_at_once)
        numbers, codes = np.empty(ROOM * LANES, np.float32), np.empty(ROOM * LANES, np.int32)
        greatest = integers(0)
        for start in range(0, len(source), weights_at_once):
            first = min(start, len(source) - weights_at_once)  # the last may begin among those before
            at = first // block_size * block_bytes
            magnitudes = encode_some(source, first, target, at, numbers, codes)
            greatest = where(magnitudes > greatest, magnitudes, greatest)
        if len(target) > len(blocks):
            blocks[:] = target[: len(blocks)]
        return not any_of(greatest >= INFINITY_BITS)

    return encode


@inlined
def at_least(given, count):
    """``given``, or where it is shorter than ``count`` a copy of that length, the rest of it zeros."""
    if len(given) >= count:
        return given
    padded = np.zeros(count, given.dtype)
    padded[: len(given)] = given
    return padded


@inlined
def fetch_ahead(weights, start, count):
    """Have as many weights fetched as there are from ``start`` on, but later ones, so that memory works meanwhile."""
    for place in range(start + AHEAD, start + AHEAD + count, LANES):
        prefetch(weights, place)
