"""Qwen3 with experts: each layer has many small feed-forward networks, of which a token uses a few."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.base import TensorRole
from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder, expert_stacks, read_experts, read_later_window
from edgedocs.architectures.spec import DecoderSpec

DEFAULT_EXPERTS_USED = 8
"""How many experts a token uses where ``config.json`` does not say, as in transformers' ``Qwen3MoeConfig``."""


class Qwen3Moe(Decoder):
    """The models of Qwen3 with experts in every layer."""

    name = "qwen3moe"
    model_types = ("qwen3_moe",)
    model_class = "Qwen3MoeForCausalLM"
    gguf = "qwen3moe"

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        values.refuse("hidden_act", "silu", reason="only SiLU-gated feed-forward networks are known here")
        values.refuse("attention_bias", False, reason="llama.cpp has no biases in the attention of this family")
        values.refuse("decoder_sparse_step", 1, reason="llama.cpp wants experts in every layer")
        values.refuse("mlp_only_layers", [], reason="llama.cpp wants experts in every layer")
        if not values.flag("norm_topk_prob", default=False):
            raise values.wrong(
                "norm_topk_prob", "true: llama.cpp makes the weights of the chosen experts add up to one"
            )
        shape = self.shape(values)
        rotary = self.rotary(values, shape)
        count = "num_experts" if values.values.get("num_experts") is not None else "num_local_experts"
        return DecoderSpec(
            architecture="qwen3moe",
            **shape,
            rope_theta=rotary.theta,
            rotary_scaling=rotary.scaling,
            window=read_later_window(values, shape["layers"]),
            experts=read_experts(values, count, "moe_intermediate_size", DEFAULT_EXPERTS_USED),
            head_norms=True,
        )

    def feed_forward(self, theirs: str, ours: str, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """The router and the experts."""
        names = ("gate_proj", "up_proj", "down_proj")
        return expert_stacks(f"{theirs}.mlp.gate", f"{theirs}.mlp.experts", names, ours, spec)

    def restored(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """``config.json`` again; see :class:`~edgedocs.architectures.base.Architecture`."""
        return super().restored(found) | {"norm_topk_prob": True, "decoder_sparse_step": 1, "mlp_only_layers": []}


ARCHITECTURE = Qwen3Moe()
