"""The kit that every runner must pass: a test class derives from RunnerContract and gives the fixture ``runner``."""

from __future__ import annotations

import numpy as np
import pytest

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner, registry
from edgedocs.tiny import held_out

PROMPT = "To insert a table, choose"
TEXTS = [
    "The quick brown fox.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "\t two  blanks\r\nand line ends\n\n",
    "emoji 👩‍💻 and CJK 漢字, Arabic العربية",
    "<|user|>\nspecial tokens are recognized<|end|>\n",
    "123,456.789 — „quotes“ 'it's' we'll",
    "\u0000\u00a0\u2028\ufeff",
]


class RunnerContract:
    """What every runner does alike, on ``tiny``."""

    def test_it_is_registered_under_its_name(self, runner: Runner) -> None:
        assert registry.get(runner.name) is type(runner)
        assert runner.formats
        assert runner.distribution
        assert set(runner.precision) == {"compute", "key_value_cache"}

    def test_it_knows_the_model(self, runner: Runner) -> None:
        assert (runner.vocabulary, runner.context_length) == (4096, 512)
        assert runner.end_tokens == {0, 3}
        assert runner.start_token == 0

    @pytest.mark.parametrize("text", TEXTS)
    def test_tokens_give_the_text_back(self, runner: Runner, text: str) -> None:
        tokens = runner.tokenize(text)
        assert all(0 <= token < runner.vocabulary for token in tokens)
        assert runner.detokenize(tokens) == text

    def test_text_that_is_no_unicode_is_refused(self, runner: Runner) -> None:
        with pytest.raises(BadInput, match=r"character 2 of the text is a lone surrogate, U\+D800"):
            runner.generate("ab\ud800")

    def test_no_start_token_is_added_where_the_tokenizer_adds_none(self, runner: Runner) -> None:
        assert runner.tokenize("") == []
        assert 0 not in runner.tokenize(PROMPT)

    def test_logits_have_a_row_for_each_token(self, runner: Runner) -> None:
        logits = runner.logits(runner.tokenize(PROMPT))
        assert logits.shape == (len(runner.tokenize(PROMPT)), runner.vocabulary)
        assert logits.dtype == np.float32
        assert np.isfinite(logits).all()

    def test_logits_depend_on_what_precedes_alone(self, runner: Runner) -> None:
        tokens = runner.tokenize(held_out("en")[:400])
        whole, half = runner.logits(tokens), runner.logits(tokens[: len(tokens) // 2])
        # Engines choose other kernels for other lengths: equal to rounding, in float16 caches too.
        assert np.abs(whole[: len(half)] - half).max() <= 2e-3 * np.abs(whole).max()

    def test_a_full_context_is_computed(self, runner: Runner) -> None:
        tokens = runner.tokenize(held_out("en"))[: runner.context_length]
        assert runner.logits(tokens).shape == (runner.context_length, runner.vocabulary)

    @pytest.mark.parametrize("tokens", [[], [-1], [4096], [5] * 513])
    def test_tokens_that_cannot_be_are_refused(self, runner: Runner, tokens: list[int]) -> None:
        with pytest.raises(BadInput, match="expected"):
            runner.logits(tokens)

    def test_text_of_tokens_that_cannot_be_is_refused(self, runner: Runner) -> None:
        assert runner.detokenize([]) == ""
        assert len(runner.detokenize([5] * 1000)) == 1000 * len(runner.detokenize([5]))
        with pytest.raises(BadInput, match="token 4096 at place 1 is not in the vocabulary"):
            runner.detokenize([5, 4096])

    def test_greedy_text_is_the_likeliest_by_the_logits(self, runner: Runner) -> None:
        prompt = runner.tokenize(PROMPT)
        text = runner.generate(PROMPT, max_tokens=12)
        tokens = list(prompt)
        for _ in range(12):
            token = int(runner.logits(tokens)[-1].argmax())
            if token in runner.end_tokens:
                break
            tokens.append(token)
        assert text
        assert runner.detokenize(tokens).removeprefix(PROMPT).removesuffix("\ufffd") == text

    def test_a_stream_joins_to_the_text(self, runner: Runner) -> None:
        whole = runner.generate(PROMPT, max_tokens=30, temperature=1.5, seed=7)
        pieces = list(runner.generate(PROMPT, max_tokens=30, temperature=1.5, seed=7, stream=True))
        assert "".join(pieces) == whole
        assert len(pieces) > 1
        assert all(pieces)

    def test_the_seed_fixes_what_is_drawn(self, runner: Runner) -> None:
        texts = [runner.generate(PROMPT, max_tokens=20, temperature=1.0, seed=seed) for seed in (1, 1, 2)]
        assert texts[0] == texts[1] != texts[2]

    def test_a_stop_text_ends_before_itself(self, runner: Runner) -> None:
        whole = runner.generate(PROMPT, max_tokens=20)
        middle = whole[len(whole) // 2 :][:3]
        assert runner.generate(PROMPT, max_tokens=20, stop=middle) == whole.partition(middle)[0]
        assert runner.generate(PROMPT, max_tokens=20, stop=("\u2603", middle)) == whole.partition(middle)[0]

    def test_no_tokens_give_no_text(self, runner: Runner) -> None:
        assert runner.generate(PROMPT, max_tokens=0) == ""

    def test_an_empty_prompt_starts_from_the_start_token(self, runner: Runner) -> None:
        assert runner.generate("", max_tokens=5) == runner.generate("<|endoftext|>", max_tokens=5)

    def test_prompt_and_answer_must_fit_the_context(self, runner: Runner) -> None:
        prompt = runner.detokenize(runner.tokenize(held_out("en"))[:490])
        length = len(runner.tokenize(prompt))
        room = runner.context_length - length
        assert isinstance(runner.generate(prompt, max_tokens=room), str)
        with pytest.raises(BadInput, match="at most 512 tokens together"):
            runner.generate(prompt, max_tokens=room + 1, stream=True)
        with pytest.raises(BadInput, match=r"exceed the context.*\nremedy: shorten the prompt"):
            runner.generate(prompt * 2, max_tokens=1)

    @pytest.mark.parametrize(
        "options",
        [{"max_tokens": -1}, {"temperature": -0.1}, {"temperature": float("nan")}, {"stop": ""}, {"seed": -1}],
    )
    def test_options_that_cannot_be_are_refused(self, runner: Runner, options: dict[str, float]) -> None:
        with pytest.raises(BadInput, match="expected"):
            runner.generate(PROMPT, stream=True, **options)  # type: ignore[call-overload]

    def test_a_new_text_ends_a_stream(self, runner: Runner) -> None:
        stream = runner.generate(PROMPT, max_tokens=30, stream=True)
        next(stream)
        runner.generate(PROMPT, max_tokens=1)
        with pytest.raises(CannotRun, match="one text at a time"):
            list(stream)

    def test_messages_are_put_into_the_chat_template(self, runner: Runner) -> None:
        messages = [{"role": "user", "content": "How do I insert a table?"}]
        prompt = "<|user|>\nHow do I insert a table?<|end|>\n<|assistant|>\n"
        assert runner.chat(messages, max_tokens=8) == runner.generate(prompt, max_tokens=8)
        assert "".join(runner.chat(messages, max_tokens=8, stream=True)) == runner.chat(messages, max_tokens=8)

    def test_closed_it_says_so(self, runner: Runner) -> None:
        with type(runner).load("tiny") as other:
            path = other.path
            assert path.exists()
        assert not path.exists()
        other.close()
        uses = (
            lambda: other.logits([1]),
            lambda: other.generate(PROMPT),
            lambda: other.tokenize(PROMPT),
            lambda: other.detokenize([1]),
        )
        for use in uses:
            with pytest.raises(CannotRun, match="closed"):
                use()

    def test_an_unknown_option_is_refused_before_anything_is_loaded(self, runner: Runner) -> None:
        with pytest.raises(BadInput, match=rf"runner {runner.name} has no option 'bogus'; expected one of threads"):
            type(runner).load("nowhere", bogus=1)

    def test_a_missing_model_is_refused(self, runner: Runner) -> None:
        with pytest.raises(BadInput, match="no such model"):
            type(runner).load("nowhere")
        with pytest.raises(BadInput, match="does not load this"):
            type(runner).load(__file__)
        with pytest.raises(BadInput, match="threads is 0"):
            type(runner).load("tiny", threads=0)
