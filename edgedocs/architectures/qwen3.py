"""Qwen3: as Llama, each head's queries and keys normalized before they are rotated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder, read_later_window
from edgedocs.architectures.spec import DecoderSpec

DEFAULT_HEAD_SIZE = 128
"""The width of a head where ``config.json`` names none, as in transformers' ``Qwen3Config``."""


class Qwen3(Decoder):
    """The dense models of Qwen3."""

    name = "qwen3"
    model_types = ("qwen3",)
    model_class = "Qwen3ForCausalLM"
    gguf = "qwen3"

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        values.refuse("hidden_act", "silu", reason="only the SiLU-gated feed-forward network is known here")
        values.refuse("attention_bias", False, reason="llama.cpp has no biases in the attention of this family")
        shape = self.shape(values, {"head_dim": DEFAULT_HEAD_SIZE})
        rotary = self.rotary(values, shape)
        return DecoderSpec(
            architecture="qwen3",
            **shape,
            rope_theta=rotary.theta,
            rotary_scaling=rotary.scaling,
            window=read_later_window(values, shape["layers"]),
            head_norms=True,
        )


ARCHITECTURE = Qwen3()
