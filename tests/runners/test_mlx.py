import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgedocs import converters, runners
from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.mlx import MLXRunner
from edgedocs.tiny import held_out
from tests.contract.runners import RunnerContract
from tests.requirements import require
from tests.runners.alone import used_alone


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in MLXRunner.requires:
        require(package)
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny-mlx", to="mlx", type="f32").path


@pytest.fixture(scope="module")
def runner(folder: Path) -> Iterator[Runner]:
    with runners.load(folder) as runner:
        assert runner.name == "mlx"
        assert runner.precision == {"compute": "float32", "key_value_cache": "float32"}
        yield runner


class TestMLX(RunnerContract):
    """The kit, on an artifact that was converted before."""


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_only_folders_that_say_that_they_are_mlx_s_are_its_own(folder: Path, tmp_path: Path) -> None:
    other = converters.convert("tiny", tmp_path / "plain", to="safetensors", type="bf16").path
    assert MLXRunner.accepts(folder)
    assert not MLXRunner.accepts(other)
    assert not MLXRunner.accepts(tmp_path)


@pytest.mark.parametrize(("kind", "compute"), [("bf16", "bfloat16"), ("f16", "float16"), ("4bit", "bfloat16")])
def test_it_computes_in_the_type_of_the_weights(tmp_path: Path, kind: str, compute: str) -> None:
    require("mlx_lm")
    with runners.load(converters.convert("tiny", tmp_path / "m", to="mlx", type=kind)) as runner:
        assert runner.precision == {"compute": compute, "key_value_cache": compute}


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_malformed_file_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"[1, 2, 3]")
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy)


def test_cut_off_weights_are_refused(copy: Path) -> None:
    os.truncate(copy / "model.safetensors", 1_000_000)
    with pytest.raises(BadInput, match=r"model\.safetensors"):
        runners.load(copy)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("vocab_size", 5000, "mlx-lm refuses the model"),
        ("num_hidden_layers", 5, "mlx-lm refuses the model"),
        ("model_type", "unheard_of", "mlx-lm refuses the model"),
        ("max_position_embeddings", 0, "max_position_embeddings is 0"),
        ("model_file", "evil.py", r"wants to run code of its own, 'evil\.py'"),
    ],
)
def test_a_lying_configuration_is_refused(copy: Path, setting: str, value: object, message: str) -> None:
    (copy / "evil.py").write_text("raise SystemExit(9)")
    config = files.read_json(copy / "config.json")
    (copy / "config.json").write_text(json.dumps(config | {setting: value}), encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        runners.load(copy)


def test_memory_is_what_the_arrays_take(runner: Runner) -> None:
    """4,196,608 weights of 4 bytes; keys and values of 4 layers, 2 heads of 64, for 256 tokens at a time."""
    runner.logits([5] * 40)
    assert runner.memory() == {"weights": 4 * 4_196_608, "key_value_cache": 2 * 4 * 2 * 64 * 4 * 256}


def test_threads_are_not_its_to_choose(folder: Path) -> None:
    with pytest.raises(BadInput, match="threads is 2; expected none"):
        runners.load(folder, threads=2)


def test_where_a_package_is_missing_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = converters.convert("tiny", tmp_path / "m", to="mlx").path
    monkeypatch.setattr(MLXRunner, "requires", ("mlx_that_is_not_installed",))
    with pytest.raises(CannotRun, match=r"is not installed\nremedy: in a copy of .* pip install '\.\[mlx\]'"):
        runners.load(path)


def test_it_prints_nothing(folder: Path) -> None:
    assert used_alone(folder) == (0, b"", b"")


def test_float32_agrees_with_onnx_runtime(runner: Runner) -> None:
    tokens = runner.tokenize(held_out("en"))[:400]
    with runners.load("tiny", backend="onnxruntime") as other:
        wanted = other.logits(tokens)
        text = other.generate("The", max_tokens=20)
    assert np.abs(runner.logits(tokens) - wanted).max() <= 1e-4 * np.abs(wanted).max()
    assert runner.generate("The", max_tokens=20) == text
