import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgedocs import converters, runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.measurement import divergence, embedding_similarity, perplexity
from edgedocs.measurement.bootstrap import estimate
from edgedocs.measurement.scores import divergence_of
from edgedocs.measurement.windows import Windows
from edgedocs.runners import Runner
from edgedocs.tiny import held_out
from tests.measurement.test_perplexity import Known
from tests.requirements import require


@pytest.fixture(scope="module")
def tiny() -> Iterator[Runner]:
    with runners.load("tiny", threads=1) as runner:
        yield runner


def test_a_model_beside_itself_is_exactly_zero(tiny: Runner) -> None:
    found = divergence(tiny, tiny, held_out("en")[:5000])
    assert found.kl_divergence.value == found.kl_divergence.low == found.kl_divergence.high == 0
    assert found.top1_agreement.value == found.top1_agreement.low == 1
    plain = perplexity(tiny, held_out("en")[:5000])
    assert (found.perplexity.value, found.tokens) == (plain.value, plain.tokens)


def test_a_divergence_by_hand() -> None:
    # p = 1/2, 1/4, 1/4 and q = 1/4, 1/2, 1/4: 1/2 log 2 - 1/4 log 2.
    p, q = Known(np.log([2, 1, 1]).tolist()), Known(np.log([1, 2, 1]).tolist())
    found = divergence(q, p, "abcabcabcabcabc")
    assert found.kl_divergence.value == pytest.approx(math.log(2) / 4, rel=1e-6)
    assert found.top1_agreement.value == 0
    assert divergence(p, Known(np.log([2.5, 1, 1]).tolist()), "abc").top1_agreement.value == 1


def test_what_the_reference_excludes_does_not_count() -> None:
    with np.errstate(divide="ignore"):
        p, q = np.log(np.array([[0.5, 0.5, 0.0]])), np.log(np.array([[0.25, 0.75, 0.0]]))
    assert divergence_of(p, q)[0] == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(0.5 / 0.75))


def test_fewer_bits_are_farther_away_on_every_measure(tmp_path: Path) -> None:
    require("llama_cpp")
    text, found = held_out("en")[:20000], {}
    with runners.load("tiny", backend="llama_cpp", threads=1) as reference:
        for name in ("q2_k", "q4_k_m", "q8_0"):
            path = converters.convert("tiny", tmp_path / f"{name}.gguf", type=name).path
            with runners.load(path, threads=1) as runner:
                found[name] = divergence(runner, reference, text)
    two, four, eight = found["q2_k"], found["q4_k_m"], found["q8_0"]
    assert two.kl_divergence.low > four.kl_divergence.high
    assert four.kl_divergence.low > eight.kl_divergence.high
    assert eight.kl_divergence.low > 0
    assert two.top1_agreement.value < four.top1_agreement.value < eight.top1_agreement.value < 1


def test_divergence_against_a_plain_computation(tiny: Runner, tmp_path: Path) -> None:
    require("llama_cpp")
    path = converters.convert("tiny", tmp_path / "q2_k.gguf", type="q2_k").path
    text = held_out("pl")[:2500]
    tokens = tiny.tokenize(text)
    divergences, same = [], 0
    with runners.load(path, threads=1) as runner:
        for start in range(0, len(tokens) - 1, 99):
            window = tokens[start : start + 100]
            if len(window) < 2:
                break
            p, q = (np.exp(one.logits(window)[:-1].astype(np.longdouble)) for one in (tiny, runner))
            p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
            divergences += (p * np.log(p / q)).sum(axis=-1).tolist()
            same += int((p.argmax(axis=-1) == q.argmax(axis=-1)).sum())
        found = divergence(runner, tiny, text, context=100)
    assert found.tokens == len(divergences)
    assert found.kl_divergence.value == pytest.approx(float(np.mean(divergences)), rel=1e-5)
    assert found.top1_agreement.value == pytest.approx(same / len(divergences), rel=1e-12)


def test_models_of_different_tokenizers_are_refused() -> None:
    class Other(Known):
        def tokenize(self, text: str) -> list[int]:
            return super().tokenize(text)[::-1]

    with pytest.raises(BadInput, match=r"differ at token 0 .* same tokenizer"):
        divergence(Known([0.0] * 3), Other([0.0] * 3), "abc")
    with pytest.raises(BadInput, match="the model has 3 tokens and the reference 4"):
        divergence(Known([0.0] * 3), Known([0.0] * 4), "abc")


def test_llama_perplexity_counts_the_second_half_of_windows_side_by_side(tiny: Runner) -> None:
    # The definition of llama.cpp's tools/perplexity, written out: of n tokens, n // context windows; in each the
    # tokens after place context / 2 are predicted.
    text, context = held_out("cs")[:3000], 64
    tokens = tiny.tokenize(text)
    losses = []
    for number in range(len(tokens) // context):
        piece = tokens[number * context : (number + 1) * context]
        rows = tiny.logits(piece).astype(np.longdouble)
        for place in range(context // 2, context - 1):
            probabilities = np.exp(rows[place]) / np.exp(rows[place]).sum()
            losses.append(-math.log(probabilities[piece[place + 1]]))
    found = perplexity(tiny, text, context, method="llama.cpp")
    assert (found.stride, found.tokens) == (context, len(losses))
    assert found.value == pytest.approx(math.exp(np.mean(losses)), rel=1e-5)


def test_windows_of_llama_cpp_begin_with_the_start_token() -> None:
    windows = Windows(4, 4, "llama.cpp").side_by_side(list(range(10, 20)), start=1)
    assert [(window.tokens, window.first) for window in windows] == [((1, 11, 12, 13), 3), ((1, 15, 16, 17), 3)]
    assert windows[0].targets == (13,)


@pytest.mark.parametrize("stride", [1, 3, 7, 9])
@pytest.mark.parametrize("length", [2, 9, 10, 11, 25])
def test_a_stride_gives_more_context_and_counts_each_token_once(stride: int, length: int) -> None:
    windows = Windows(10, stride).overlapping(list(range(length)))
    assert [token for window in windows for token in window.targets] == list(range(1, length))
    # Past the first window, each token is predicted from at least context - stride others.
    assert all(window.first >= 10 - stride for window in windows[1:])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"stride": 0}, "stride is 0; expected 1 to 63"),
        ({"stride": 64}, "stride is 64"),
        ({"method": "other"}, "expected one of overlapping, llama.cpp"),
        ({"method": "llama.cpp", "stride": 3}, "side by side"),
        ({"method": "llama.cpp"}, "at least 128, two windows"),
    ],
)
def test_options_that_cannot_be_are_refused(tiny: Runner, options: dict[str, object], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        perplexity(tiny, "Some text.", context=64, **options)


@pytest.mark.parametrize(("windows", "least"), [(20, 0.86), (60, 0.90)])
def test_intervals_hold_the_truth_as_often_as_they_say(windows: int, least: float) -> None:
    # Windows of unequal length, their tokens' values from a skewed distribution of mean 0.5, as divergences are.
    draw = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        counts = draw.integers(50, 500, size=windows)
        means = draw.gamma(4.0, 0.5 / 4.0, size=windows)
        found = estimate(means * counts, counts)
        held += found.low <= 0.5 <= found.high
    assert least <= held / 200 <= 0.995


def test_intervals_are_the_same_on_every_run() -> None:
    sums, counts = np.arange(30.0), np.full(30, 10)
    assert estimate(sums, counts) == estimate(sums, counts)
    assert estimate(sums[:1], counts[:1]).fields("x") == {"x": 0.0, "x_low": None, "x_high": None}


def test_embeddings_are_compared_by_their_angle() -> None:
    draw = np.random.default_rng(0)
    vectors = {str(number): draw.normal(size=16) for number in range(40)}
    noisy = {name: vector + 0.1 * draw.normal(size=16) for name, vector in vectors.items()}
    found = embedding_similarity(noisy.__getitem__, vectors.__getitem__, list(vectors))
    plain = [noisy[n] @ vectors[n] / np.linalg.norm(noisy[n]) / np.linalg.norm(vectors[n]) for n in vectors]
    assert found.cosine.value == pytest.approx(np.mean(plain), rel=1e-12)
    assert found.cosine.low < found.cosine.value < found.cosine.high <= 1
    huge = embedding_similarity(lambda text: np.full(3, 1e300), lambda text: np.full(3, 1e-300), ["a"])
    assert huge.cosine.value == pytest.approx(1)


def test_embeddings_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(BadInput, match="no texts"):
        embedding_similarity(np.zeros, np.zeros, [])
    with pytest.raises(BadInput, match="of 2 and 3 numbers"):
        embedding_similarity(lambda text: np.ones(2), lambda text: np.ones(3), ["a"])
    with pytest.raises(CannotRun, match="zero"):
        embedding_similarity(lambda text: np.zeros(2), lambda text: np.ones(2), ["a"])
