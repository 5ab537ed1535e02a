"""Numbers between backends: a model made by transformers, through our converters, in two engines."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgedocs import converters, runners
from edgedocs.runners import Runner
from edgedocs.tiny import held_out
from tests.reference.recorded import FLOAT16_CACHE_BOUND, FLOAT32_BOUND, FOLDER, error, recorded
from tests.requirements import require


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("llama_cpp")
    return converters.convert(FOLDER, tmp_path_factory.mktemp("gguf") / "random.gguf", type="f32").path


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Runner, Runner]]:
    """The shipped model in ONNX Runtime and in llama.cpp, both in float32."""
    require("llama_cpp")
    with (
        runners.load("tiny", backend="onnxruntime", threads=1) as onnxruntime,
        runners.load("tiny", backend="llama_cpp", kv_cache="f32", threads=1) as llama_cpp,
    ):
        yield onnxruntime, llama_cpp


def test_onnx_runtime_computes_what_transformers_does(tmp_path: Path) -> None:
    tokens, wanted = recorded()
    artifact = converters.convert(FOLDER, tmp_path / "random", to="onnx", type="f32")
    with runners.load(artifact) as runner:
        assert error(runner.logits(tokens), wanted) <= FLOAT32_BOUND


@pytest.mark.parametrize(("kv_cache", "bound"), [("f32", FLOAT32_BOUND), ("f16", FLOAT16_CACHE_BOUND)])
def test_llama_cpp_computes_what_transformers_does(gguf: Path, kv_cache: str, bound: float) -> None:
    tokens, wanted = recorded()
    with runners.load(gguf, kv_cache=kv_cache, threads=1) as runner:
        assert error(runner.logits(tokens), wanted) <= bound


def test_both_engines_have_the_tokens_of_transformers(gguf: Path) -> None:
    tokens, _ = recorded()
    text = "The quick brown fox jumps over the lazy dog, and the dog sleeps on."
    with runners.load(gguf) as llama_cpp, runners.load(FOLDER) as onnxruntime:
        assert llama_cpp.tokenize(text) == onnxruntime.tokenize(text) == tokens[: len(onnxruntime.tokenize(text))]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("rms_norm_eps", 1e-5), ("rope_parameters", {"rope_type": "default", "rope_theta": 10000.0})],
)
def test_an_ignored_setting_would_show(tmp_path: Path, setting: str, value: object) -> None:
    tokens, wanted = recorded()
    folder = Path(shutil.copytree(FOLDER, tmp_path / "changed"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {setting: value}), encoding="utf-8")
    with runners.load(folder) as runner:
        assert error(runner.logits(tokens), wanted) > 2 * FLOAT16_CACHE_BOUND


@pytest.mark.parametrize("language", ["en", "cs"])
def test_tiny_is_the_same_in_both_engines(tiny: tuple[Runner, Runner], language: str) -> None:
    onnxruntime, llama_cpp = tiny
    tokens = onnxruntime.tokenize(held_out(language))
    assert llama_cpp.tokenize(held_out(language)) == tokens
    wanted = onnxruntime.logits(tokens[:512])
    assert error(llama_cpp.logits(tokens[:512]), wanted) <= FLOAT32_BOUND


@pytest.mark.parametrize(
    "prompt", ["The", "To insert a table, choose", "Vyberte možnost", "<|user|>\nWhat is a cell?<|end|>\n"]
)
def test_greedy_texts_are_the_same_in_both_engines(tiny: tuple[Runner, Runner], prompt: str) -> None:
    onnxruntime, llama_cpp = tiny
    text = onnxruntime.generate(prompt, max_tokens=40)
    assert llama_cpp.generate(prompt, max_tokens=40) == text


def test_the_recorded_logits_are_worth_comparing() -> None:
    tokens, wanted = recorded()
    assert wanted.shape == (96, 384)
    assert len(set(tokens)) > 60
    assert wanted.std(axis=-1).min() > 0.5
    assert np.unique(wanted.argmax(axis=-1)).size > 20
