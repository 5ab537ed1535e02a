"""The kit that every runner that talks to a server must pass: a test class derives from RemoteRunnerContract.

It gives the fixture ``runner``, connected to a server that has ``tiny``, and ``computed``, a runner of this process
with the same weights in float32: what it writes is what is expected.
"""

from __future__ import annotations

import numpy as np
import pytest

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner, registry
from edgedocs.runners.servers.remote import RemoteRunner

PROMPT = "To insert a table, choose"
MESSAGES = [{"role": "user", "content": "How do I insert a table?"}]


class RemoteRunnerContract:
    """What every such runner does alike."""

    tokenizes = True
    detokenizes = True

    def test_it_is_registered_under_its_name(self, runner: RemoteRunner) -> None:
        assert registry.get(runner.name) is type(runner)
        assert "url" in runner.formats
        assert runner.requires
        assert runner.extra
        assert set(runner.precision) == {"compute", "key_value_cache"}
        assert not runner.accepts(runner.path)

    def test_the_usual_address_is_on_this_machine(self, runner: RemoteRunner) -> None:
        assert runner.default_address.startswith("http://127.0.0.1:")

    def test_greedy_text_is_what_this_process_computes(self, runner: RemoteRunner, computed: Runner) -> None:
        text = runner.generate(PROMPT, max_tokens=30)
        assert len(text) > 40
        assert text == computed.generate(PROMPT, max_tokens=30)

    def test_the_answer_to_messages_is_what_this_process_computes(self, runner: RemoteRunner, computed: Runner) -> None:
        assert runner.chat(MESSAGES, max_tokens=12) == computed.chat(MESSAGES, max_tokens=12)
        assert "".join(runner.chat(MESSAGES, max_tokens=12, stream=True)) == computed.chat(MESSAGES, max_tokens=12)

    def test_a_stream_joins_to_the_text(self, runner: RemoteRunner) -> None:
        whole = runner.generate(PROMPT, max_tokens=30, temperature=1.0, seed=7)
        pieces = list(runner.generate(PROMPT, max_tokens=30, temperature=1.0, seed=7, stream=True))
        assert "".join(pieces) == whole
        assert len(pieces) > 1
        assert all(pieces)

    def test_the_seed_fixes_what_is_drawn(self, runner: RemoteRunner) -> None:
        texts = [runner.generate(PROMPT, max_tokens=20, temperature=1.0, seed=seed) for seed in (1, 1, 2)]
        assert texts[0] == texts[1] != texts[2]

    def test_a_stop_text_ends_before_itself(self, runner: RemoteRunner) -> None:
        whole = runner.generate(PROMPT, max_tokens=20)
        middle = whole[len(whole) // 2 :][:3]
        assert runner.generate(PROMPT, max_tokens=20, stop=middle) == whole.partition(middle)[0]
        many = ("\u2603", "\u2604", "\u2605", "\u2606", middle)  # more than OpenAI's protocol takes
        assert runner.generate(PROMPT, max_tokens=20, stop=many) == whole.partition(middle)[0]

    def test_no_tokens_give_no_text(self, runner: RemoteRunner) -> None:
        assert runner.generate(PROMPT, max_tokens=0) == ""

    def test_tokens_are_what_this_process_computes(self, runner: RemoteRunner, computed: Runner) -> None:
        if not self.tokenizes:
            with pytest.raises(CannotRun, match="no request that gives tokens"):
                runner.tokenize(PROMPT)
            return
        for text in (PROMPT, "Příliš žluťoučký kůň", "<|user|>\nspecial<|end|>"):
            assert runner.tokenize(text) == computed.tokenize(text)

    def test_tokens_give_the_text_back(self, runner: RemoteRunner, computed: Runner) -> None:
        if not self.detokenizes:
            with pytest.raises(CannotRun, match="no request that gives the text"):
                runner.detokenize([5])
            return
        text = "Příliš žluťoučký kůň. The quick brown fox."
        assert runner.detokenize(computed.tokenize(text)) == text

    def test_logits_and_memory_are_honestly_refused(self, runner: RemoteRunner) -> None:
        with pytest.raises(CannotRun, match="gives no logits"):
            runner.logits([5])
        with pytest.raises(CannotRun, match="does not tell what memory"):
            runner.memory()

    def test_text_that_is_no_unicode_is_refused(self, runner: RemoteRunner) -> None:
        with pytest.raises(BadInput, match=r"character 2 of the text is a lone surrogate, U\+D800"):
            runner.generate("ab\ud800")

    @pytest.mark.parametrize("options", [{"max_tokens": -1}, {"temperature": float("nan")}, {"stop": ""}, {"seed": -1}])
    def test_options_that_cannot_be_are_refused(self, runner: RemoteRunner, options: dict[str, float]) -> None:
        with pytest.raises(BadInput, match="expected"):
            runner.generate(PROMPT, stream=True, **options)  # type: ignore[call-overload]

    def test_a_new_text_ends_a_stream(self, runner: RemoteRunner) -> None:
        stream = runner.generate(PROMPT, max_tokens=30, stream=True)
        next(stream)
        runner.generate(PROMPT, max_tokens=1)
        with pytest.raises(CannotRun, match="one text at a time"):
            list(stream)

    def test_a_stream_may_be_left_alone(self, runner: RemoteRunner, computed: Runner) -> None:
        stream = runner.generate(PROMPT, max_tokens=200, stream=True)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert runner.generate(PROMPT, max_tokens=5) == computed.generate(PROMPT, max_tokens=5)

    def test_closed_it_says_so(self, runner: RemoteRunner) -> None:
        with type(runner).load(str(runner.address), model=runner.model) as other:
            assert other.generate(PROMPT, max_tokens=1)
        other.close()
        for use in (
            lambda: other.generate(PROMPT),
            lambda: other.tokenize(PROMPT),
            lambda: other.embed(PROMPT),
            lambda: other.logits([1]),
        ):
            with pytest.raises(CannotRun, match="closed"):
                use()

    def test_a_model_that_the_server_lacks_is_refused(self, runner: RemoteRunner) -> None:
        with pytest.raises(BadInput, match=r"has no model 'nonsense.*expected one of"):
            type(runner).load(str(runner.address), model="nonsense")

    def test_an_unknown_option_is_refused_before_anything_is_asked(self, runner: RemoteRunner) -> None:
        with pytest.raises(BadInput, match=rf"runner {runner.name} has no option 'bogus'"):
            type(runner).load("http://127.0.0.1:9", bogus=1)

    @pytest.mark.parametrize("options", [{"timeout": 0}, {"deadline": float("inf")}])
    def test_limits_that_cannot_be_are_refused(self, runner: RemoteRunner, options: dict[str, float]) -> None:
        with pytest.raises(BadInput, match="a number of seconds above 0"):
            type(runner).load("http://127.0.0.1:9", **options)

    def test_where_no_server_is_it_says_how_to_start_one(self, runner: RemoteRunner) -> None:
        with pytest.raises(CannotRun, match=r"no server answers\nremedy: start one: ") as caught:
            type(runner).load("http://127.0.0.1:9")
        assert runner.start in str(caught.value)
        assert "127.0.0.1:9" in str(caught.value)


def assert_is_a_vector(vector: object) -> None:
    """An embedding as runners give it."""
    assert isinstance(vector, np.ndarray)
    assert vector.dtype == np.float32
    assert vector.ndim == 1
    assert np.isfinite(vector).all()
