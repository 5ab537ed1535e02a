"""Gemma 3: windows in five of six layers, rotary positions of their own there, normalized heads.

Of the models that see images too, this is the part that reads and writes text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgedocs.architectures.config import Config
from edgedocs.architectures.decoder import Decoder
from edgedocs.architectures.gemma2 import check_scale, read_pattern, refuse_variants, restored_activation
from edgedocs.architectures.rotary import read_rotary, read_section
from edgedocs.architectures.spec import DecoderSpec, ModelSpec

DEFAULTS = {
    "vocab_size": 262_208,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "max_position_embeddings": 131_072,
    "rms_norm_eps": 1e-6,
}
"""What transformers' ``Gemma3TextConfig`` takes for values that ``config.json`` leaves out."""
GLOBAL_THETA, LOCAL_THETA = 1_000_000.0, 10_000.0
ONE_IN = 6
LARGE_MODEL_LAYERS = 62
"""By its number of layers llama.cpp knows the 27B model, whose scores are scaled otherwise."""


WITH_IMAGES = "gemma3"
"""The ``model_type`` of models that see images; the decoder is described in a section of ``config.json``."""
FOR_IMAGES = ("vision_tower.", "multi_modal_projector.")
"""What the names of tensors start with that turn images into embeddings."""


class Gemma3(Decoder):
    """The text models of Gemma 3, and the decoders of those that see images."""

    name = "gemma3"
    model_types = ("gemma3_text", WITH_IMAGES)
    model_class = "Gemma3ForCausalLM"
    gguf = "gemma3"
    tied = True
    scalings = ("linear",)

    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``; see :class:`~edgedocs.architectures.base.Architecture`."""
        values, prefix = Config(config, where), ""
        if config.get("model_type") == WITH_IMAGES:
            values.refuse("quantization_config", reason="the weights are quantized already")
            values, prefix = values.section("text_config"), "language_model."
        refuse_variants(values)
        values.refuse("attn_logit_softcapping", reason="llama.cpp does not squeeze scores in this family")
        shape = self.shape(values, DEFAULTS)
        check_scale(values, shape, LARGE_MODEL_LAYERS)
        size, context = shape["head_size"], shape["context_length"]
        local_theta = values.number("rope_local_base_freq", LOCAL_THETA)
        nested = values.section("rope_parameters")
        if "full_attention" in nested.values or "sliding_attention" in nested.values:
            values.refuse("rope_scaling", {}, reason="rope_parameters says something else")
            section, within = nested.section("full_attention"), nested.section("sliding_attention")
            within.refuse("rope_type", "default", reason="llama.cpp does not scale positions within windows")
            local_theta = within.number("rope_theta", local_theta)
            rotary = read_section(section, values, size, context, self.scalings, theta=GLOBAL_THETA)
        else:
            rotary = read_rotary(values, size, context, self.scalings, theta=GLOBAL_THETA)
        window = read_pattern(values, shape["layers"], ONE_IN)
        return DecoderSpec(
            architecture="gemma3",
            **shape,
            rope_theta=rotary.theta,
            rotary_scaling=rotary.scaling,
            window=replace(window, rope_theta=local_theta),
            activation="gelu_tanh",
            head_norms=True,
            post_norms=True,
            norm_offset=1.0,
            scaled_embeddings=True,
            output_soft_cap=values.optional_number("final_logit_softcapping"),
            prefix=prefix,
        )

    def ignores(self, name: str, spec: ModelSpec) -> bool:
        """As in all decoders, and what turns images into embeddings, beside a decoder that is a part of the model."""
        assert isinstance(spec, DecoderSpec)
        return super().ignores(name, spec) or (bool(spec.prefix) and name.startswith(FOR_IMAGES))

    def restored(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """``config.json`` of the decoder alone; see :class:`~edgedocs.architectures.base.Architecture`."""
        return super().restored(found) | restored_activation(found, LARGE_MODEL_LAYERS)


ARCHITECTURE = Gemma3()
