"""What each family reads of its ``config.json``, and what it refuses."""

from __future__ import annotations

import json
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs import architectures
from edgedocs.architectures.base import DecoderSpec, EncoderSpec
from edgedocs.architectures.rotary import RotaryScaling
from edgedocs.architectures.spec import Experts, SlidingWindow
from edgedocs.core.errors import BadInput
from tests.reference.families import ENCODER, FAMILIES

CONFIGS: dict[str, dict[str, Any]] = {
    family.name: json.loads((family.folder / "config.json").read_text(encoding="utf-8"))
    for family in (*FAMILIES.values(), ENCODER)
}
SHAPES = {
    family.name: {name: tuple(shape) for name, shape in family.record["tensors"].items()}
    for family in (*FAMILIES.values(), ENCODER)
}


class Shaped:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape


def read(name: str, change: dict[str, Any] | None = None, without: tuple[str, ...] = ()) -> Any:
    config = {key: value for key, value in (CONFIGS[name] | (change or {})).items() if key not in without}
    return architectures.for_config(config).spec(config)


def test_the_registry_knows_the_families() -> None:
    assert architectures.registry.names() == [
        "bert",
        "gemma2",
        "gemma3",
        "llama",
        "mistral",
        "mixtral",
        "phi3",
        "qwen2",
        "qwen3",
        "qwen3moe",
    ]
    for name in architectures.registry.names():
        assert architectures.registry.get(name).name == name


def test_an_unknown_family_is_told_what_is_known_and_which_file_to_add() -> None:
    with pytest.raises(
        BadInput, match=r"unknown model_type 'mamba'; expected one of bert, gemma2, .*qwen3_moe"
    ) as caught:
        architectures.for_config({"model_type": "mamba"})
    assert caught.value.remedy is not None
    assert caught.value.remedy.endswith("add the file edgedocs/architectures/mamba.py")


@pytest.mark.parametrize("model_type", [None, 3, [], "../../etc", "x" * 10**6])
def test_a_model_type_that_is_no_name_names_no_file(model_type: object) -> None:
    with pytest.raises(BadInput) as caught:
        architectures.for_config({"model_type": model_type})
    assert len(str(caught.value)) < 500
    assert "edgedocs/architectures/NAME.py" in str(caught.value)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_tensors_are_those_that_transformers_writes(name: str) -> None:
    architecture = architectures.for_config(CONFIGS[name])
    spec = read(name)
    tensors = {key: Shaped(shape) for key, shape in SHAPES[name].items()}
    architecture.check(spec, tensors, "here")
    roles = architecture.tensors(spec)
    needed = {key for key in SHAPES[name] if not architecture.ignores(key, spec)}
    assert {role.name for role in roles} == needed
    assert len({role.name for role in roles}) == len(roles)
    del tensors[roles[-1].name]
    with pytest.raises(BadInput, match=f"tensor {roles[-1].name} is missing"):
        architecture.check(spec, tensors, "here")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("llama-linear", {"attention_bias": True, "output_bias": True, "feed_forward_bias": True}),
        ("mistral", {"architecture": "llama", "window": SlidingWindow(96, (True,) * 3), "head_size": 32}),
        ("qwen2", {"attention_bias": True, "output_bias": False, "tied_embeddings": True, "window": None}),
        ("qwen2-window", {"window": SlidingWindow(96, (False, True, True))}),
        ("qwen3", {"head_norms": True, "head_size": 96}),
        ("phi-long", {"fused_projections": True, "rotary_size": 48, "window": None}),
        ("gemma2", {"window": SlidingWindow(48, (True, False) * 2), "attention_soft_cap": 2.0, "output_soft_cap": 3.0}),
        ("gemma3", {"window": SlidingWindow(48, (True,) * 5 + (False, True), 500.0), "output_soft_cap": None}),
        ("gemma3", {"rotary_scaling": RotaryScaling("linear", 4.0, 160), "rope_theta": 20000.0, "norm_offset": 1.0}),
        ("gemma3-images", {"architecture": "gemma3", "prefix": "language_model.", "vocabulary": 384, "layers": 3}),
        ("mixtral", {"architecture": "llama", "experts": Experts(8, 3, 256)}),
        ("qwen3moe", {"architecture": "qwen3moe", "experts": Experts(6, 2, 256), "feed_forward_size": 512}),
        ("bert", {"token_types": 3, "norm_epsilon": 0.05, "key_value_heads": 4, "prefix": ""}),
    ],
)
def test_what_transformers_writes_is_read(name: str, expected: dict[str, Any]) -> None:
    spec = read(name)
    assert isinstance(spec, EncoderSpec if name == "bert" else DecoderSpec)
    assert {key: getattr(spec, key) for key in expected} == expected


def test_what_older_files_of_gemma3_say() -> None:
    old = {"rope_theta": 20000.0, "rope_local_base_freq": 500.0, "rope_scaling": {"rope_type": "linear", "factor": 4.0}}
    assert read("gemma3", old, ("rope_parameters", "layer_types")) == read("gemma3")


def test_what_older_files_of_phi3_say() -> None:
    new = CONFIGS["phi-long"]["rope_parameters"]
    scaling = {key: new[key] for key in ("long_factor", "short_factor")} | {"type": "su"}
    old = {"rope_theta": 20000.0, "partial_rotary_factor": 0.75, "rope_scaling": scaling}
    assert read("phi-long", old, ("rope_parameters",)) == read("phi-long")


def test_defaults_are_those_of_transformers() -> None:
    assert read("mistral", without=("sliding_window",)).window == SlidingWindow(4096, (True,) * 3)
    assert read("mixtral", without=("sliding_window",)).window is None
    assert read("qwen3", without=("head_dim",)).head_size == 128
    assert read("mixtral", without=("num_experts_per_tok",)).experts == Experts(8, 2, 256)
    left_out = ("tie_word_embeddings", "final_logit_softcapping", "attn_logit_softcapping", "rope_parameters")
    gemma = read("gemma2", without=left_out)
    assert (gemma.tied_embeddings, gemma.output_soft_cap, gemma.attention_soft_cap) == (True, 30.0, 50.0)
    assert read("gemma3", without=("rope_parameters",)).rope_theta == 1_000_000.0
    assert read("gemma3", without=("rope_parameters",)).window.rope_theta == 10_000.0


def test_yarn_by_hand() -> None:
    """The factors in the formula of its paper, and as DeepSeek's files have them."""
    scaling = read("qwen2").rotary_scaling
    assert scaling == RotaryScaling("yarn", 4.0, 40, pytest.approx(0.1 * math.log(4) + 1))
    two = {"rope_type": "yarn", "factor": 4.0, "mscale": 2.0, "mscale_all_dim": 1.0}
    found = read("qwen2", {"rope_parameters": two}).rotary_scaling
    assert found.attention_factor == pytest.approx((0.2 * math.log(4) + 1) / (0.1 * math.log(4) + 1))
    assert found.original_context == 160


def test_llama3_by_hand() -> None:
    """Waves shorter than original / high stay, those longer than original / low are stretched, between it is smooth."""
    divisors = np.array(read("llama-llama3").rotary_scaling.divisors)
    waves = 2 * np.pi * 20000.0 ** (np.arange(16) / 16)
    assert (divisors[waves < 64 / 4] == 1).all()
    assert (divisors[waves > 64] == 4).all()
    between = (waves > 16) & (waves < 64)
    smooth = (64 / waves - 1) / 3
    np.testing.assert_allclose(divisors[between], (1 / ((1 - smooth) / 4 + smooth))[between], rtol=1e-5)
    assert between.sum() >= 2


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("mistral", {"sliding_window": 0}, "sliding_window is 0"),
        ("mistral", {"hidden_act": "gelu"}, "hidden_act is 'gelu'"),
        ("qwen2", {"head_dim": 32}, "head_dim is 32; expected 64: llama.cpp wants"),
        ("qwen2", {"rope_parameters": {"rope_type": "llama3", "factor": 2}}, "rope_type is 'llama3': this way"),
        ("qwen2-window", {"max_window_layers": -1}, "max_window_layers is -1"),
        ("qwen2-window", {"layer_types": ["full_attention"]}, "expected a list of 3 of full_attention and"),
        ("qwen3", {"attention_bias": True}, "attention_bias is True: llama.cpp has no biases"),
        ("qwen3moe", {"norm_topk_prob": False}, "norm_topk_prob is False; expected true"),
        ("qwen3moe", {"mlp_only_layers": [0]}, "llama.cpp wants experts in every layer"),
        ("qwen3moe", {"decoder_sparse_step": 2}, "llama.cpp wants experts in every layer"),
        ("qwen3moe", {"num_experts_per_tok": 7}, "num_experts_per_tok is 7; expected at most"),
        ("mixtral", {"num_local_experts": 513}, "num_local_experts is 513; expected a whole number from 1 to 512"),
        ("phi-long", {"rope_parameters": {"rope_type": "yarn", "factor": 2}}, "rope_type is 'yarn'"),
        ("phi-long", {"rope_parameters": {"rope_type": "longrope"}}, "long_factor is missing; expected a list of 32"),
        (
            "phi-long",
            {"rope_parameters": {"type": "longrope", "long_factor": [1.0] * 32, "short_factor": [0] * 32}},
            "short_factor is 0; expected a number above 0",
        ),
        ("phi-long", {"rope_parameters": {"partial_rotary_factor": 1.5}}, "partial_rotary_factor is 1.5"),
        ("phi-long", {"rope_parameters": {"partial_rotary_factor": 0.02}}, "1 numbers of a head are rotated"),
        ("gemma2", {"query_pre_attn_scalar": 256}, "query_pre_attn_scalar is 256; expected 32"),
        ("gemma2", {"layer_types": ["sliding_attention"] * 4}, "expected full attention in every 2. layer alone"),
        ("gemma2", {"tie_word_embeddings": False}, "tie_word_embeddings is False; expected true"),
        ("gemma2", {"final_logit_softcapping": None}, "final_logit_softcapping is None; expected a number"),
        ("gemma2", {"hidden_activation": "silu"}, "hidden_activation is 'silu'"),
        ("gemma2", {"rope_parameters": {"rope_type": "linear", "factor": 2}}, "rope_type is 'linear'"),
        ("gemma2", {"use_bidirectional_attention": True}, "only attention to earlier tokens"),
        ("gemma3", {"attn_logit_softcapping": 50.0}, "attn_logit_softcapping is 50.0"),
        ("gemma3", {"sliding_window_pattern": 4}, "sliding_window_pattern is 4"),
        (
            "gemma3",
            {"rope_parameters": {"sliding_attention": {"rope_type": "linear", "factor": 2}}},
            "llama.cpp does not scale positions within windows",
        ),
        ("gemma3-images", {"text_config": []}, r"text_config is \[\]; expected an object"),
        ("gemma3-images", {"text_config": {}}, "config.json: text_config: hidden_size is missing"),
        ("gemma3-images", {"quantization_config": {}}, "the weights are quantized already"),
        ("bert", {"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ("bert", {"position_embedding_type": "relative_key"}, "position_embedding_type is 'relative_key'"),
        ("bert", {"is_decoder": True}, "only the encoder is known here"),
        ("bert", {"num_attention_heads": 3}, "hidden_size is 256; expected a multiple of num_attention_heads, 3"),
        ("bert", {"quantization_config": {}}, "the weights are quantized already"),
    ],
)
def test_what_llama_cpp_would_compute_otherwise_is_refused(name: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read(name, change)


def test_a_config_that_asks_for_far_more_than_there_is_costs_nothing() -> None:
    config = CONFIGS["mixtral"] | {"num_hidden_layers": 512, "num_local_experts": 512}
    architecture = architectures.for_config(config)
    spec = architecture.spec(config)
    tensors = {name: Shaped(shape) for name, shape in SHAPES["mixtral"].items()}
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match=f"config.json asks for 790016 tensors, and there are {len(tensors)}"):
            architecture.check(spec, tensors, "here")
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_large_gemma_models_scale_scores_otherwise() -> None:
    """The 27B models: 46 layers in Gemma 2, 62 in Gemma 3; the scale is hidden size / heads there."""
    change = {"num_hidden_layers": 46, "layer_types": None, "query_pre_attn_scalar": 64}
    assert read("gemma2", change).layers == 46
    with pytest.raises(BadInput, match="query_pre_attn_scalar is 32; expected 64"):
        read("gemma3", {"num_hidden_layers": 62, "layer_types": None})


def test_an_encoder_beside_a_head_has_its_name_before_its_tensors() -> None:
    spec = read("bert", {"architectures": ["BertForMaskedLM"]})
    bert = architectures.registry.get("bert")
    names = {role.name for role in bert.tensors(spec)}
    assert names == {f"bert.{name}" for name in SHAPES["bert"] if not name.startswith("pooler.")}
    assert bert.ignores("cls.predictions.bias", spec)
    assert not bert.ignores("classifier.weight", spec)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
KEYS = sorted({key for config in CONFIGS.values() for key in config} | {"rope_scaling", "rope_theta", "sliding_window"})


@given(st.sampled_from(sorted(CONFIGS)), st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4))
def test_any_config_is_read_or_bad_input(name: str, change: dict[str, Any]) -> None:
    config = CONFIGS[name] | change
    try:
        architecture = architectures.for_config(config)
        spec = architecture.spec(config)
    except BadInput:
        return
    roles = architecture.tensors(spec)
    assert len({role.name for role in roles}) == len(roles)
    assert all(size > 0 for role in roles for size in role.shape)


ROTARY = st.fixed_dictionaries(
    {"rope_type": st.sampled_from(["linear", "llama3", "yarn", "longrope", "dynamic", "default"])},
    optional={
        key: json_values | st.floats(1e-30, 1e30)
        for key in (
            "factor",
            "rope_theta",
            "low_freq_factor",
            "high_freq_factor",
            "original_max_position_embeddings",
            "attention_factor",
            "mscale",
            "mscale_all_dim",
            "long_factor",
            "short_factor",
            "partial_rotary_factor",
        )
    },
)


@given(st.sampled_from(["llama-llama3", "qwen2", "phi-long", "gemma3"]), ROTARY)
def test_any_rotary_scaling_is_read_or_bad_input(name: str, scaling: dict[str, Any]) -> None:
    try:
        spec = read(name, {"rope_parameters": scaling, "original_max_position_embeddings": None})
    except BadInput:
        return
    if spec.rotary_scaling is not None:
        assert all(math.isfinite(one) and one > 0 for one in spec.rotary_scaling.divisors)
        assert math.isfinite(spec.rotary_scaling.attention_factor)
