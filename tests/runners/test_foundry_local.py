"""The runner ``foundry_local``, with a folder of ONNX Runtime GenAI made by hand.

Foundry Local sends telemetry, so the tests that start it run only where the person who runs them has agreed to that:
``EDGEDOCS_ALLOW_FOUNDRY_TELEMETRY=1``.
"""

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.foundry_local import CONSENT, FoundryLocal

MESSAGES = [{"role": "user", "content": "How do I insert a table?"}]
INSTALLED = importlib.util.find_spec("foundry_local_sdk") is not None
AGREED = os.environ.get(CONSENT) == "1"
starts_it = pytest.mark.skipif(not (INSTALLED and AGREED), reason=f"needs foundry-local-sdk, and {CONSENT}=1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ONNX conversion of ``tiny``, and what GenAI wants to know of it."""
    path = converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny", to="onnx", type="f32").path
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    decoder = {
        "filename": "model.onnx",
        "head_size": config["head_dim"],
        "hidden_size": config["hidden_size"],
        "num_attention_heads": config["num_attention_heads"],
        "num_key_value_heads": config["num_key_value_heads"],
        "num_hidden_layers": config["num_hidden_layers"],
    }
    model = {
        "type": "llama",
        "bos_token_id": 0,
        "eos_token_id": [0, 3],
        "pad_token_id": 0,
        "context_length": 512,
        "vocab_size": 4096,
        "decoder": decoder,
    }
    document = {"model": model, "search": {"max_length": 512, "past_present_share_buffer": False}}
    (path / "genai_config.json").write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def runner(folder: Path) -> Iterator[Runner]:
    with runners.load(folder, backend="foundry_local") as runner:
        yield runner


@pytest.mark.skipif(not INSTALLED, reason="needs the Python package foundry_local_sdk")
def test_without_consent_it_is_not_available(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, "", "0", "yes"):
        monkeypatch.delenv(CONSENT, raising=False) if value is None else monkeypatch.setenv(CONSENT, value)
        state = FoundryLocal.available()
        assert (state.ok, state.remedy) == (False, f"agree to it: {CONSENT}=1")
        with pytest.raises(CannotRun, match=r"sends telemetry to Microsoft, even when told not to\nremedy: agree"):
            runners.load(folder, backend="foundry_local")


def test_where_the_package_is_missing_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FoundryLocal, "requires", ("foundry_that_is_not_installed",))
    monkeypatch.setenv(CONSENT, "1")
    state = FoundryLocal.available()
    assert (state.ok, state.remedy) == (
        False,
        "in a copy of the project's repository: python -m pip install '.[foundry]'",
    )


def test_it_accepts_a_folder_of_genai_alone(folder: Path) -> None:
    assert FoundryLocal.accepts(folder)
    assert not FoundryLocal.accepts(folder.parent)
    assert not FoundryLocal.accepts(folder / "model.onnx")


def test_it_is_used_only_where_it_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONSENT, "1")
    with runners.load(folder) as runner:
        assert runner.name != "foundry_local"


@starts_it
def test_greedy_answers_are_those_of_onnx_runtime(runner: Runner, folder: Path) -> None:
    assert (runner.vocabulary, runner.context_length, runner.end_tokens) == (4096, 512, {0, 3})
    said = [{"role": "system", "content": "Answer."}, *MESSAGES, {"role": "assistant", "content": "So."}]
    with runners.load(folder, backend="onnxruntime", threads=1) as computed:
        for messages in (MESSAGES, [*said, *MESSAGES]):
            assert runner.chat(messages, max_tokens=30) == computed.chat(messages, max_tokens=30)
            assert "".join(runner.chat(messages, max_tokens=30, stream=True)) == computed.chat(messages, max_tokens=30)
        assert runner.tokenize("Příliš <|end|>") == computed.tokenize("Příliš <|end|>")
        assert runner.chat(MESSAGES, max_tokens=30, stop="cell") == computed.chat(MESSAGES, max_tokens=30, stop="cell")


@starts_it
def test_the_seed_fixes_what_is_drawn(runner: Runner) -> None:
    texts = [runner.chat(MESSAGES, max_tokens=15, temperature=1.0, seed=seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


@starts_it
def test_a_stream_may_be_left_alone_and_ends_with_a_new_text(runner: Runner) -> None:
    first = runner.chat(MESSAGES, max_tokens=100, stream=True)
    begun = next(first)
    whole = runner.chat(MESSAGES, max_tokens=5)
    assert whole.startswith(begun)
    with pytest.raises(CannotRun, match="one text at a time"):
        list(first)


@starts_it
def test_what_it_cannot_do_it_says(runner: Runner) -> None:
    for use, what in (
        (lambda: runner.generate("The"), r"continues no plain text\nremedy: give a message"),
        (lambda: runner.logits([5]), "gives no logits"),
        (runner.memory, "cannot tell what memory"),
        (lambda: runner.embed("text"), "gives no embeddings"),
    ):
        with pytest.raises(CannotRun, match=what):
            use()
    with pytest.raises(BadInput, match=r"exceed the context.*\nremedy: ask for at most"):
        runner.chat(MESSAGES, max_tokens=600)
    with pytest.raises(BadInput, match="the role 'tool'"):
        runner.chat([{"role": "tool", "content": "x"}])
    assert runner.chat(MESSAGES, max_tokens=0) == ""


@starts_it
def test_two_may_be_loaded_and_the_last_removes_its_folder(folder: Path, tmp_path: Path) -> None:
    with runners.load(folder, backend="foundry_local") as one, runners.load(folder, backend="foundry_local") as other:
        assert one.chat(MESSAGES, max_tokens=3) == other.chat(MESSAGES, max_tokens=3)
    with pytest.raises(CannotRun, match="closed"):
        one.chat(MESSAGES)


@starts_it
@pytest.mark.parametrize("damage", ["{", "[]", '{"model": {"vocab_size": 4096}}'])
def test_a_damaged_folder_is_refused(tmp_path: Path, damage: str) -> None:
    (tmp_path / "genai_config.json").write_text(damage, encoding="utf-8")
    with pytest.raises(BadInput, match=r"genai_config\.json"):
        runners.load(tmp_path, backend="foundry_local")


@starts_it
def test_a_model_that_does_not_load_is_one_error(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        if not file.name.startswith("model.onnx"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(CannotRun, match="Foundry Local fails"):
        runners.load(tmp_path, backend="foundry_local")
