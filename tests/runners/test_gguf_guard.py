"""Metadata of families with experts or whole-head rotation that would end the process in llama.cpp."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field, uint32
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.core.errors import BadInput
from tests.reference.families import FAMILIES
from tests.requirements import require

CASES = [
    ("mixtral", "llama.expert_count", 1100, "expert_count is 1100; expected at most 1024"),
    ("mixtral", "llama.expert_used_count", 0, "expert_used_count is 0; expected 1 to 8"),
    ("mixtral", "llama.expert_used_count", 9, "expert_used_count is 9; expected 1 to 8"),
    ("qwen2", "qwen2.rope.dimension_count", 32, "dimension_count is 32; expected 64"),
    ("qwen3", "qwen3.attention.key_length", 64, "dimension_count is 96; expected 64"),
]
LOAD = """
import sys
from llama_cpp import Llama
model = Llama(sys.argv[1], n_ctx=64, n_threads=1, n_gpu_layers=0, verbose=False)
model.eval([1, 2, 3])
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    require("llama_cpp")
    folder = tmp_path_factory.mktemp("families")
    names = sorted({name for name, *_ in CASES})
    return {
        name: converters.convert(FAMILIES[name].write(folder / name), folder / f"{name}.gguf", type="q8_0").path
        for name in names
    }


def changed(source: Path, target: Path, key: str, field: Field) -> Path:
    file = GGUFFile.open(source)
    tensors = [
        PlannedTensor(one.name, one.type, one.shape, partial(getattr, one, "data")) for one in file.tensors.values()
    ]
    write_gguf(target, file.fields | {key: field}, tensors)
    return target


@pytest.mark.parametrize(("name", "key", "value", "complaint"), CASES)
def test_what_would_end_the_process_is_refused(
    files: dict[str, Path], tmp_path: Path, name: str, key: str, value: int, complaint: str
) -> None:
    path = changed(files[name], tmp_path / "hostile.gguf", key, uint32(value))
    with pytest.raises(BadInput, match=complaint):
        runners.load(path, threads=1)


@pytest.mark.parametrize(("name", "key", "value"), [case[:3] for case in CASES[:4]])
def test_it_would_end_the_process(files: dict[str, Path], tmp_path: Path, name: str, key: str, value: int) -> None:
    path = changed(files[name], tmp_path / "hostile.gguf", key, uint32(value))
    done = subprocess.run([sys.executable, "-c", LOAD, path], capture_output=True, check=False, timeout=60)
    assert done.returncode < 0, done.stderr[-500:]


def test_what_is_right_is_loaded(files: dict[str, Path]) -> None:
    for path in files.values():
        with runners.load(path, threads=1) as runner:
            assert runner.context_length == 160
