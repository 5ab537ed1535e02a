"""Perplexity: how surprised a model is by a text, with an interval for the chance in which text it was."""

from __future__ import annotations

from dataclasses import dataclass

from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.measurement.scores import score
from edgedocs.measurement.windows import Method, Window, Windows
from edgedocs.runners.base import Runner


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
        stride: tokens from the start of a window to the start of the next.
        method: how windows are cut, and which of their tokens count; see
            :class:`~edgedocs.measurement.windows.Windows`.
    """

    value: float
    low: float | None
    high: float | None
    tokens: int
    windows: int
    context: int
    stride: int
    method: Method


def perplexity(
    runner: Runner,
    text: str,
    context: int | None = None,
    windows: int | None = None,
    progress: Progress | None = None,
    stride: int | None = None,
    method: Method = "overlapping",
) -> Perplexity:
    """Measure the perplexity of ``text``.

    The text's tokens are cut into windows. By default the last token of a window is the first of the next, so that each
    token but the text's first is predicted once, from what precedes it in its window. The interval comes from drawing
    whole windows with replacement, with a fixed seed: neighbouring tokens depend on each other, windows hardly.

    Args:
        runner: the model.
        text: any text.
        context: tokens a window, at least 2; None is 512, or what the model can hold if that is less.
        windows: measure only so many windows from the start; None measures all.
        progress: called with the windows done and the windows in all.
        stride: tokens from window to window; None leaves an overlap of one token.
        method: ``"overlapping"``, or ``"llama.cpp"`` for the definition of llama-perplexity.

    Raises:
        BadInput: if the text is too short, or an option cannot be right.
        CannotRun: if the engine fails, or gives logits that are no numbers.

    Example:
        >>> from edgedocs import runners
        >>> with runners.load("tiny") as runner:
        ...     found = perplexity(runner, "Click the button, then click the button again.")
        >>> found.windows, found.low
        (1, None)
    """
    rule = Windows.of(runner, context, stride, method)
    pieces = limited(rule.cut(runner, text), windows)
    scores = score(runner, pieces, progress=progress)
    found = scores.perplexity
    tokens = int(scores.counts.sum())
    return Perplexity(found.value, found.low, found.high, tokens, len(pieces), rule.context, rule.stride, rule.method)


def limited(pieces: list[Window], windows: int | None) -> list[Window]:
    """The first so many windows; None takes all.

    Raises:
        BadInput: if not even one is wanted.
    """
    if windows is not None and windows < 1:
        raise BadInput(f"windows is {windows}", expected="1 or more")
    return pieces[:windows]
