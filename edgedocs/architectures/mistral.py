"""Mistral: Llama's network; in its first version, attention sees the latest tokens only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder, read_window
from edgedocs.architectures.spec import DecoderSpec

DEFAULT_WINDOW = 4096
"""The window where ``config.json`` does not name one, as in transformers' ``MistralConfig``; null is no window."""


class Mistral(Decoder):
    """Mistral, a Llama for llama.cpp, so that it comes back from GGUF as one."""

    name = "mistral"
    model_types = ("mistral",)
    pairs = True
    scalings = ("linear", "llama3", "yarn")

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        values.refuse("hidden_act", "silu", reason="only the SiLU-gated feed-forward network is known here")
        shape = self.shape(values)
        rotary = self.rotary(values, shape)
        return DecoderSpec(
            architecture="llama",
            **shape,
            rope_theta=rotary.theta,
            rotary_scaling=rotary.scaling,
            window=read_window(values, shape["layers"], default=DEFAULT_WINDOW),
        )


ARCHITECTURE = Mistral()
