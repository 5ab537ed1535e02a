import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs import architectures
from edgedocs.architectures.base import DecoderSpec
from edgedocs.core.errors import BadInput
from tests.reference_folder import REFERENCE

CONFIG: dict[str, Any] = json.loads((REFERENCE / "config.json").read_text(encoding="utf-8"))
LLAMA = architectures.registry.get("llama")
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
EXPECTED = DecoderSpec(
    architecture="llama",
    vocabulary=384,
    hidden_size=64,
    feed_forward_size=112,
    layers=3,
    heads=4,
    key_value_heads=2,
    head_size=32,
    context_length=96,
    norm_epsilon=1e-3,
    rope_theta=50000.0,
    tied_embeddings=False,
)


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in CONFIG.items() if key not in keys}


def test_the_registry_knows_llama() -> None:
    assert "llama" in architectures.registry.names()
    assert architectures.for_config(CONFIG) is LLAMA


def test_what_transformers_writes_is_read() -> None:
    assert LLAMA.spec(CONFIG) == EXPECTED


def test_what_older_versions_of_transformers_write_is_read() -> None:
    assert LLAMA.spec(without("rope_parameters") | {"rope_theta": 50000.0, "rope_scaling": None}) == EXPECTED


def test_defaults_are_those_of_transformers() -> None:
    spec = LLAMA.spec(without("head_dim", "num_key_value_heads", "rope_parameters", "tie_word_embeddings"))
    assert (spec.head_size, spec.key_value_heads, spec.rope_theta, spec.tied_embeddings) == (16, 4, 10000.0, False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": None}, "hidden_size is None; expected a whole number"),
        ({"hidden_size": "64"}, "hidden_size is '64'"),
        ({"hidden_size": True}, "hidden_size is True"),
        ({"hidden_size": 2**31}, "hidden_size is 2147483648; expected a whole number from 1 to 2147483647"),
        ({"num_hidden_layers": 0}, "num_hidden_layers is 0"),
        ({"num_hidden_layers": 10**9}, "expected a whole number from 1 to 512"),
        ({"num_attention_heads": 3}, "num_key_value_heads is 2; expected a divisor of num_attention_heads, 3"),
        ({"num_attention_heads": 6, "head_dim": None}, "hidden_size is 64; expected a multiple of num_attention_heads"),
        ({"head_dim": 33}, "the head size is 33; expected an even one"),
        ({"rms_norm_eps": 0}, "rms_norm_eps is 0; expected a number above 0"),
        ({"rms_norm_eps": float("nan")}, "rms_norm_eps is nan"),
        ({"rms_norm_eps": 10**400}, "rms_norm_eps is 1000"),
        ({"tie_word_embeddings": "no"}, "tie_word_embeddings is 'no'; expected true or false"),
        ({"rope_parameters": []}, r"rope_parameters is \[\]; expected an object"),
        ({"rope_parameters": {"rope_type": "dynamic", "factor": 4}}, "rope_type is 'dynamic': this way of scaling"),
        ({"rope_scaling": {"type": "dynamic", "factor": 2}}, "type is 'dynamic': this way of scaling"),
        ({"rope_scaling": {"rope_type": "yarn", "factor": 2, "beta_fast": 16}}, "beta_fast is 16: llama.cpp has"),
        ({"rope_scaling": {"type": "yarn", "factor": 2, "truncate": False}}, "truncate is False: llama.cpp rounds"),
        ({"rope_scaling": {"rope_type": "linear"}}, "factor is missing"),
        ({"rope_scaling": LLAMA3 | {"high_freq_factor": 1.0}}, "high_freq_factor is 1.0; expected more than"),
        ({"rope_scaling": LLAMA3 | {"original_max_position_embeddings": 1}}, "expected 2 or more"),
        ({"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.5}}, "partial_rotary_factor is 0.5"),
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu'"),
        ({"attention_bias": "yes"}, "attention_bias is 'yes'"),
        ({"mlp_bias": 1}, "mlp_bias is 1"),
        ({"quantization_config": {"quant_method": "gptq"}}, "the weights are quantized already"),
    ],
)
def test_what_cannot_be_or_is_not_known_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        LLAMA.spec(CONFIG | change, Path("folder/config.json"))
    assert str(Path("folder/config.json")) in str(caught.value)


@pytest.mark.parametrize(
    "key", ["vocab_size", "hidden_size", "intermediate_size", "max_position_embeddings", "rms_norm_eps"]
)
def test_a_missing_value_is_named(key: str) -> None:
    with pytest.raises(BadInput, match=f"{key} is missing"):
        LLAMA.spec(without(key))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*CONFIG, "rope_scaling", "rope_theta", "partial_rotary_factor"]), json_values))
def test_any_config_is_read_or_bad_input(change: dict[str, Any]) -> None:
    try:
        architecture = architectures.for_config(CONFIG | change)
        spec = architecture.spec(CONFIG | change)
    except BadInput:
        return
    assert isinstance(spec, DecoderSpec)
    biases = 3 * spec.attention_bias + spec.output_bias + 3 * spec.feed_forward_bias
    assert len(architecture.tensors(spec)) == 2 + (9 + biases) * spec.layers + (not spec.tied_embeddings)


def test_every_tensor_has_one_role() -> None:
    roles = LLAMA.tensors(EXPECTED)
    assert len({role.name for role in roles}) == len({role.gguf for role in roles}) == len(roles) == 30
    assert {role.gguf for role in roles if role.permuted} == {
        f"blk.{layer}.attn_{kind}.weight" for layer in range(3) for kind in "qk"
    }
