from collections.abc import Iterator
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.runners import Runner
from tests.contract.runners import RunnerContract
from tests.requirements import require


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny-genai", to="ort-genai").path


@pytest.fixture(scope="module")
def runner(folder: Path) -> Iterator[Runner]:
    require("onnxruntime_genai")
    with runners.load(folder, backend="ort_genai", threads=1) as runner:
        assert runner.precision == {"compute": "float32", "key_value_cache": "float32"}
        yield runner


class TestOrtGenai(RunnerContract):
    """The kit, on an artifact that was converted before."""
