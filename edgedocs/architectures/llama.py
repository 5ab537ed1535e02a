"""Llama: RMS normalization, rotary positions, grouped-query attention, a gated SiLU feed-forward network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.base import MOST_LAYERS, Architecture, DecoderSpec, TensorRole
from edgedocs.architectures.config import Config
from edgedocs.core.errors import BadInput

DEFAULT_THETA = 10000.0
"""The base of the rotary frequencies where ``config.json`` names none, as in transformers' ``LlamaConfig``."""


class Llama(Architecture):
    """Llama 1 to 3 and what shares their network, without biases and without scaled rotary positions."""

    name = "llama"
    model_types = ("llama",)

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        _refuse_variants(values)
        hidden_size, heads = values.size("hidden_size"), values.size("num_attention_heads")
        spec = DecoderSpec(
            architecture=self.name,
            vocabulary=values.size("vocab_size"),
            hidden_size=hidden_size,
            feed_forward_size=values.size("intermediate_size"),
            layers=values.size("num_hidden_layers", largest=MOST_LAYERS),
            heads=heads,
            key_value_heads=values.size("num_key_value_heads", default=heads),
            head_size=values.size("head_dim", default=max(1, hidden_size // heads)),
            context_length=values.size("max_position_embeddings"),
            norm_epsilon=values.number("rms_norm_eps"),
            rope_theta=_rope_theta(values),
            tied_embeddings=values.flag("tie_word_embeddings", default=False),
        )
        if spec.heads % spec.key_value_heads:
            raise values.wrong("num_key_value_heads", f"a divisor of num_attention_heads, {spec.heads}")
        if spec.head_size % 2:
            raise BadInput(
                f"the head size is {spec.head_size}", where=where, expected="an even one, to rotate in pairs"
            )
        if values.values.get("head_dim") is None and hidden_size % heads:
            raise values.wrong("hidden_size", f"a multiple of num_attention_heads, {heads}")
        return spec

    def tensors(self, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """The embedding, nine tensors a layer, the last norm and, unless it is the embedding, the output."""
        hidden, vocabulary = spec.hidden_size, spec.vocabulary
        first = TensorRole("model.embed_tokens.weight", "token_embd.weight", (vocabulary, hidden))
        last = [TensorRole("model.norm.weight", "output_norm.weight", (hidden,))]
        if not spec.tied_embeddings:
            last.append(TensorRole("lm_head.weight", "output.weight", (vocabulary, hidden)))
        return (first, *(role for layer in range(spec.layers) for role in _layer(layer, spec)), *last)

    def ignores(self, name: str, spec: DecoderSpec) -> bool:
        """Stored rotary frequencies, which follow from the config, and a stored copy of a tied embedding."""
        return name.endswith(".rotary_emb.inv_freq") or (name == "lm_head.weight" and spec.tied_embeddings)


def _layer(layer: int, spec: DecoderSpec) -> tuple[TensorRole, ...]:
    hidden, inner = spec.hidden_size, spec.feed_forward_size
    query, key_value = spec.heads * spec.head_size, spec.key_value_heads * spec.head_size
    theirs, ours = f"model.layers.{layer}", f"blk.{layer}"
    return (
        TensorRole(f"{theirs}.input_layernorm.weight", f"{ours}.attn_norm.weight", (hidden,)),
        TensorRole(f"{theirs}.self_attn.q_proj.weight", f"{ours}.attn_q.weight", (query, hidden), permuted=True),
        TensorRole(f"{theirs}.self_attn.k_proj.weight", f"{ours}.attn_k.weight", (key_value, hidden), permuted=True),
        TensorRole(f"{theirs}.self_attn.v_proj.weight", f"{ours}.attn_v.weight", (key_value, hidden)),
        TensorRole(f"{theirs}.self_attn.o_proj.weight", f"{ours}.attn_output.weight", (hidden, query)),
        TensorRole(f"{theirs}.post_attention_layernorm.weight", f"{ours}.ffn_norm.weight", (hidden,)),
        TensorRole(f"{theirs}.mlp.gate_proj.weight", f"{ours}.ffn_gate.weight", (inner, hidden)),
        TensorRole(f"{theirs}.mlp.up_proj.weight", f"{ours}.ffn_up.weight", (inner, hidden)),
        TensorRole(f"{theirs}.mlp.down_proj.weight", f"{ours}.ffn_down.weight", (hidden, inner)),
    )


def _refuse_variants(values: Config) -> None:
    """Refuse what shares the name but not the network: converted as plain Llama it would compute something else."""
    values.refuse("hidden_act", "silu", reason="only the SiLU-gated feed-forward network is known here")
    values.refuse("attention_bias", False, reason="biases in attention are not known here")
    values.refuse("mlp_bias", False, reason="biases in the feed-forward network are not known here")
    values.refuse("quantization_config", reason="the weights are quantized already")
    values.refuse("partial_rotary_factor", 1, reason="rotating part of a head is not known here")
    for key in ("rope_scaling", "rope_parameters"):
        scaling = values.section(key)
        for kind in ("rope_type", "type"):
            scaling.refuse(kind, "default", reason="scaled rotary positions are not known here")
        scaling.refuse("partial_rotary_factor", 1, reason="rotating part of a head is not known here")


def _rope_theta(values: Config) -> float:
    """``rope_theta``, which transformers 5 writes into ``rope_parameters`` and earlier ones beside the rest."""
    parameters = values.section("rope_parameters")
    if parameters.values.get("rope_theta") is not None:
        return parameters.number("rope_theta")
    return values.number("rope_theta", DEFAULT_THETA)


ARCHITECTURE = Llama()
