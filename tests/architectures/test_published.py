"""The configurations of published models, as their files say it: read without a complaint, and as they are."""

from __future__ import annotations

from typing import Any

import pytest

from edgedocs import architectures
from edgedocs.architectures.base import DecoderSpec
from edgedocs.architectures.spec import Experts
from edgedocs.converters.gguf_model import context_length

LLAMA_3_2_1B = {
    "model_type": "llama",
    "attention_bias": False,
    "head_dim": 64,
    "hidden_act": "silu",
    "hidden_size": 2048,
    "intermediate_size": 8192,
    "max_position_embeddings": 131072,
    "mlp_bias": False,
    "num_attention_heads": 32,
    "num_hidden_layers": 16,
    "num_key_value_heads": 8,
    "pretraining_tp": 1,
    "rms_norm_eps": 1e-05,
    "rope_scaling": {
        "factor": 32.0,
        "high_freq_factor": 4.0,
        "low_freq_factor": 1.0,
        "original_max_position_embeddings": 8192,
        "rope_type": "llama3",
    },
    "rope_theta": 500000.0,
    "tie_word_embeddings": True,
    "vocab_size": 128256,
}
MISTRAL_7B_V0_1 = {
    "model_type": "mistral",
    "hidden_act": "silu",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "max_position_embeddings": 32768,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "rms_norm_eps": 1e-05,
    "rope_theta": 10000.0,
    "sliding_window": 4096,
    "tie_word_embeddings": False,
    "vocab_size": 32000,
}
QWEN2_5_0_5B = {
    "model_type": "qwen2",
    "hidden_act": "silu",
    "hidden_size": 896,
    "intermediate_size": 4864,
    "max_position_embeddings": 32768,
    "max_window_layers": 24,
    "num_attention_heads": 14,
    "num_hidden_layers": 24,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-06,
    "rope_theta": 1000000.0,
    "sliding_window": 32768,
    "tie_word_embeddings": True,
    "use_mrope": False,
    "use_sliding_window": False,
    "vocab_size": 151936,
}
QWEN3_30B_A3B = {
    "model_type": "qwen3_moe",
    "attention_bias": False,
    "decoder_sparse_step": 1,
    "head_dim": 128,
    "hidden_act": "silu",
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "max_position_embeddings": 40960,
    "max_window_layers": 48,
    "mlp_only_layers": [],
    "moe_intermediate_size": 768,
    "norm_topk_prob": True,
    "num_attention_heads": 32,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 48,
    "num_key_value_heads": 4,
    "rms_norm_eps": 1e-06,
    "rope_scaling": None,
    "rope_theta": 1000000.0,
    "sliding_window": None,
    "tie_word_embeddings": False,
    "use_sliding_window": False,
    "vocab_size": 151936,
}
PHI_4_MINI = {
    "model_type": "phi3",
    "attention_bias": False,
    "full_attn_mod": 1,
    "hidden_act": "silu",
    "hidden_size": 3072,
    "intermediate_size": 8192,
    "interpolate_factor": 1,
    "lm_head_bias": False,
    "max_position_embeddings": 131072,
    "mlp_bias": False,
    "num_attention_heads": 24,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "original_max_position_embeddings": 4096,
    "partial_rotary_factor": 0.75,
    "rms_norm_eps": 1e-05,
    # The published factors are 48 numbers each; only how many there are counts here.
    "rope_scaling": {"long_factor": [1.5] * 48, "short_factor": [1.0] * 48, "type": "longrope"},
    "rope_theta": 10000.0,
    "sliding_window": 262144,
    "tie_word_embeddings": True,
    "vocab_size": 200064,
}
GEMMA_3_4B = {
    "model_type": "gemma3",
    "mm_tokens_per_image": 256,
    "text_config": {
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "model_type": "gemma3_text",
        "num_hidden_layers": 34,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        "sliding_window": 1024,
    },
    "vision_config": {"model_type": "siglip_vision_model"},
}


@pytest.mark.parametrize(
    ("config", "context", "expected"),
    [
        (LLAMA_3_2_1B, 131072, {"head_size": 64, "tied_embeddings": True, "rope_theta": 500000.0}),
        (MISTRAL_7B_V0_1, 4096, {"context_length": 32768, "head_size": 128}),
        (QWEN2_5_0_5B, 32768, {"attention_bias": True, "head_size": 64, "window": None}),
        (QWEN3_30B_A3B, 40960, {"experts": Experts(128, 8, 768), "head_norms": True}),
        (PHI_4_MINI, 131072, {"rotary_size": 96, "head_size": 128, "tied_embeddings": True}),
        (GEMMA_3_4B, 131072, {"heads": 8, "key_value_heads": 4, "head_size": 256, "vocabulary": 262208}),
    ],
    ids=["llama 3.2", "mistral 0.1", "qwen 2.5", "qwen 3", "phi 4 mini", "gemma 3"],
)
def test_a_published_model_is_read(config: dict[str, Any], context: int, expected: dict[str, Any]) -> None:
    spec = architectures.for_config(config).spec(config)
    assert isinstance(spec, DecoderSpec)
    assert {key: getattr(spec, key) for key in expected} == expected
    assert context_length(spec) == context


def test_the_published_factors_of_llama_3_2() -> None:
    """The first waves stay and the last are stretched 32 times, as in ``rope_freqs.weight`` of published files."""
    spec = architectures.for_config(LLAMA_3_2_1B).spec(LLAMA_3_2_1B)
    assert isinstance(spec, DecoderSpec)
    assert spec.rotary_scaling is not None
    divisors = spec.rotary_scaling.divisors
    assert len(divisors) == 32
    assert divisors[:14] == (1.0,) * 14
    assert divisors[-14:] == (32.0,) * 14
    assert list(divisors) == sorted(divisors)


def test_phi_4_mini_multiplies_cosines_and_sines() -> None:
    """By the root of 1 + ln 32 / ln 4096, as LongRoPE has it."""
    spec = architectures.for_config(PHI_4_MINI).spec(PHI_4_MINI)
    assert isinstance(spec, DecoderSpec)
    assert spec.rotary_scaling is not None
    assert spec.rotary_scaling.attention_factor == pytest.approx(1.190238, abs=1e-6)


def test_gemma_3_reads_long_texts_in_one_layer_of_six() -> None:
    spec = architectures.for_config(GEMMA_3_4B).spec(GEMMA_3_4B)
    assert isinstance(spec, DecoderSpec)
    assert spec.window is not None
    assert spec.rotary_scaling is not None
    assert [layer for layer, windowed in enumerate(spec.window.layers) if not windowed] == [5, 11, 17, 23, 29]
    assert (spec.rope_theta, spec.window.rope_theta, spec.rotary_scaling.factor) == (1e6, 1e4, 8.0)
