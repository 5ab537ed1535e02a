"""Bandwidth: how fast this machine reads memory, and the speed of generation that this allows at most."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import numpy as np

from edgedocs.core.errors import BadInput

SIZE = 2**28
"""Bytes that are read; more than caches hold."""
REPEATS = 7


@dataclass(frozen=True)
class Spread:
    """Repeated measurements of one thing.

    Attributes:
        median: the middle one.
        low: the lower quartile.
        high: the upper quartile.
        repeats: how many there were.
    """

    median: float
    low: float
    high: float
    repeats: int

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """The spread of at least one value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        low, median, high = quantiles(values, n=4, method="inclusive")
        return cls(median, low, high, len(values))

    def as_dict(self) -> dict[str, Any]:
        """The spread as JSON-ready data."""
        return {"median": self.median, "low": self.low, "high": self.high, "repeats": self.repeats}


def bandwidth(threads: int, size: int = SIZE, repeats: int = REPEATS) -> Spread:
    """Read memory as fast as NumPy does, and count bytes a second.

    Each thread looks for the largest byte of its own part of an array; NumPy does so with vector instructions and
    without holding the interpreter, so that memory is what limits it.

    Args:
        threads: how many read.
        size: bytes that are read in each repetition.
        repeats: how often.

    Raises:
        BadInput: if there is nothing to read, or nobody to do it.
    """
    if threads < 1 or size < threads or repeats < 1:
        raise BadInput(f"{threads} threads, {size} bytes, {repeats} repeats", expected="1 or more of each")
    data = np.ones(size, np.uint8)
    parts = np.array_split(data, threads)
    rates = []
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(np.max, parts))
        for _ in range(repeats):
            start = time.perf_counter()
            list(pool.map(np.max, parts))
            rates.append(size / (time.perf_counter() - start))
    return Spread.of(rates)


def roofline(bandwidth_bytes: float, bytes_a_token: int) -> float:
    """Tokens a second that memory allows when each token reads all weights and the cache once.

    A model that fits the processor's caches can be faster.

    Example:
        >>> roofline(50e9, 4_000_000_000)
        12.5
    """
    return bandwidth_bytes / bytes_a_token
