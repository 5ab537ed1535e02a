"""Bootstrap: how far a mean over a text could be from what another text of its kind would have given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

RESAMPLES = 2000
CONFIDENCE = 0.95
SEED = 0

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Estimate:
    """A measured value.

    Attributes:
        value: what the whole text gives.
        low: lower end of the 95 % bootstrap interval; None where there is nothing to draw from.
        high: its upper end.
    """

    value: float
    low: float | None
    high: float | None

    def fields(self, name: str) -> dict[str, float | None]:
        """The estimate as JSON-ready data: ``name``, ``name_low`` and ``name_high``."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


def estimate(
    sums: Floats, counts: np.ndarray[Any, Any], transform: Callable[[Any], Any] = lambda means: means
) -> Estimate:
    """The mean a token, with its percentile interval.

    Whole windows are drawn with replacement, with a fixed seed: neighbouring tokens depend on each other, windows
    hardly. So the same text and model give the same interval.

    Args:
        sums: the sum over the tokens of each window.
        counts: how many tokens each window has.
        transform: a rising function of the mean that is wanted instead of it, such as ``numpy.exp``.
    """
    value = float(transform(sums.sum() / counts.sum()))
    if len(sums) < 2:
        return Estimate(value, None, None)
    draw = np.random.default_rng(SEED)
    means = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        drawn = draw.integers(len(sums), size=len(sums))
        means[number] = sums[drawn].sum() / counts[drawn].sum()
    outside = (1 - CONFIDENCE) / 2
    low, high = transform(np.quantile(means, [outside, 1 - outside]))
    return Estimate(value, float(low), float(high))
