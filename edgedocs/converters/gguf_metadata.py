"""What a GGUF file says about a Llama-like decoder, apart from its tokenizer.

The keys are those that llama.cpp's own ``convert_hf_to_gguf.py`` writes for the same checkpoint.
"""

from __future__ import annotations

import math

from gguf.constants import GGML_QUANT_VERSION, GGUFType, Keys
from gguf.utility import size_label

from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_fields import Field, float32, text, uint32
from edgedocs.converters import sampling
from edgedocs.converters.model_card import ModelCard


def general_fields(checkpoint: Checkpoint, file_type: int) -> dict[str, Field]:
    """What the file is: architecture, kind, name, size, origin, licence, sampling, recipe.

    Args:
        checkpoint: the model.
        file_type: the recipe's number (``enum llama_ftype``).

    Raises:
        BadInput: if the model card or the settings of sampling are malformed.
    """
    weights = sum(math.prod(role.shape) for role in checkpoint.architecture.tensors(checkpoint.spec))
    fields = {
        Keys.General.ARCHITECTURE: text(checkpoint.spec.architecture),
        Keys.General.TYPE: text(GGUFType.MODEL),
        Keys.General.NAME: text(checkpoint.name),
        Keys.General.SIZE_LABEL: text(size_label(weights, shared_params=0, expert_params=0, expert_count=0)),
    }
    fields |= ModelCard.open(checkpoint.path, checkpoint.config).fields(weights)
    fields |= sampling.fields(checkpoint.generation_config, checkpoint.path / "generation_config.json")
    return fields | {
        Keys.General.QUANTIZATION_VERSION: uint32(GGML_QUANT_VERSION),
        Keys.General.FILE_TYPE: uint32(file_type),
    }


def decoder_fields(checkpoint: Checkpoint) -> dict[str, Field]:
    """The decoder's shape."""
    spec = checkpoint.spec
    fields = {
        Keys.LLM.BLOCK_COUNT: uint32(spec.layers),
        Keys.LLM.CONTEXT_LENGTH: uint32(spec.context_length),
        Keys.LLM.EMBEDDING_LENGTH: uint32(spec.hidden_size),
        Keys.LLM.FEED_FORWARD_LENGTH: uint32(spec.feed_forward_size),
        Keys.LLM.VOCAB_SIZE: uint32(spec.vocabulary),
        Keys.Attention.HEAD_COUNT: uint32(spec.heads),
        Keys.Attention.HEAD_COUNT_KV: uint32(spec.key_value_heads),
        Keys.Attention.KEY_LENGTH: uint32(spec.head_size),
        Keys.Attention.VALUE_LENGTH: uint32(spec.head_size),
        Keys.Attention.LAYERNORM_RMS_EPS: float32(spec.norm_epsilon),
        Keys.Rope.DIMENSION_COUNT: uint32(spec.head_size),
        Keys.Rope.FREQ_BASE: float32(spec.rope_theta),
    }
    return {key.format(arch=spec.architecture): field for key, field in fields.items()}
