"""Perplexity: how surprised a model is by a text, with an interval for the chance in which text it was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.progress import Progress
from edgedocs.runners.base import Logits, Runner

CONTEXT = 512
"""Tokens a window, where the model can hold as many."""
RESAMPLES = 2000
CONFIDENCE = 0.95
SEED = 0
ROWS = 64
"""Rows of logits that are widened to float64 at a time."""


@dataclass(frozen=True)
class Perplexity:
    """A measured perplexity.

    Attributes:
        value: exp of the mean negative log-likelihood a token, in nats.
        low: lower end of the 95 % bootstrap interval; None if the text has fewer than two windows.
        high: its upper end.
        tokens: how many tokens were predicted.
        windows: how many windows the text was cut into.
        context: tokens in a full window.
    """

    value: float
    low: float | None
    high: float | None
    tokens: int
    windows: int
    context: int


def perplexity(
    runner: Runner,
    text: str,
    context: int | None = None,
    windows: int | None = None,
    progress: Progress | None = None,
) -> Perplexity:
    """Measure the perplexity of ``text``.

    The text's tokens are cut into windows. The last token of a window is the first of the next, so that each token
    but the text's first is predicted once, from what precedes it in its window. The interval comes from drawing whole
    windows with replacement, with a fixed seed: neighbouring tokens depend on each other, windows hardly.

    Args:
        runner: the model.
        text: any text.
        context: tokens a window, at least 2; None is 512, or what the model can hold if that is less.
        windows: measure only so many windows from the start; None measures all.
        progress: called with the windows done and the windows in all.

    Raises:
        BadInput: if the text has fewer than two tokens, or an option cannot be right.
        CannotRun: if the engine fails, or gives logits that are no numbers.

    Example:
        >>> from edgedocs import runners
        >>> with runners.load("tiny") as runner:
        ...     found = perplexity(runner, "Click the button, then click the button again.")
        >>> found.windows, found.low
        (1, None)
    """
    context = _checked_context(runner, context)
    if windows is not None and windows < 1:
        raise BadInput(f"windows is {windows}", expected="1 or more")
    pieces = _windows(runner.tokenize(text), context)[:windows]
    if not pieces:
        raise BadInput(
            "the text has fewer than two tokens", expected="a text long enough to predict a token from another"
        )
    losses = np.empty(len(pieces))
    for number, piece in enumerate(pieces):
        losses[number] = _loss(runner.logits(piece[:-1]), piece[1:], runner)
        if progress is not None:
            progress(number + 1, len(pieces))
    counts = np.array([len(piece) - 1 for piece in pieces])
    low, high = _interval(losses, counts) if len(pieces) > 1 else (None, None)
    return Perplexity(math.exp(losses.sum() / counts.sum()), low, high, int(counts.sum()), len(pieces), context)


def _checked_context(runner: Runner, context: int | None) -> int:
    if context is None:
        return min(CONTEXT, runner.context_length)
    if not 2 <= context <= runner.context_length:
        raise BadInput(
            f"context is {context}", expected=f"2 to {runner.context_length}, the tokens that the model can hold"
        )
    return context


def _windows(tokens: list[int], context: int) -> list[list[int]]:
    """Windows of ``context`` tokens, each starting with the last token of the one before; the last may be shorter."""
    step = context - 1
    return [tokens[start : start + context] for start in range(0, len(tokens) - 1, step)]


def _loss(logits: Logits, targets: list[int], runner: Runner) -> float:
    """The summed negative log-likelihood, in nats, of targets [length] under logits [length, vocabulary]."""
    total = 0.0
    for start in range(0, len(targets), ROWS):
        rows = logits[start : start + ROWS].astype(np.float64)
        wanted = rows[np.arange(len(rows)), targets[start : start + ROWS]]
        highest = rows.max(axis=-1, keepdims=True)
        total += float((np.log(np.exp(rows - highest).sum(axis=-1)) + highest[:, 0] - wanted).sum())
    if not math.isfinite(total):
        raise CannotRun(
            "the model's logits are not all numbers",
            where=runner.path,
            expected="finite logits",
            remedy="check the weights; a conversion to a type of smaller range may have overflowed",
        )
    return total


def _interval(losses: np.ndarray[Any, np.dtype[np.float64]], counts: np.ndarray[Any, Any]) -> tuple[float, float]:
    """The percentile bootstrap interval of exp(sum of losses / sum of counts) over windows."""
    draw = np.random.default_rng(SEED)
    means = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        drawn = draw.integers(len(losses), size=len(losses))
        means[number] = losses[drawn].sum() / counts[drawn].sum()
    outside = (1 - CONFIDENCE) / 2
    low, high = np.exp(np.quantile(means, [outside, 1 - outside]))
    return float(low), float(high)
