from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput
from edgedocs.runners.generation import Sampling, Text

CHARACTERS = st.text(st.sampled_from("aab\n .é字👩\ufffd"), min_size=0, max_size=30)


def pieces_of(data: bytes, cuts: list[int], stop: tuple[str, ...]) -> list[str]:
    """Stream ``data`` as tokens that end at ``cuts``; token 0 stands before it."""
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    words = [b"x"] + [data[start:end] for start, end in pairwise(places)]
    text = Text(lambda tokens: b"".join(words[token] for token in tokens).decode(errors="replace"), 0, stop)
    pieces = []
    for token in range(1, len(words)):
        pieces += text.push(token)
        if text.stopped:
            return pieces
    return [*pieces, *text.finish()]


def before(text: str, stops: tuple[str, ...]) -> str:
    for end in range(len(text) + 1):
        if starts := [end - len(stop) for stop in stops if text[:end].endswith(stop)]:
            return text[: min(starts)]
    return text


@settings(deadline=None)
@given(CHARACTERS, st.lists(st.integers(0, 200)), st.lists(CHARACTERS.filter(bool), max_size=3))
def test_a_stream_is_the_text_up_to_the_stop_that_is_complete_first(
    text: str, cuts: list[int], stops: list[str]
) -> None:
    # A text that ends in U+FFFD cannot be told from one whose last character is incomplete; it loses that one.
    text = text.rstrip("\ufffd")
    pieces = pieces_of(text.encode(), cuts, tuple(stops))
    assert "".join(pieces) == before(text, tuple(stops))
    assert all(pieces)


@settings(deadline=None)
@given(CHARACTERS, st.lists(st.integers(0, 200)))
def test_no_piece_ends_within_a_character(text: str, cuts: list[int]) -> None:
    text = text.replace("\ufffd", "")
    assert not any("\ufffd" in piece for piece in pieces_of(text.encode(), cuts, ()))


def test_an_incomplete_character_at_the_end_is_left_out() -> None:
    assert "".join(pieces_of("aé".encode()[:-1], [1, 2], ())) == "a"


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert "".join(pieces_of(b"a\xffb\xc3c", [1, 2, 3, 4], ())) == "a\ufffdb\ufffdc"


def test_greedy_picking_takes_the_first_of_the_highest() -> None:
    greedy = Sampling.checked(1, 0.0, (), 0)
    assert greedy.pick(np.array([0, 3, 1, 3], np.float32), greedy.generator()) == 1


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_as_often_as_the_softmax_says(temperature: float) -> None:
    logits = np.array([0.0, 1.0, -30.0, 2.0], np.float32)
    wanted = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
    sampling = Sampling.checked(1, temperature, (), 5)
    draw = sampling.generator()
    counts = np.bincount([sampling.pick(logits, draw) for _ in range(20_000)], minlength=4)
    deviation = np.sqrt(wanted * (1 - wanted) * 20_000)
    assert (np.abs(counts - wanted * 20_000) <= 4 * deviation + 1).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("temperature", [0.01, 1e-308])
def test_large_logits_do_not_overflow(temperature: float) -> None:
    sampling = Sampling.checked(1, temperature, (), 0)
    assert sampling.pick(np.array([3e38, -3e38, 0], np.float32), sampling.generator()) == 0


def test_one_stop_text_may_be_given_plainly() -> None:
    assert Sampling.checked(1, 0.0, "ab", 0).stop == ("ab",)
    with pytest.raises(BadInput, match="a stop text is empty"):
        Sampling.checked(1, 0.0, ["a", ""], 0)
