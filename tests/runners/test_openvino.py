import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgedocs import converters, runners
from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.openvino import OpenVINORunner
from edgedocs.tiny import held_out
from tests.contract.runners import RunnerContract
from tests.requirements import require
from tests.runners.alone import used_alone


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in converters.registry.get("openvino").requires:
        require(package)
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny-ov", to="openvino", type="f32").path


@pytest.fixture(scope="module")
def runner(folder: Path) -> Iterator[Runner]:
    with runners.load(folder, threads=1) as runner:
        assert runner.name == "openvino"
        assert runner.precision == {"compute": "float32", "key_value_cache": "float32"}
        yield runner


class TestOpenVINO(RunnerContract):
    """The kit, on an artifact that was converted before."""


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_openvino_may_choose_its_precision(folder: Path) -> None:
    with runners.load(folder, precision="auto", threads=1) as runner:
        assert runner.precision["key_value_cache"] != "float32"
        assert runner.generate("The", max_tokens=3)
    with pytest.raises(BadInput, match="precision is 'f64'; expected one of f32, auto"):
        runners.load(folder, precision="f64")


SIGNALLED = """
import faulthandler, gc, signal, sys
from edgedocs import converters, runners
faulthandler.enable()  # so that signals are handled in memory of their own, as under pytest
converters.convert("tiny", sys.argv[2], to="openvino", type="int4")
first = runners.load(sys.argv[1], threads=1)
second = runners.load(sys.argv[1], threads=1)
first.close(), gc.collect()
second.close(), gc.collect()
signal.signal(signal.SIGINT, lambda *_: print("handled"))
signal.raise_signal(signal.SIGINT)
"""


def test_signals_are_handled_afterwards(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SIGNALLED, str(folder), str(tmp_path / "int4")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "handled\n"), done.stderr


def test_the_cache_takes_what_the_formula_says(runner: Runner, folder: Path) -> None:
    """Keys and values of 4 layers, 2 heads of 64 numbers of 4 bytes."""
    for length in (1, 40):
        runner.logits([5] * length)
        assert runner.memory() == {"key_value_cache": 2 * 4 * 2 * 64 * 4 * length}
    with runners.load(folder, precision="auto", threads=1) as other, pytest.raises(CannotRun, match="cannot tell"):
        other.memory()


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "openvino_model.bin"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "openvino_model.xml"])
def test_a_malformed_file_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"[1, 2, 3]")
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy)


def test_cut_off_weights_are_refused(copy: Path) -> None:
    os.truncate(copy / "openvino_model.bin", 1_000_000)
    with pytest.raises(BadInput, match="OpenVINO refuses the model"):
        runners.load(copy)


def test_another_model_is_refused(copy: Path) -> None:
    for suffix in ("xml", "bin"):
        shutil.copyfile(copy / f"openvino_detokenizer.{suffix}", copy / f"openvino_model.{suffix}")
    with pytest.raises(BadInput):
        runners.load(copy)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("vocab_size", 5000, r"logits of shape \[1, 1, 4096\]"),
        ("max_position_embeddings", 0, "max_position_embeddings is 0"),
    ],
)
def test_a_lying_configuration_is_refused(copy: Path, setting: str, value: object, message: str) -> None:
    config = files.read_json(copy / "config.json")
    (copy / "config.json").write_text(json.dumps(config | {setting: value}), encoding="utf-8")
    with pytest.raises(BadInput, match=message), runners.load(copy) as runner:
        runner.logits([1])


def test_where_the_package_is_missing_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(OpenVINORunner, "requires", ("openvino_that_is_not_installed",))
    with pytest.raises(CannotRun, match=r"is not installed\nremedy: in a copy of .* pip install '\.\[openvino\]'"):
        runners.load(folder)


def test_it_prints_nothing(folder: Path) -> None:
    assert used_alone(folder) == (0, b"", b"")


def test_all_float32_runners_agree(runner: Runner) -> None:
    require("llama_cpp")
    tokens = runner.tokenize(held_out("en"))[:400]
    found, text = runner.logits(tokens), runner.generate("The", max_tokens=20)
    for backend, options in (("onnxruntime", {}), ("llama_cpp", {"kv_cache": "f32"})):
        with runners.load("tiny", backend=backend, **options) as other:
            wanted = other.logits(tokens)
            assert np.abs(found - wanted).max() <= 1e-4 * np.abs(wanted).max(), backend
            assert other.generate("The", max_tokens=20) == text, backend
