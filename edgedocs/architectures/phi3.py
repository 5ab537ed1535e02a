"""Phi-3 and Phi-4: queries, keys and values in one matrix, gate and up projection in another, LongRoPE."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.base import TensorRole
from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder, linear, read_window
from edgedocs.architectures.spec import DecoderSpec


class Phi3(Decoder):
    """Phi-3, Phi-3.5 and Phi-4, the mini and medium models of text."""

    name = "phi3"
    model_types = ("phi3",)
    model_class = "Phi3ForCausalLM"
    gguf = "phi3"
    scalings = ("longrope",)
    free_heads = False

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        values.refuse("hidden_act", "silu", reason="only the SiLU-gated feed-forward network is known here")
        values.refuse("attention_bias", False, reason="llama.cpp has no biases in the attention of this family")
        shape = self.shape(values)
        rotary = self.rotary(values, shape, partial=True)
        return DecoderSpec(
            architecture="phi3",
            **shape,
            rope_theta=rotary.theta,
            rotary_size=rotary.size,
            rotary_scaling=rotary.scaling,
            window=read_window(values, shape["layers"]),
            fused_projections=True,
        )

    def attention(self, theirs: str, ours: str, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """Queries, keys and values in one matrix, and the projection out."""
        query, key_value = spec.heads * spec.head_size, spec.key_value_heads * spec.head_size
        return (
            *linear(f"{theirs}.qkv_proj", f"{ours}.attn_qkv", query + 2 * key_value, spec.hidden_size),
            *linear(f"{theirs}.o_proj", f"{ours}.attn_output", spec.hidden_size, query),
        )

    def feed_forward(self, theirs: str, ours: str, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """Gate and up projection in one matrix, and the projection down."""
        hidden, inner = spec.hidden_size, spec.feed_forward_size
        return (
            *linear(f"{theirs}.mlp.gate_up_proj", f"{ours}.ffn_up", 2 * inner, hidden),
            *linear(f"{theirs}.mlp.down_proj", f"{ours}.ffn_down", hidden, inner),
        )


ARCHITECTURE = Phi3()
