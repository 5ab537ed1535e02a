"""Whole models against ``llama_model_quantize``: the same types and bytes tensor by tensor, and the same refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgedocs.converters.gguf_plan import Plan
from edgedocs.converters.gguf_source import SourceModel
from edgedocs.core.errors import BadInput
from edgedocs.quantizers import recipes
from edgedocs.quantizers.recipes import Options
from tests.oracles import ggml, llama
from tests.quantizers.models import MODELS, Model
from tests.quantizers.whole import assert_as_llama


@pytest.fixture(autouse=True, scope="module")
def _needs_ggml() -> None:
    ggml.require()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    paths = {name: folder / f"{number}.gguf" for number, name in enumerate(MODELS)}
    for name, path in paths.items():
        MODELS[name].write(path)
    return paths


@pytest.mark.parametrize("with_importance", [False, True], ids=["plain", "importance"])
@pytest.mark.parametrize("recipe", recipes.names())
@pytest.mark.parametrize("model", list(MODELS))
def test_recipe(tmp_path: Path, sources: dict[str, Path], model: str, recipe: str, with_importance: bool) -> None:
    importance = MODELS[model].importance() if with_importance else None
    types = assert_as_llama(tmp_path, sources[model], recipe, importance)
    if recipe == "q4_k_m" and model == "16 layers, tied":
        assert types["token_embd.weight"] == "Q6_K"
        assert types["blk.0.attn_v.weight"] == "Q6_K"
        assert types["blk.3.attn_v.weight"] == "Q4_K"


OPTIONS: dict[str, tuple[Options, dict[str, Any]]] = {
    "pure": (Options(pure=True), {"pure": True}),
    "leave output": (Options(leave_output=True), {"quantize_output_tensor": False}),
    "output type": (Options(output_type="q8_0"), {"output_tensor_type": "Q8_0"}),
    "embedding type": (Options(embedding_type="iq4_nl"), {"token_embedding_type": "IQ4_NL"}),
    "both types": (
        Options(output_type="F16", embedding_type="Q5_K"),
        {"output_tensor_type": "F16", "token_embedding_type": "Q5_K"},
    ),
    "tensor types": (Options(tensor_types=(("ffn_(up|down)", "Q6_K"), (r"blk\.[0-3]\.attn_k", "Q5_1"))), {}),
    "tensor types and pure": (Options(pure=True, tensor_types=(("attn_v", "Q8_0"),)), {"pure": True}),
    "a type that does not fit": (Options(tensor_types=(("ffn_down", "Q3_K"), ("attn", "F16"))), {}),
}


@pytest.mark.parametrize("option", list(OPTIONS))
@pytest.mark.parametrize("recipe", ["q4_k_m", "q4_0", "f16"])
@pytest.mark.parametrize("model", ["9 layers, output of its own", "16 layers, tied", "rows of 320 and 96"])
def test_options(tmp_path: Path, sources: dict[str, Path], model: str, recipe: str, option: str) -> None:
    options, parameters = OPTIONS[option]
    if model == "rows of 320 and 96" and option == "both types":
        return  # llama.cpp ends the process where a chosen type does not divide the embeddings' rows
    assert_as_llama(tmp_path, sources[model], recipe, None, options, **parameters)


def test_a_chosen_type_that_does_not_divide_the_rows_is_refused(sources: dict[str, Path]) -> None:
    model = SourceModel.from_gguf(sources["rows of 320 and 96"])
    with pytest.raises(BadInput, match=r"token_embd.weight: Q5_K does not fit rows of 320 weights"):
        Plan.make(model, recipes.recipe("q4_0"), Options(embedding_type="Q5_K"))


@pytest.mark.parametrize("recipe", ["q4_k_m", "q8_0", "iq4_xs", "f16"])
def test_quantizing_again_is_refused_and_can_be_asked_for(
    tmp_path: Path, sources: dict[str, Path], recipe: str
) -> None:
    source = tmp_path / "source.gguf"
    assert llama.quantize(sources["9 layers, output of its own"], source, recipes.recipe("q5_0").file_type)
    assert assert_as_llama(tmp_path, source, recipe) == {}
    assert assert_as_llama(tmp_path, source, recipe, allow_requantize=True)


def test_copy_keeps_every_tensor(tmp_path: Path, sources: dict[str, Path]) -> None:
    types = assert_as_llama(tmp_path, sources["8 experts"], "f32", options=Options(copy=True), only_copy=True)
    assert set(types.values()) == {"F32"}


@pytest.mark.parametrize("change", ["missing", "other length", "infinite"])
def test_an_importance_matrix_that_does_not_fit(tmp_path: Path, change: str) -> None:
    model = Model(layers=2)
    source = tmp_path / "source.gguf"
    model.write(source)
    importance = model.importance()
    name = "blk.1.attn_q.weight"
    if change == "missing":
        del importance[name]
    elif change == "other length":
        importance[name] = importance[name][:-1]
    else:
        importance[name][3] = np.inf
    types = assert_as_llama(tmp_path, source, "q4_k_m", importance)
    assert bool(types) == (change == "missing")
    assert assert_as_llama(tmp_path, source, "iq2_xs", importance) == {}
