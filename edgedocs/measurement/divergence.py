"""Divergence: how far a model's predictions are from those of a reference, most often of what it was quantized from."""

from __future__ import annotations

from dataclasses import dataclass

from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.measurement.bootstrap import Estimate
from edgedocs.measurement.perplexity import limited
from edgedocs.measurement.scores import LiveReference, score
from edgedocs.measurement.windows import Method, Windows
from edgedocs.runners.base import Runner


@dataclass(frozen=True)
class Divergence:
    """How far a model is from a reference.

    Attributes:
        kl_divergence: the mean Kullback-Leibler divergence a token, in nats, of the model's probabilities from the
            reference's: sum of p × (log p − log q), p the reference's. 0 for the reference itself.
        top1_agreement: the share of tokens for which both find the same one likeliest.
        perplexity: the model's own.
        tokens: how many tokens were predicted.
        windows: how many windows the text was cut into.
    """

    kl_divergence: Estimate
    top1_agreement: Estimate
    perplexity: Estimate
    tokens: int
    windows: int


def divergence(
    runner: Runner,
    reference: Runner,
    text: str,
    context: int | None = None,
    windows: int | None = None,
    progress: Progress | None = None,
    stride: int | None = None,
    method: Method = "overlapping",
) -> Divergence:
    """Measure how far ``runner`` is from ``reference`` on a text.

    Both predict the same windows, one after the other, so that the logits of one window are in memory at a time. The
    intervals come from drawing windows, as for :func:`~edgedocs.measurement.perplexity.perplexity`.

    Args:
        runner: the model.
        reference: the model that is taken to be right; the same object measures a model beside itself.
        text: any text.
        context: tokens a window.
        windows: measure only so many windows from the start.
        progress: called with the windows done and the windows in all.
        stride: tokens from window to window.
        method: how windows are cut.

    Raises:
        BadInput: if the text is too short, an option cannot be right, or the two do not share a tokenizer.
        CannotRun: if an engine fails, or gives logits that are no numbers.

    Example:
        >>> from edgedocs import runners
        >>> with runners.load("tiny", threads=1) as runner:
        ...     divergence(runner, runner, "Click the button.").kl_divergence.value
        0.0
    """
    pieces = limited(Windows.of(runner, context, stride, method).cut(runner, text), windows)
    check_same_tokens(reference, text, runner)
    scores = score(runner, pieces, LiveReference(reference), progress)
    kl_divergence, agreement = scores.kl_divergence, scores.top1_agreement
    assert kl_divergence is not None
    assert agreement is not None
    return Divergence(kl_divergence, agreement, scores.perplexity, int(scores.counts.sum()), len(pieces))


def check_same_tokens(reference: Runner, text: str, runner: Runner) -> None:
    """Raise unless both models read a text as the same tokens.

    Raises:
        BadInput: if they do not, with the first place where they differ.
    """
    ours, theirs = runner.tokenize(text), reference.tokenize(text)
    if ours == theirs:
        return
    place = next((at for at, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    at = f"differ at token {place}" if place is not None else f"are {len(ours)} and {len(theirs)}"
    raise BadInput(
        f"the tokens of the text {at} from those of the reference {reference.path}",
        where=runner.path,
        expected="models with the same tokenizer",
        remedy="compare a model with what it was made from",
    )
