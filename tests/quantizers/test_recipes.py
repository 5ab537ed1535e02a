"""Recipes against llama.cpp's own ``llama_model_quantize``: types, bytes, file type and refusals."""

from __future__ import annotations

import tomllib
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from edgedocs import quantizers
from edgedocs.core.errors import BadInput
from edgedocs.quantizers import recipes
from tests.oracles import ggml, llama
from tests.quantizers import whole
from tests.quantizers.models import Model

Tensors = dict[str, np.ndarray]

MIXED = ["q8_0", "q4_0", "q6_k"]
TABLE = tomllib.loads(Path(recipes.__file__).with_name("recipes.toml").read_text(encoding="utf-8"))


def weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


def model(width: int, *, tied: bool) -> Tensors:
    """The tensors of one layer of a Llama, rows of ``width``."""
    tensors = {
        "token_embd.weight": weights(64, width),
        "blk.0.attn_norm.weight": weights(width),
        "blk.0.attn_q.weight": weights(width, width),
        "blk.0.attn_q.bias": weights(width),
        "blk.0.attn_k.weight": weights(32, width),
        "blk.0.attn_v.weight": weights(32, width),
        "blk.0.attn_output.weight": weights(width, width),
        "blk.0.ffn_norm.weight": weights(width),
        "blk.0.ffn_gate.weight": weights(96, width),
        "blk.0.ffn_up.weight": weights(96, width),
        "blk.0.ffn_down.weight": weights(width, 96),
        "output_norm.weight": weights(width),
        "rope_freqs.weight": weights(32),
    }
    return tensors if tied else tensors | {"output.weight": weights(64, width)}


KEPT = [
    "position_embd.weight",
    "token_types.weight",
    "blk.0.attn_q_norm.weight",
    "blk.0.ffn_gate_inp.weight",
    "blk.0.ffn_gate_tid2eid.weight",
    "altup_proj.weight",
    "blk.0.altup_router.weight",
    "blk.0.laurel_l.weight",
    "per_layer_model_proj.weight",
    "blk.0.ssm_conv1d.weight",
    "blk.0.ssm_conv1d_q.weight",
    "blk.0.shortconv.conv.weight",
    "blk.0.indexer.k_proj.weight",
    "blk.0.indexer.q_proj.weight",
    "blk.0.time_mix_first.weight",
    "blk.0.time_mix_w0.weight",
    "blk.0.time_mix_w1.weight",
    "blk.0.time_mix_w2.weight",
    "blk.0.time_mix_v0.weight",
    "blk.0.time_mix_v1.weight",
    "blk.0.time_mix_v2.weight",
    "blk.0.time_mix_a0.weight",
    "blk.0.time_mix_a1.weight",
    "blk.0.time_mix_a2.weight",
    "blk.0.time_mix_g1.weight",
    "blk.0.time_mix_g2.weight",
    "blk.0.time_mix_decay_w1.weight",
    "blk.0.time_mix_decay_w2.weight",
    "blk.0.time_mix_lerp_fused.weight",
    "dec.blk.0.attn_rel_b.weight",
    "v.position_embd.weight",
    "v.sam.pos_embd.weight",
    "v.sam.neck.0.weight",
    "v.sam.net_2.weight",
    "v.blk.0.attn.rel_pos_h.weight",
    "v.patch_embd.weight",
    "mm.patch_merger.weight",
    "a.rvq.codebook.weight",
    "mm.a.code_embd.weight",
    "blk.0.attn_q.bias",
    "blk.0.attn_q.weight_scale",
]
"""Matrices that llama.cpp does not quantize for their names; the oracle confirms each."""


def odd_tensors() -> Tensors:
    """Names and shapes at the edges of what is quantized at all."""
    return {name: weights(8, 256) for name in KEPT} | {
        "token_embd.weight": weights(64, 256),
        "blk.0.one_row.weight": weights(1, 256),
        "blk.0.experts.weight": weights(3, 8, 256),
        "blk.0.one_row_each.weight": weights(3, 1, 256),
        "blk.0.one_of_one.weight": weights(1, 1, 256),
        "blk.0.indexer.attn_k.weight": weights(8, 256),
        "blk.0.position_embd.weight": weights(8, 256),
        "xposition_embd.weight": weights(8, 256),
        "per_layer_token_embd.weight": weights(8, 256),
        "blk.0.attn_qkv.weight": weights(8, 256),
        "blk.0.attn_kv_b.weight": weights(8, 256),
    }


def assert_as_llama(
    folder: Path, tensors: Tensors, name: str, architecture: str = "llama", experts: int = 0
) -> dict[str, str]:
    """Every tensor has the type and the bytes that llama.cpp gives it, or both refuse; the types, none if refused."""
    ggml.require()
    source = folder / "source.gguf"
    llama.write_model(source, tensors, architecture, experts)
    return whole.assert_as_llama(folder, source, name)


@pytest.mark.parametrize("name", recipes.names())
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_rows_of_256(tmp_path: Path, name: str, tied: bool) -> None:
    types = assert_as_llama(tmp_path, model(256, tied=tied), name)
    if name == "q4_0":
        assert types["token_embd.weight"] == ("Q6_K" if tied else "Q4_0")
        assert types["blk.0.attn_q.weight"] == "Q4_0"
        assert types["blk.0.attn_norm.weight"] == "F32"


@pytest.mark.parametrize("name", recipes.names())
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("width", [96, 320])
def test_rows_that_256_does_not_divide(tmp_path: Path, name: str, tied: bool, width: int) -> None:
    types = assert_as_llama(tmp_path, model(width, tied=tied), name)
    if name == "q4_0":
        assert types["token_embd.weight" if tied else "output.weight"] == "Q8_0"


@pytest.mark.parametrize("name", recipes.names())
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_rows_that_32_does_not_divide(tmp_path: Path, name: str, tied: bool) -> None:
    types = assert_as_llama(tmp_path, model(80, tied=tied), name)
    if name in MIXED:
        assert types["blk.0.attn_q.weight"] == types["token_embd.weight"] == "F16"
        assert types["blk.0.ffn_down.weight"] != "F16"


@pytest.mark.parametrize("name", recipes.names())
def test_which_tensors_are_quantized_at_all(tmp_path: Path, name: str) -> None:
    types = assert_as_llama(tmp_path, odd_tensors(), name)
    assert {types[tensor] for tensor in KEPT if types} <= {"F32"}
    if types and name != "f32":
        assert types["blk.0.experts.weight"] != "F32"


def test_every_entry_of_the_table_keeps_a_tensor_of_the_test() -> None:
    kept = TABLE["kept"]
    assert len(kept["contains"]) == 35
    for part in kept["contains"]:
        assert any(part in name for name in KEPT), part
    assert set(kept["exactly"]) <= set(KEPT)


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("experts", [4, 8])
def test_mixtures_of_experts(tmp_path: Path, name: str, experts: int) -> None:
    tensors = model(256, tied=False) | {
        "blk.0.ffn_gate_inp.weight": weights(experts, 256),
        "blk.0.ffn_down_exps.weight": weights(experts, 256, 96),
        "blk.0.ffn_up_exps.weight": weights(experts, 96, 256),
        "blk.0.attn_qkv.weight": weights(8, 256),
    }
    types = assert_as_llama(tmp_path, tensors, name, experts=experts)
    if name == "q4_0":
        assert types["blk.0.attn_k.weight"] == ("Q8_0" if experts == 8 else "Q4_0")


@pytest.mark.parametrize("name", MIXED)
def test_falcon_keeps_its_output_in_q8_0(tmp_path: Path, name: str) -> None:
    types = assert_as_llama(tmp_path, model(256, tied=False), name, architecture="falcon")
    assert types["output.weight"] == "Q8_0"


@pytest.mark.parametrize("name", recipes.names())
@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16], ids=["f16", "bf16"])
def test_sources_of_16_bits(tmp_path: Path, name: str, dtype: type) -> None:
    """What a recipe leaves alone keeps the type that it has in the source."""
    tensors = {
        tensor: values.astype(dtype) if values.ndim > 1 else values
        for tensor, values in (model(256, tied=True) | {"blk.0.ffn_gate_inp.weight": weights(4, 256)}).items()
    }
    assert_as_llama(tmp_path, tensors, name)


@pytest.mark.parametrize("name", MIXED)
def test_overflowing_scales_are_refused_by_both(tmp_path: Path, name: str) -> None:
    ggml.require()
    tensors = model(256, tied=True)
    tensors["blk.0.attn_q.weight"][3, 40] = 3e9
    source = tmp_path / "source.gguf"
    llama.write_model(source, tensors)
    recipe = recipes.recipe(name)
    assert not llama.quantize(source, tmp_path / "target.gguf", recipe.file_type)
    quantizer = quantizers.get(recipe.format)
    with pytest.raises(BadInput, match=r"attn_q.weight: row 3, .*not finite"):
        quantizer.validate(quantizer.quantize(tensors["blk.0.attn_q.weight"]), where="blk.0.attn_q.weight")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_by_both(tmp_path: Path, value: float) -> None:
    ggml.require()
    tensors = model(256, tied=True)
    tensors["blk.0.attn_q.weight"][3, 40] = value
    source = tmp_path / "source.gguf"
    llama.write_model(source, tensors)
    assert not llama.quantize(source, tmp_path / "target.gguf", recipes.recipe("q4_0").file_type)


def test_names_and_unknown_names() -> None:
    names = recipes.names()
    assert names[:5] == ["f32", "f16", "bf16", "q8_0", "q6_k"]
    assert len(names) == len(set(names)) == 35
    assert recipes.recipe("Q4_K").name == "q4_k_m"
    assert recipes.recipe("Q4_0") == recipes.recipe("q4_0")
    with pytest.raises(BadInput, match=r"unknown type 'q4'; expected one of f32, .*q6_k"):
        recipes.recipe("q4")


def test_every_file_type_that_llama_cpp_makes_has_a_recipe(tmp_path: Path) -> None:
    ggml.require()
    import llama_cpp

    source = tmp_path / "source.gguf"
    plain = Model()
    plain.write(source)
    importance = plain.importance()
    known = {value for name, value in vars(llama_cpp).items() if name.startswith("LLAMA_FTYPE_") and value < 1024}
    made = {kind for kind in known if llama.quantize(source, tmp_path / "target.gguf", kind, importance=importance)}
    assert made == {recipes.recipe(name).file_type for name in recipes.names()}
