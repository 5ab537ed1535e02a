"""Llama: RMS normalization, rotary positions, grouped-query attention, a gated SiLU feed-forward network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder
from edgedocs.architectures.spec import DecoderSpec


class Llama(Decoder):
    """Llama 1 to 3 and what shares their network and their name in ``config.json``: SmolLM, TinyLlama, Yi and more."""

    name = "llama"
    model_types = ("llama",)
    model_class = "LlamaForCausalLM"
    gguf = "llama"
    pairs = True
    scalings = ("linear", "llama3", "yarn")

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        values.refuse("hidden_act", "silu", reason="only the SiLU-gated feed-forward network is known here")
        shape = self.shape(values)
        rotary = self.rotary(values, shape)
        bias = values.flag("attention_bias", default=False)
        return DecoderSpec(
            architecture="llama",
            **shape,
            rope_theta=rotary.theta,
            rotary_scaling=rotary.scaling,
            attention_bias=bias,
            output_bias=bias,
            feed_forward_bias=values.flag("mlp_bias", default=False),
        )

    def restores(self, found: Mapping[str, Any]) -> bool:
        """Without experts."""
        return "num_experts" not in found


ARCHITECTURE = Llama()
