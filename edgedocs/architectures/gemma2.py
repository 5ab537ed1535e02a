"""Gemma 2: norms around each part, squeezed scores and logits, a window in every other layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder, layer_types
from edgedocs.architectures.spec import DecoderSpec, SlidingWindow

DEFAULTS = {"head_dim": 256, "max_position_embeddings": 8192, "rms_norm_eps": 1e-6}
"""What transformers' ``Gemma2Config`` takes for values that ``config.json`` leaves out."""
EVERY_OTHER = 2
LARGE_MODEL_LAYERS = 46
"""By its number of layers llama.cpp knows the 27B model, whose scores are scaled otherwise."""


class Gemma2(Decoder):
    """Gemma 2."""

    name = "gemma2"
    model_types = ("gemma2",)
    model_class = "Gemma2ForCausalLM"
    gguf = "gemma2"
    tied = True
    scalings = ()

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values = Config(config, where)
        refuse_variants(values)
        shape = self.shape(values, DEFAULTS)
        check_tied(values, shape["tied_embeddings"])
        check_scale(values, shape, LARGE_MODEL_LAYERS)
        output_cap = values.optional_number("final_logit_softcapping", 30.0)
        attention_cap = values.optional_number("attn_logit_softcapping", 50.0)
        for key, cap in (("final_logit_softcapping", output_cap), ("attn_logit_softcapping", attention_cap)):
            if cap is None:
                raise values.wrong(key, "a number: llama.cpp squeezes scores and logits in this family")
        return DecoderSpec(
            architecture="gemma2",
            **shape,
            rope_theta=self.rotary(values, shape).theta,
            window=read_pattern(values, shape["layers"], EVERY_OTHER),
            activation="gelu_tanh",
            post_norms=True,
            norm_offset=1.0,
            scaled_embeddings=True,
            attention_soft_cap=attention_cap,
            output_soft_cap=output_cap,
        )

    def restored(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """``config.json`` again; see :class:`~edgedocs.architectures.base.Architecture`."""
        return super().restored(found) | restored_activation(found, LARGE_MODEL_LAYERS)


def refuse_variants(values: Config) -> None:
    """Refuse what no family of Gemma has in llama.cpp."""
    reason = "only the feed-forward network gated by GELU (tanh) is known here"
    values.refuse("hidden_activation", "gelu_pytorch_tanh", reason=reason)
    values.refuse("attention_bias", False, reason="llama.cpp has no biases in the attention of this family")
    values.refuse("use_bidirectional_attention", False, reason="only attention to earlier tokens is known here")


def check_tied(values: Config, tied: bool) -> None:
    """Refuse an output of its own, for which llama.cpp has no place in this family."""
    if not tied:
        raise values.wrong("tie_word_embeddings", "true: llama.cpp takes the embedding for the output")


def check_scale(values: Config, shape: Mapping[str, Any], large_model_layers: int) -> None:
    """Refuse a scale of the attention scores other than that which llama.cpp takes for granted."""
    wanted = shape["head_size"]
    if shape["layers"] == large_model_layers:
        wanted = shape["hidden_size"] // shape["heads"]
    if values.number("query_pre_attn_scalar", 256) != wanted:
        raise values.wrong("query_pre_attn_scalar", f"{wanted}: llama.cpp scales attention scores by its root")


def restored_activation(found: Mapping[str, Any], large_model_layers: int) -> dict[str, Any]:
    """What is the same in all models of Gemma, and the scale that :func:`check_scale` wants."""
    scale = found.get("head_dim")
    if found.get("num_hidden_layers") == large_model_layers:
        scale = found.get("hidden_size", 0) // max(found.get("num_attention_heads", 1), 1)
    return {"hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": scale}


def read_pattern(values: Config, layers: int, every: int, default: int = 4096) -> SlidingWindow:
    """The window of the layers that have one: all but every so many, the last of each group.

    Raises:
        BadInput: if ``config.json`` has another pattern, which llama.cpp would not know of.
    """
    values.refuse("sliding_window_pattern", every, reason="llama.cpp has another pattern of windows for this family")
    windowed = tuple(bool((layer + 1) % every) for layer in range(layers))
    if values.values.get("layer_types") is not None:
        given = tuple(kind == "sliding_attention" for kind in layer_types(values, layers))
        if given != windowed:
            raise values.wrong("layer_types", f"full attention in every {every}. layer alone, as llama.cpp has it")
    return SlidingWindow(values.size("sliding_window", default), windowed)


ARCHITECTURE = Gemma2()
