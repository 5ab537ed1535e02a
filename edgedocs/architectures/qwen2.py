"""Qwen2 and Qwen2.5: as Llama, with biases on queries, keys and values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder, read_later_window
from edgedocs.architectures.spec import DecoderSpec


class Qwen2(Decoder):
    """Qwen2 and Qwen2.5."""

    name = "qwen2"
    model_types = ("qwen2",)
    model_class = "Qwen2ForCausalLM"
    gguf = "qwen2"
    free_heads = False

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        values.refuse("hidden_act", "silu", reason="only the SiLU-gated feed-forward network is known here")
        shape = self.shape(values)
        rotary = self.rotary(values, shape)
        return DecoderSpec(
            architecture="qwen2",
            **shape,
            rope_theta=rotary.theta,
            rotary_scaling=rotary.scaling,
            window=read_later_window(values, shape["layers"]),
            attention_bias=True,
        )


ARCHITECTURE = Qwen2()
