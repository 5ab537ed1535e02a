import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs import Checkpoint, converters, runners
from edgedocs.core.errors import BadInput
from edgedocs.runners import Runner
from tests.requirements import require


def test_every_runner_is_complete() -> None:
    assert runners.registry.names() == [
        "foundry_local",
        "llama_cpp",
        "llama_server",
        "mlx",
        "ollama",
        "onnxruntime",
        "openvino",
        "ort_genai",
        "ovms",
        "qnn",
        "vllm",
    ]
    for name, runner in zip(runners.registry.names(), runners.registry, strict=True):
        assert issubclass(runner, Runner)
        assert runner.name == name
        assert runner.__doc__
        assert runner.conversion[0] in runner.formats
        # What loads no checkpoint asks a server that has loaded one.
        assert {"checkpoint", "url"} & set(runner.formats)


def test_a_model_can_be_given_in_every_way(tmp_path: Path) -> None:
    checkpoint = Checkpoint.open("tiny")
    artifact = converters.convert(checkpoint, tmp_path / "tiny", to="onnx")
    texts = set()
    for source in ("tiny", checkpoint, checkpoint.path, str(checkpoint.path), artifact, artifact.path):
        with runners.load(source) as runner:
            assert runner.name == "onnxruntime"
            texts.add(runner.generate("The", max_tokens=3))
    assert len(texts) == 1


@pytest.mark.parametrize("backend", ["onnxruntime", "llama_cpp", "llama_server", "mlx", "openvino"])
def test_a_runner_that_is_never_closed_leaves_nothing(tmp_path: Path, backend: str) -> None:
    for package in {"llama_server": ("openai", "llama_cpp", "fastapi")}.get(
        backend, runners.registry.get(backend).requires
    ):
        require(package)
    script = (
        "import sys, tempfile\nfrom edgedocs import runners\ntempfile.tempdir = sys.argv[1]\n"
        "runner = runners.load('tiny', backend=sys.argv[2])\nprint(runner.generate('The', max_tokens=2))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path), backend]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.strip()
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_runner_is_refused() -> None:
    with pytest.raises(BadInput, match=r"expected one of .*llama_cpp, .*onnxruntime"):
        runners.load("tiny", backend="onnx")


def test_a_file_that_no_runner_loads_is_refused() -> None:
    with pytest.raises(BadInput, match="no runner loads this; expected a model of one of the formats"):
        runners.load(__file__)


def test_a_failed_load_removes_the_temporary_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(BadInput, match="threads"):
        runners.load("tiny", threads=-1)
    assert list(tmp_path.iterdir()) == []
