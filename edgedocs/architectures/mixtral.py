"""Mixtral: Mistral with experts in place of each feed-forward network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.base import TensorRole
from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder, expert_stacks, read_experts, read_window
from edgedocs.architectures.spec import DecoderSpec

DEFAULT_EXPERTS_USED = 2
"""How many experts a token uses where ``config.json`` does not say, as in transformers' ``MixtralConfig``."""


class Mixtral(Decoder):
    """Mixtral, a Llama with experts for llama.cpp."""

    name = "mixtral"
    model_types = ("mixtral",)
    model_class = "MixtralForCausalLM"
    gguf = "llama"
    pairs = True
    scalings = ("linear", "llama3", "yarn")

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        values.refuse("hidden_act", "silu", reason="only SiLU-gated feed-forward networks are known here")
        shape = self.shape(values)
        rotary = self.rotary(values, shape)
        return DecoderSpec(
            architecture="llama",
            **shape,
            rope_theta=rotary.theta,
            rotary_scaling=rotary.scaling,
            window=read_window(values, shape["layers"]),
            experts=read_experts(values, "num_local_experts", "intermediate_size", DEFAULT_EXPERTS_USED),
        )

    def feed_forward(self, theirs: str, ours: str, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """The router and the experts, whose projections are called w1 (gate), w3 (up) and w2 (down)."""
        block = f"{theirs}.block_sparse_moe"
        return expert_stacks(f"{block}.gate", f"{block}.experts", ("w1", "w3", "w2"), ours, spec)

    def restores(self, found: Mapping[str, Any]) -> bool:
        """A Llama with experts."""
        return "num_experts" in found

    def restored(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """``config.json`` again; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = dict(found)
        values["num_local_experts"] = values.pop("num_experts")
        values["intermediate_size"] = values.pop("moe_intermediate_size", values.get("intermediate_size"))
        return super().restored(values) | {"sliding_window": None}


ARCHITECTURE = Mixtral()
