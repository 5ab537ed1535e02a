"""Every family as GGUF: what llama.cpp's own converter writes, and what its own quantizer makes of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy

from edgedocs import Checkpoint, converters
from edgedocs.containers.gguf import GGUFFile
from edgedocs.converters.gguf import quantize
from edgedocs.core import files
from edgedocs.quantizers import recipes
from tests.oracles import ggml, llama
from tests.reference.families import ENCODER, FAMILIES

ALL = FAMILIES | {ENCODER.name: ENCODER}
RECORDED = files.read_json(Path(__file__).parent / "recorded" / "families.json")
STATED = {
    "vocab_size",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
    "rope.dimension_count",
    "rope.freq_base",
    "expert_feed_forward_length",
}
"""Keys that llama.cpp's converter leaves out for some families; llama.cpp takes the same values for granted."""
OTHERWISE: dict[str, dict[str, Any]] = {
    # It knows no window in these families, so the context ends where one would begin to matter.
    "mistral": {"llama.context_length": 96},
    "qwen2-window": {"qwen2.context_length": 96},
    "phi-short": {"phi3.context_length": 128},
    # It writes a key that llama.cpp does not read; the usual factor for 4 is 1 + 0.1 * ln 4, which llama.cpp puts in.
    "llama-yarn": {"llama.rope.scaling.yarn_attn_factor": None, "llama.rope.scaling.attn_factor": 1.3 / 1.1386294361},
}
RECIPES = [(name, "q4_k_m") for name in ALL]
RECIPES += [("mixtral", "q3_k_m"), ("phi-long", "q2_k"), ("gemma3", "iq4_xs"), ("qwen3", "q5_k_s")]
EXPERTS = {"mixtral": 8, "qwen3moe": 6}


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("checkpoints")
    return {name: family.write(folder / name) for name, family in ALL.items()}


@pytest.fixture(scope="module")
def f32(checkpoints: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("f32")
    return {
        name: converters.convert(path, folder / f"{name}.gguf", type="f32").path for name, path in checkpoints.items()
    }


def network(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata without the tokenizer's and the name, which llama.cpp's converter makes a title of."""
    return {key: value for key, value in metadata.items() if not key.startswith(("tokenizer.", "general.name"))}


def test_all_families_are_recorded() -> None:
    assert list(RECORDED) == list(ALL)
    assert set(OTHERWISE) <= set(FAMILIES)


@pytest.mark.parametrize("name", ALL)
def test_metadata_is_that_of_llama_cpps_own_converter(checkpoints: dict[str, Path], tmp_path: Path, name: str) -> None:
    converters.convert(checkpoints[name], tmp_path / "out.gguf", type="f16")
    ours = network(GGUFFile.open(tmp_path / "out.gguf").metadata)
    theirs = network(RECORDED[name]["metadata"]) | OTHERWISE.get(name, {})
    expected = {key: value for key, value in theirs.items() if value is not None}
    assert {key: ours.get(key) for key in expected} == pytest.approx(expected)
    added = {key.partition(".")[2] for key in ours.keys() - expected.keys()}
    assert added <= STATED


@pytest.mark.parametrize("name", ALL)
def test_tensors_are_those_of_llama_cpps_own_converter(checkpoints: dict[str, Path], tmp_path: Path, name: str) -> None:
    converters.convert(checkpoints[name], tmp_path / "out.gguf", type="f16")
    ours = {
        name: [one.type, list(one.shape), hashlib.sha256(one.data.tobytes()).hexdigest()[:16]]
        for name, one in GGUFFile.open(tmp_path / "out.gguf").tensors.items()
    }
    assert ours == RECORDED[name]["tensors"]


@pytest.mark.parametrize(("name", "recipe"), RECIPES)
def test_recipes_give_what_llama_cpp_makes_of_the_unquantized_file(
    checkpoints: dict[str, Path], f32: dict[str, Path], tmp_path: Path, name: str, recipe: str
) -> None:
    ggml.require()
    assert llama.quantize(f32[name], tmp_path / "theirs.gguf", recipes.recipe(recipe).file_type)
    converters.convert(checkpoints[name], tmp_path / "ours.gguf", type=recipe)
    ours, theirs = llama.read(tmp_path / "ours.gguf"), llama.read(tmp_path / "theirs.gguf")
    assert {key: one.type for key, one in ours.tensors.items()} == {k: one.type for k, one in theirs.tensors.items()}
    for tensor, one in theirs.tensors.items():
        np.testing.assert_array_equal(ours.tensors[tensor].data, one.data, tensor)
    quantize(f32[name], tmp_path / "again.gguf", recipe)
    assert files.sha256(tmp_path / "again.gguf") == files.sha256(tmp_path / "ours.gguf")


@pytest.mark.parametrize("name", ["gemma2", "mixtral", "llama-linear"])
def test_weights_of_bfloat16_are_exact(checkpoints: dict[str, Path], tmp_path: Path, name: str) -> None:
    """Offsets are added in float32: the same file comes of the same numbers, whichever type they are stored in."""
    weights = safetensors.numpy.load_file(checkpoints[name] / "model.safetensors")
    rounded = {key: one.astype(ml_dtypes.bfloat16) for key, one in weights.items()}
    found = []
    for kind, tensors in (("bf16", rounded), ("f32", {key: one.astype(np.float32) for key, one in rounded.items()})):
        folder = FAMILIES[name].write(tmp_path / kind)
        safetensors.numpy.save_file(tensors, folder / "model.safetensors")
        converters.convert(folder, tmp_path / f"{kind}.gguf", type="f32")
        file = GGUFFile.open(tmp_path / f"{kind}.gguf")
        found.append({key: one.data.tobytes() for key, one in file.tensors.items()})
    assert found[0] == found[1]
    norm = np.frombuffer(found[0]["output_norm.weight"], np.float32)
    np.testing.assert_array_equal(norm, rounded["model.norm.weight"].astype(np.float32) + (name == "gemma2"))


@pytest.mark.parametrize("name", EXPERTS)
def test_experts_are_stacked_in_their_order(checkpoints: dict[str, Path], f32: dict[str, Path], name: str) -> None:
    tensors = Checkpoint.open(checkpoints[name]).tensors
    block, projection = ("block_sparse_moe", "w1") if name == "mixtral" else ("mlp", "gate_proj")
    stack = GGUFFile.open(f32[name]).tensors["blk.1.ffn_gate_exps.weight"]
    assert stack.shape == (EXPERTS[name], 256, 256)
    values = stack.data.view(np.float32).reshape(stack.shape)
    for expert, weights in enumerate(values):
        stored = tensors[f"model.layers.1.{block}.experts.{expert}.{projection}.weight"]
        np.testing.assert_array_equal(weights, stored.float32())
