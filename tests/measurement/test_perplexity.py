import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from edgedocs import runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.measurement import perplexity
from edgedocs.measurement.bootstrap import estimate
from edgedocs.measurement.windows import Windows
from edgedocs.runners import Runner
from edgedocs.tiny import held_out


class Known:
    """A model whose logits are known: each character is a token; row i is what ``rows`` gives for it."""

    path = Path("known")
    context_length = 10

    def __init__(self, row: Sequence[float]) -> None:
        self.row = np.array(row, np.float32)

    def tokenize(self, text: str) -> list[int]:
        return [ord(character) - ord("a") for character in text]

    def logits(self, tokens: list[int]) -> np.ndarray:
        return np.tile(self.row, (len(tokens), 1))


@pytest.fixture(scope="module")
def tiny() -> Iterator[Runner]:
    with runners.load("tiny", threads=1) as runner:
        yield runner


def test_a_model_that_knows_nothing_has_the_vocabulary_as_perplexity() -> None:
    found = perplexity(Known([7.0] * 5), "abcdeabcdeabcdeabcde")
    assert found.value == pytest.approx(5, rel=1e-12)
    assert found.low == pytest.approx(5, rel=1e-12)
    assert (found.tokens, found.windows, found.context) == (19, 3, 10)


def test_perplexity_is_exp_of_the_mean_surprise() -> None:
    # Probabilities 1/2, 1/4, 1/8, 1/8: the tokens after the first cost 2, 1 and 3 bits.
    found = perplexity(Known(np.log([4, 2, 1, 1]).tolist()), "abad")
    assert found.value == pytest.approx(2 ** ((2 + 1 + 3) / 3), rel=1e-6)


def test_logits_of_any_size_do_not_overflow() -> None:
    assert perplexity(Known([3e38, -3e38]), "aaaa").value == 1


def test_logits_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(CannotRun, match="not all numbers"):
        perplexity(Known([float("nan"), 0]), "aaaa")


@pytest.mark.parametrize("length", range(2, 40))
def test_each_token_but_the_first_is_predicted_once(length: int) -> None:
    windows = Windows(context=5, stride=4).overlapping(list(range(length)))
    assert [token for window in windows for token in window.tokens[1:]] == list(range(1, length))
    assert [token for window in windows for token in window.targets] == list(range(1, length))
    assert all(2 <= len(window.tokens) <= 5 for window in windows)


def test_tiny_against_a_plain_computation(tiny: Runner) -> None:
    text = held_out("sl")[:3000]
    tokens = tiny.tokenize(text)
    surprises = []
    for start in range(0, len(tokens) - 1, 99):
        window = tokens[start : start + 100]
        rows = tiny.logits(window)[:-1].astype(np.longdouble)
        probabilities = np.exp(rows) / np.exp(rows).sum(axis=-1, keepdims=True)
        surprises += [-math.log(row[token]) for row, token in zip(probabilities, window[1:], strict=True)]
    found = perplexity(tiny, text, context=100)
    assert found.tokens == len(surprises) == len(tokens) - 1
    assert found.value == pytest.approx(math.exp(np.mean(surprises)), rel=1e-5)
    assert found.low < found.value < found.high


def test_progress_and_a_limit_of_windows(tiny: Runner) -> None:
    seen: list[tuple[int, int]] = []
    found = perplexity(tiny, held_out("en"), 64, windows=3, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert (found.windows, found.tokens) == (3, 3 * 63)


def test_one_window_has_no_interval(tiny: Runner) -> None:
    found = perplexity(tiny, "A short text.")
    assert (found.windows, found.low, found.high) == (1, None, None)


@pytest.mark.parametrize(
    ("text", "complaint"), [("", "is empty: it has fewer than two tokens"), ("a", "the text has fewer than two tokens")]
)
def test_a_text_without_two_tokens_is_refused(tiny: Runner, text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        perplexity(tiny, text)


@pytest.mark.parametrize("options", [{"context": 1}, {"context": 513}, {"windows": 0}])
def test_options_that_cannot_be_are_refused(tiny: Runner, options: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="expected"):
        perplexity(tiny, "Some text.", **options)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(0)
    counts = np.full(40, 100)
    held = 0
    for _ in range(100):
        losses = 100 * draw.normal(3.0, 0.4, size=40)
        found = estimate(losses, counts, np.exp)
        held += found.low <= math.exp(3.0) <= found.high
    # 95 of 100 are expected; a percentile bootstrap of 40 windows is a little narrow.
    assert 86 <= held <= 99
