import math
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.llama_cpp import LlamaCpp
from tests.contract.runners import RunnerContract
from tests.requirements import require


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("llama_cpp")
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny.gguf", type="f16").path


@pytest.fixture(scope="module")
def runner(file: Path) -> Iterator[Runner]:
    with runners.load(file, threads=1) as runner:
        assert runner.precision == {"compute": "float16", "key_value_cache": "float16"}
        yield runner


class TestLlamaCpp(RunnerContract):
    """The kit, on an artifact that was converted before."""


def test_the_cache_can_be_float32(file: Path) -> None:
    with runners.load(file, kv_cache="f32", threads=1) as runner:
        assert runner.precision["key_value_cache"] == "float32"
    with pytest.raises(BadInput, match="expected one of f16, f32"):
        runners.load(file, kv_cache="q8_0")


@pytest.mark.parametrize(("recipe", "compute"), [("f32", "float32"), ("bf16", "bfloat16"), ("q4_0", "int8")])
def test_the_precision_is_that_of_the_weights(tmp_path: Path, recipe: str, compute: str) -> None:
    require("llama_cpp")
    with runners.load(converters.convert("tiny", tmp_path / "m.gguf", type=recipe)) as runner:
        assert runner.precision["compute"] == compute


def test_the_context_can_be_shorter(file: Path) -> None:
    with runners.load(file, context=40, threads=1) as runner:
        assert runner.context_length == 40
        assert runner.logits([5] * 40).shape == (40, 4096)
        with pytest.raises(BadInput, match="1 to 40"):
            runner.logits([5] * 41)
    with pytest.raises(BadInput, match="expected 1 to 512"):
        runners.load(file, context=513)


def test_a_cut_off_file_is_refused(file: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.gguf"
    short.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(BadInput, match=r"short\.gguf"):
        runners.load(short)


def test_a_file_that_llama_cpp_refuses_is_refused_with_its_reason(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(file.read_bytes().replace(b"blk.3.ffn_up.weight", b"blk.3.ffn_xx.weight"))
    with pytest.raises(BadInput, match=r"llama\.cpp cannot load this: .*ffn_up"):
        runners.load(other)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("llama.block_count", 0, "block_count is 0; expected 1 to 512"),
        ("llama.block_count", 2**32 - 1, "expected 1 to 512"),
        ("llama.attention.layer_norm_rms_epsilon", -1.0, "is -1.0; expected 0 or more"),
        ("llama.attention.layer_norm_rms_epsilon", math.nan, "is nan"),
        ("tokenizer.ggml.tokens", ["a"] * 4096, "has the token 'a' twice"),
        ("tokenizer.ggml.model", "no_vocab", "is 'no_vocab'; expected a tokenizer"),
        ("tokenizer.ggml.model", "llama", "has no token for the byte 0x00"),
    ],
)
def test_what_would_end_the_process_is_refused(
    file: Path, tmp_path: Path, key: str, value: object, complaint: str
) -> None:
    source = GGUFFile.open(file)
    fields = source.fields | {key: Field(source.fields[key].type, value)}
    tensors = [
        PlannedTensor(one.name, one.type, one.shape, partial(getattr, one, "data")) for one in source.tensors.values()
    ]
    write_gguf(tmp_path / "hostile.gguf", fields, tensors)
    with pytest.raises(BadInput, match=complaint):
        runners.load(tmp_path / "hostile.gguf", threads=1)


def test_an_upper_case_name_is_gguf_too(tmp_path: Path) -> None:
    (tmp_path / "M.GGUF").write_bytes(b"")
    (tmp_path / "blob").write_bytes(b"GGUF....")
    (tmp_path / "text.txt").write_bytes(b"GG")
    assert [path.name for path in sorted(tmp_path.iterdir()) if LlamaCpp.accepts(path)] == ["M.GGUF", "blob"]
    assert not LlamaCpp.accepts(tmp_path)


def test_where_the_package_is_missing_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(LlamaCpp, "requires", ("llama_cpp_that_is_not_installed",))
    state = LlamaCpp.available()
    assert not state.ok
    assert state.remedy == "in a copy of the project's repository: python -m pip install '.[llama]'"
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    for backend in (None, "llama_cpp"):
        with pytest.raises(CannotRun, match=r"is not installed\nremedy: in a copy of .* pip install '\.\[llama\]'"):
            runners.load(tmp_path / "m.gguf", backend=backend)


def test_it_prints_nothing(file: Path) -> None:
    script = (
        "import sys\nfrom edgedocs import runners\n"
        "with runners.load(sys.argv[1]) as runner:\n    runner.generate('The', max_tokens=2)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, os.fspath(file)], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no Unicode text")
def test_a_file_name_may_be_any_bytes(file: Path, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"m\xff.gguf")
    path.write_bytes(file.read_bytes())
    with runners.load(path, threads=1) as runner:
        assert runner.generate("The", max_tokens=1)
