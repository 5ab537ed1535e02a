"""BERT: an encoder with learned positions, which gives each token of a text a vector; all-MiniLM-L6-v2 is one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.base import MOST_LAYERS, Architecture, TensorRole
from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import linear
from edgedocs.architectures.spec import EncoderSpec, ModelSpec

HEADS = ("cls.", "pooler.")
"""What the names of tensors start with that no embedding needs: the heads for pre-training, and what they look at."""


class Bert(Architecture):
    """BERT models that give embeddings."""

    name = "bert"
    model_types = ("bert",)
    model_class = "BertModel"
    gguf = "bert"

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> EncoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        values.refuse("quantization_config", reason="the weights are quantized already")
        values.refuse("hidden_act", "gelu", reason="only the feed-forward network with GELU is known here")
        values.refuse("position_embedding_type", "absolute", reason="only learned absolute positions are known here")
        values.refuse("is_decoder", False, reason="only the encoder is known here")
        values.refuse("add_cross_attention", False, reason="only the encoder is known here")
        hidden_size, heads = values.size("hidden_size"), values.size("num_attention_heads")
        if hidden_size % heads:
            raise values.wrong("hidden_size", f"a multiple of num_attention_heads, {heads}")
        return EncoderSpec(
            architecture="bert",
            vocabulary=values.size("vocab_size"),
            hidden_size=hidden_size,
            feed_forward_size=values.size("intermediate_size"),
            layers=values.size("num_hidden_layers", largest=MOST_LAYERS),
            heads=heads,
            key_value_heads=heads,
            head_size=hidden_size // heads,
            context_length=values.size("max_position_embeddings"),
            norm_epsilon=values.number("layer_norm_eps", 1e-12),
            token_types=values.size("type_vocab_size", 2),
            prefix=_prefix(values),
        )

    def tensors(self, spec: ModelSpec) -> tuple[TensorRole, ...]:
        """The three embeddings and their norm, then sixteen tensors a layer."""
        assert isinstance(spec, EncoderSpec)
        hidden, theirs = spec.hidden_size, f"{spec.prefix}embeddings"
        return (
            TensorRole(f"{theirs}.word_embeddings.weight", "token_embd.weight", (spec.vocabulary, hidden)),
            TensorRole(f"{theirs}.position_embeddings.weight", "position_embd.weight", (spec.context_length, hidden)),
            TensorRole(f"{theirs}.token_type_embeddings.weight", "token_types.weight", (spec.token_types, hidden)),
            *_norm(f"{theirs}.LayerNorm", "token_embd_norm", hidden),
            *(role for layer in range(spec.layers) for role in _layer(layer, spec)),
        )

    def ignores(self, name: str, spec: ModelSpec) -> bool:
        """The numbers of the positions, and heads that embeddings do not need."""
        assert isinstance(spec, EncoderSpec)
        own = name.removeprefix(spec.prefix)
        return own == "embeddings.position_ids" or own.startswith(HEADS)

    def restored(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """``config.json`` again; see :class:`~edgedocs.architectures.base.Architecture`."""
        return super().restored(found) | {"hidden_act": "gelu"}


def _prefix(values: Config) -> str:
    """What the names of the tensors start with: nothing for the encoder alone, its name beside a head."""
    named = values.values.get("architectures")
    classes = named if isinstance(named, list) else []
    return "bert." if any(str(one).startswith("BertFor") for one in classes) else ""


def _layer(layer: int, spec: EncoderSpec) -> tuple[TensorRole, ...]:
    hidden, inner = spec.hidden_size, spec.feed_forward_size
    theirs, ours = f"{spec.prefix}encoder.layer.{layer}", f"blk.{layer}"
    return (
        *linear(f"{theirs}.attention.self.query", f"{ours}.attn_q", hidden, hidden, bias=True),
        *linear(f"{theirs}.attention.self.key", f"{ours}.attn_k", hidden, hidden, bias=True),
        *linear(f"{theirs}.attention.self.value", f"{ours}.attn_v", hidden, hidden, bias=True),
        *linear(f"{theirs}.attention.output.dense", f"{ours}.attn_output", hidden, hidden, bias=True),
        *_norm(f"{theirs}.attention.output.LayerNorm", f"{ours}.attn_output_norm", hidden),
        *linear(f"{theirs}.intermediate.dense", f"{ours}.ffn_up", inner, hidden, bias=True),
        *linear(f"{theirs}.output.dense", f"{ours}.ffn_down", hidden, inner, bias=True),
        *_norm(f"{theirs}.output.LayerNorm", f"{ours}.layer_output_norm", hidden),
    )


def _norm(theirs: str, ours: str, size: int) -> tuple[TensorRole, ...]:
    return tuple(TensorRole(f"{theirs}.{kind}", f"{ours}.{kind}", (size,)) for kind in ("weight", "bias"))


ARCHITECTURE = Bert()
