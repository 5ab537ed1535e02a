"""What quantization must show on ``tiny``, by llama.cpp's own quantizer: a model that has learnt something loses it."""

import os
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.measurement import Perplexity, perplexity
from edgedocs.tiny import held_out
from tests.requirements import require


def quantized(source: Path, target: Path, file_type: int) -> Path:
    """``source`` quantized by ``llama_model_quantize``."""
    from llama_cpp import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = file_type
    parameters.nthread = 1
    assert llama_cpp.llama_model_quantize(os.fsencode(source), os.fsencode(target), parameters) == 0
    return target


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Perplexity]:
    require("llama_cpp")
    from llama_cpp import llama_cpp

    folder = tmp_path_factory.mktemp("quality")
    source = converters.convert("tiny", folder / "f16.gguf", type="f16").path
    types = {"q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0, "q2_k": llama_cpp.LLAMA_FTYPE_MOSTLY_Q2_K}
    found = {}
    for name, file_type in types.items():
        with runners.load(quantized(source, folder / f"{name}.gguf", file_type), threads=1) as runner:
            found[name] = perplexity(runner, held_out("en"))
    return found


def test_two_bits_cost_at_least_a_twentieth_and_not_by_chance(measured: dict[str, Perplexity]) -> None:
    best, worst = measured["q8_0"], measured["q2_k"]
    assert best.windows == worst.windows >= 40
    assert worst.value / best.value >= 1.05
    assert best.high < worst.low
