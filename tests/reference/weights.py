"""Random weights that are the same everywhere: drawn from the bits of PCG64, whose stream NumPy keeps for good."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

Weights = dict[str, np.ndarray[Any, np.dtype[np.float32]]]

SHARP = ("q_proj", "k_proj", "qkv_proj", "query", "key")
"""Projections that are made larger, so that attention is not the same to all tokens."""

ROUTER = "gate.weight"
"""Made larger too, so that rounding does not decide which experts are used."""


def uniform(shape: tuple[int, ...], seed: int, name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Numbers from -1 to 1, each a multiple of 2 ** -23."""
    bits = np.random.PCG64([seed, zlib.crc32(name.encode())]).random_raw(int(np.prod(shape)))
    return ((bits >> np.uint64(40)).astype(np.float32) / np.float32(2**23) - np.float32(1)).reshape(shape)


def make_weights(
    shapes: Mapping[str, tuple[int, ...]],
    seed: int,
    norm: float = 1.0,
    embedding: float = 1.0,
    damped: tuple[str, float] | None = None,
) -> Weights:
    """Weights for the tensors of a checkpoint.

    Args:
        shapes: the tensors.
        seed: decides all of them.
        norm: the middle of the weights of norms.
        embedding: the largest number in an embedding.
        damped: a part of names; for norms the middle of their weights, for others what they are multiplied by.
    """
    made = {}
    for name, shape in shapes.items():
        values = uniform(shape, seed, name)
        if "norm" in name.lower() and name.endswith("weight"):
            if damped is not None and damped[0] in name:
                values = np.float32(damped[1]) + values * np.float32(0.05)
            else:
                values = np.float32(norm) + values * np.float32(0.5)
        elif name.endswith("bias"):
            values = values * np.float32(0.5)
        elif "embed" in name:
            values = values * np.float32(embedding)
        else:
            gain = 2.0 if any(part in name for part in SHARP) else 4.0 if name.endswith(ROUTER) else 1.8
            less = damped[1] if damped is not None and damped[0] in name else 1.0
            values = values * np.float32(less * gain / shape[-1] ** 0.5)
        made[name] = values
    return made


def digest(weights: Weights) -> str:
    """A hash over names and numbers."""
    found = hashlib.sha256()
    for name in sorted(weights):
        found.update(name.encode() + weights[name].tobytes())
    return found.hexdigest()
