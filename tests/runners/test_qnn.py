"""QNN on the simulator. Each new token computes the whole text there, so the texts are short; nothing is timed."""

import json
import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgedocs import converters, runners
from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.qnn import QNNRunner
from edgedocs.tiny import held_out
from tests.requirements import require
from tests.runners.alone import USED, used_alone

PROMPT = "To insert a table, choose"
LENGTH = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("onnxruntime_qnn")
    return converters.convert("tiny", tmp_path_factory.mktemp("qnn") / "tiny", to="qnn", length=LENGTH).path


@pytest.fixture(scope="module")
def runner(folder: Path) -> Iterator[Runner]:
    with runners.load(folder) as runner:
        yield runner


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_it_knows_the_model(runner: Runner) -> None:
    assert (runner.name, runner.vocabulary, runner.context_length) == ("qnn", 4096, LENGTH)
    assert (runner.end_tokens, runner.start_token) == ({0, 3}, 0)
    assert runner.precision == {"compute": "uint16", "key_value_cache": "none"}
    assert QNNRunner.simulated == (platform.machine() in ("x86_64", "AMD64"))


def test_the_logits_are_near_those_of_float32(runner: Runner) -> None:
    tokens = runner.tokenize(held_out("en"))[5000 : 5000 + LENGTH]
    with runners.load("tiny", backend="onnxruntime") as exact:
        wanted = exact.logits(tokens)
    found = runner.logits(tokens)
    assert found.shape == wanted.shape
    assert 0 < np.abs(found - wanted).max() <= 0.1 * np.abs(wanted).max()
    assert (found.argmax(axis=1) == wanted.argmax(axis=1)).mean() >= 0.85


def test_the_processor_computes_what_the_file_says(runner: Runner, folder: Path) -> None:
    """ONNX Runtime's own arithmetic for the same whole numbers."""
    import onnxruntime

    tokens = runner.tokenize(held_out("en"))[7000 : 7000 + LENGTH]
    session = onnxruntime.InferenceSession(str(folder / "model.qdq.onnx"), providers=["CPUExecutionProvider"])
    wanted = session.run(None, {"input_ids": np.array([tokens], np.int64)})[0][0]
    assert np.abs(runner.logits(tokens) - wanted).max() <= 0.05 * np.abs(wanted).max()


def test_it_generates_streams_and_stops(runner: Runner) -> None:
    text = runner.generate(PROMPT, max_tokens=4)
    assert text
    assert "".join(runner.generate(PROMPT, max_tokens=4, stream=True)) == text
    assert runner.generate(PROMPT, max_tokens=4, stop=text[2]) == text.partition(text[2])[0]
    assert runner.generate("", max_tokens=1) == runner.generate("<|endoftext|>", max_tokens=1)


def test_what_follows_changes_nothing_before_it(runner: Runner) -> None:
    tokens = runner.tokenize(PROMPT)
    long = runner.logits([*tokens, 77, 78, 79])
    np.testing.assert_array_equal(long[: len(tokens)], runner.logits(tokens))


def test_a_text_longer_than_the_context_is_refused(runner: Runner) -> None:
    with pytest.raises(BadInput, match=f"at most {LENGTH} tokens together"):
        runner.generate(PROMPT, max_tokens=LENGTH)
    with pytest.raises(BadInput, match=f"expected 1 to {LENGTH}"):
        runner.logits([5] * (LENGTH + 1))
    with pytest.raises(BadInput, match=f"expected 1 to {LENGTH}"):
        runner.logits([])


def test_a_model_that_is_not_all_the_processor_s_is_refused(copy: Path) -> None:
    """Nothing falls back to the CPU: floats on the way are enough to be refused."""
    shutil.rmtree(copy)
    source = converters.convert("tiny", copy, to="onnx").path
    model = onnx.load(source / "model.onnx")
    onnx.save(model, source / "model.qdq.onnx")
    with pytest.raises(BadInput, match="QNN refuses the model"):
        QNNRunner(source)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.qdq.onnx"])
def test_a_malformed_file_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"[1, 2, 3]")
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy)


def test_a_cut_off_file_is_refused(copy: Path) -> None:
    os.truncate(copy / "model.qdq.onnx", 1_000_000)
    with pytest.raises(BadInput, match="QNN refuses the model"):
        runners.load(copy)


def test_a_lying_configuration_is_refused(copy: Path) -> None:
    config = files.read_json(copy / "config.json")
    (copy / "config.json").write_text(json.dumps(config | {"vocab_size": 5000}))
    with pytest.raises(BadInput, match=r"logits of shape \[1, 32, 4096\]"):
        runners.load(copy)


def test_what_it_cannot_do_it_says(runner: Runner) -> None:
    for use in (runner.memory, lambda: runner.embed("text")):
        with pytest.raises(CannotRun, match=r"runner qnn (cannot tell|gives no)"):
            use()


def test_threads_are_not_its_to_choose(folder: Path) -> None:
    with pytest.raises(BadInput, match="threads is 2; expected none"):
        runners.load(folder, threads=2)


def test_where_it_cannot_run_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert QNNRunner.available().reason == "QNN does not run on Darwin"
    monkeypatch.setattr(QNNRunner, "requires", ("qnn_that_is_not_installed",))
    with pytest.raises(CannotRun, match=r"is not installed\nremedy: in a copy of .* pip install '\.\[qnn\]'"):
        runners.load(folder)


def test_it_prints_nothing(folder: Path) -> None:
    assert used_alone(folder, f"print(len({USED}) > 0)") == (0, b"True\n", b"")
