"""Scores: what a model predicts of each window of a text, alone or beside a reference."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.progress import Progress
from edgedocs.measurement.bootstrap import Estimate, Floats, estimate
from edgedocs.measurement.windows import Window
from edgedocs.runners.base import Logits, Runner

ROWS = 64
"""Rows of logits that are widened to float64 at a time."""


class Reference(ABC):
    """Where the logits come from that a model is compared with."""

    @abstractmethod
    def logits(self, number: int, window: Window) -> Logits:
        """Those of the tokens that count in a window, float32 ``[len(window.targets), vocabulary]``."""


class LiveReference(Reference):
    """A reference that is loaded beside the model and computes as it goes.

    Args:
        runner: the reference model.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def logits(self, number: int, window: Window) -> Logits:
        """Compute them."""
        return counted(self._runner, window)


@dataclass(frozen=True)
class Scores:
    """Sums over the tokens that count, window by window.

    Attributes:
        losses: negative log-likelihoods, in nats.
        counts: how many tokens count.
        divergences: Kullback-Leibler divergences of the model from the reference, in nats; None without a reference.
        agreements: how often both find the same token likeliest; None without a reference.
    """

    losses: Floats
    counts: np.ndarray[Any, np.dtype[np.int64]]
    divergences: Floats | None = None
    agreements: Floats | None = None

    @property
    def perplexity(self) -> Estimate:
        """exp of the mean negative log-likelihood a token."""
        return estimate(self.losses, self.counts, np.exp)

    @property
    def kl_divergence(self) -> Estimate | None:
        """The mean divergence a token, in nats; None without a reference."""
        return None if self.divergences is None else estimate(self.divergences, self.counts)

    @property
    def top1_agreement(self) -> Estimate | None:
        """The share of tokens for which both find the same one likeliest; None without a reference."""
        return None if self.agreements is None else estimate(self.agreements, self.counts)

    def as_dict(self) -> dict[str, Any]:
        """The estimates as JSON-ready data, with the tokens that count and the windows that they stand in."""
        fields: dict[str, Any] = self.perplexity.fields("perplexity")
        for name, found in (("kl_divergence", self.kl_divergence), ("top1_agreement", self.top1_agreement)):
            if found is not None:
                fields |= found.fields(name)
        return fields | {"tokens": int(self.counts.sum()), "windows": len(self.counts)}


def score(
    runner: Runner, windows: Sequence[Window], reference: Reference | None = None, progress: Progress | None = None
) -> Scores:
    """Have a model predict windows.

    Args:
        runner: the model.
        windows: at least one.
        reference: what it is compared with.
        progress: called with the windows done and the windows in all.

    Raises:
        BadInput: if the reference has another vocabulary.
        CannotRun: if an engine fails, or gives logits that are no numbers.
    """
    sums = np.zeros((3, len(windows)))
    for number, window in enumerate(windows):
        found = counted(runner, window)
        wanted = None if reference is None else reference.logits(number, window)
        if wanted is not None and wanted.shape != found.shape:
            raise BadInput(
                f"the model has {found.shape[1]} tokens and the reference {wanted.shape[1]}",
                where=runner.path,
                expected="models with the same vocabulary",
            )
        sums[:, number] = _sums(found, window.targets, wanted)
        if not np.isfinite(sums[:, number]).all():
            raise CannotRun(
                "the model's logits are not all numbers",
                where=runner.path,
                expected="finite logits",
                remedy="check the weights; a conversion to a type of smaller range may have overflowed",
            )
        if progress is not None:
            progress(number + 1, len(windows))
    counts = np.array([len(window.targets) for window in windows])
    if reference is None:
        return Scores(sums[0], counts)
    return Scores(sums[0], counts, sums[1], sums[2])


def counted(runner: Runner, window: Window) -> Logits:
    """The logits of the tokens that count."""
    return runner.logits(window.inputs)[window.first - 1 :]


def _sums(found: Logits, targets: Sequence[int], wanted: Logits | None) -> tuple[float, float, float]:
    """Summed loss in nats, divergence in nats and agreement; the latter two are 0 without a reference."""
    losses, divergences, agreements = [], [], 0
    for start in range(0, len(targets), ROWS):
        part = slice(start, start + ROWS)
        logs = log_probabilities(found[part])
        losses.append(-float(logs[np.arange(len(logs)), targets[part]].sum()))
        if wanted is not None:
            divergences.append(float(divergence_of(log_probabilities(wanted[part]), logs).sum()))
            agreements += int((found[part].argmax(axis=-1) == wanted[part].argmax(axis=-1)).sum())
    return math.fsum(losses), math.fsum(divergences), agreements


def log_probabilities(logits: Logits) -> Floats:
    """The logarithm of the softmax of each row, float64."""
    rows = logits.astype(np.float64)
    rows -= rows.max(axis=-1, keepdims=True)
    rows -= np.log(np.exp(rows).sum(axis=-1, keepdims=True))
    return rows


def divergence_of(reference: Floats, model: Floats) -> Floats:
    """The Kullback-Leibler divergence of rows of log-probabilities, in nats: sum of p × (log p − log q)."""
    probabilities = np.exp(reference)
    with np.errstate(invalid="ignore"):  # what the reference holds for impossible counts nothing, whatever the model
        terms = np.where(probabilities > 0, probabilities * (reference - model), 0.0)
    found: Floats = terms.sum(axis=-1)
    return found
