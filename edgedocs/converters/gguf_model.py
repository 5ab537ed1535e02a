"""What a GGUF file says about a model's network: its shape, its rotary positions, windows, experts, pooling.

The keys are those that llama.cpp's own ``convert_hf_to_gguf.py`` writes for the same checkpoint, and a few more that
state what llama.cpp takes for granted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from gguf.constants import Keys, RopeScalingType
from gguf.utility import size_label

from edgedocs.architectures.base import TensorRole
from edgedocs.architectures.rotary import RotaryScaling
from edgedocs.architectures.spec import DecoderSpec, EncoderSpec, ModelSpec
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_fields import Field, boolean, float32, text, uint32
from edgedocs.converters.gguf_pooling import pooling_fields

WITH_WINDOWS = frozenset({"gemma2", "gemma3"})
"""Architectures in which llama.cpp computes sliding windows."""
WINDOW_KEY = WITH_WINDOWS | {"phi3"}
"""Those in which it knows the key; in phi3, 0 stands for no window and what is there is not used."""

Array = np.ndarray[Any, np.dtype[np.float32]]


def model_fields(checkpoint: Checkpoint) -> dict[str, Field]:
    """The network's shape, and how its output is to be pooled."""
    spec = checkpoint.spec
    fields = _shape(spec) | pooling_fields(checkpoint)
    if isinstance(spec, EncoderSpec):
        fields |= {
            Keys.Attention.LAYERNORM_EPS: float32(spec.norm_epsilon),
            Keys.Attention.CAUSAL: boolean(False),
            Keys.Tokenizer.TOKEN_TYPE_COUNT: uint32(spec.token_types),
        }
    elif isinstance(spec, DecoderSpec):
        fields |= _attention(spec) | _rotary(spec) | _windows(spec) | _experts(spec)
    return {key.format(arch=spec.architecture): field for key, field in fields.items()}


def stacks(roles: tuple[TensorRole, ...]) -> Iterator[tuple[TensorRole, ...]]:
    """The tensors of a checkpoint, those that GGUF stores as one together."""
    place = 0
    while place < len(roles):
        count = roles[place].stack or 1
        yield roles[place : place + count]
        place += count


def rotary_tensors(spec: ModelSpec) -> dict[str, Array]:
    """Tensors that llama.cpp wants beside those of the checkpoint: what rotary frequencies are divided by."""
    scaling = spec.rotary_scaling if isinstance(spec, DecoderSpec) else None
    if scaling is None or not scaling.divisors:
        return {}
    if scaling.kind == "llama3":
        return {"rope_freqs.weight": np.array(scaling.divisors, np.float32)}
    return {
        "rope_factors_long.weight": np.array(scaling.divisors, np.float32),
        "rope_factors_short.weight": np.array(scaling.short_divisors, np.float32),
    }


def size_of(checkpoint: Checkpoint, weights: int) -> str:
    """The number of weights as GGUF's ``general.size_label`` has it, such as ``4.2M`` or ``8x7B``.

    Args:
        checkpoint: the model.
        weights: how many weights it has.
    """
    stacked = [role for role in checkpoint.architecture.tensors(checkpoint.spec) if role.stack]
    count = stacked[0].stack if stacked else 0
    in_experts = sum(math.prod(role.shape) for role in stacked)
    weights += sum(one.size for one in rotary_tensors(checkpoint.spec).values())
    label: str = size_label(weights, weights - in_experts, in_experts // max(count, 1), count)
    return label


def _shape(spec: ModelSpec) -> dict[str, Field]:
    return {
        Keys.LLM.BLOCK_COUNT: uint32(spec.layers),
        Keys.LLM.CONTEXT_LENGTH: uint32(context_length(spec)),
        Keys.LLM.EMBEDDING_LENGTH: uint32(spec.hidden_size),
        Keys.LLM.FEED_FORWARD_LENGTH: uint32(spec.feed_forward_size),
        Keys.LLM.VOCAB_SIZE: uint32(spec.vocabulary),
        Keys.Attention.HEAD_COUNT: uint32(spec.heads),
        Keys.Attention.HEAD_COUNT_KV: uint32(spec.key_value_heads),
    }


def context_length(spec: ModelSpec) -> int:
    """The tokens for which llama.cpp computes what the model does: no more than a window that it does not know."""
    window = spec.window if isinstance(spec, DecoderSpec) else None
    if window is None or spec.architecture in WITH_WINDOWS:
        return spec.context_length
    return min(spec.context_length, window.size)


def _attention(spec: DecoderSpec) -> dict[str, Field]:
    fields = {
        Keys.Attention.KEY_LENGTH: uint32(spec.head_size),
        Keys.Attention.VALUE_LENGTH: uint32(spec.head_size),
        Keys.Attention.LAYERNORM_RMS_EPS: float32(spec.norm_epsilon),
    }
    if spec.attention_soft_cap is not None:
        fields[Keys.LLM.ATTN_LOGIT_SOFTCAPPING] = float32(spec.attention_soft_cap)
    if spec.output_soft_cap is not None:
        fields[Keys.LLM.FINAL_LOGIT_SOFTCAPPING] = float32(spec.output_soft_cap)
    return fields


def _rotary(spec: DecoderSpec) -> dict[str, Field]:
    fields = {
        Keys.Rope.DIMENSION_COUNT: uint32(spec.rotary_size or spec.head_size),
        Keys.Rope.FREQ_BASE: float32(spec.rope_theta),
    }
    return fields | _scaling(spec.rotary_scaling) if spec.rotary_scaling else fields


def _scaling(scaling: RotaryScaling) -> dict[str, Field]:
    """The scaling of rotary positions, apart from :func:`rotary_tensors`."""
    if scaling.kind == "linear":
        return {
            Keys.Rope.SCALING_TYPE: text(RopeScalingType.LINEAR.value),
            Keys.Rope.SCALING_FACTOR: float32(scaling.factor),
        }
    original = {Keys.Rope.SCALING_ORIG_CTX_LEN: uint32(scaling.original_context)}
    if scaling.kind == "longrope":
        return original | {Keys.Rope.SCALING_ATTN_FACTOR: float32(scaling.attention_factor)}
    if scaling.kind == "yarn":
        fields = original | {
            Keys.Rope.SCALING_TYPE: text(RopeScalingType.YARN.value),
            Keys.Rope.SCALING_FACTOR: float32(scaling.factor),
        }
        # llama.cpp multiplies by the usual factor by itself.
        usual = 0.1 * math.log(scaling.factor) + 1 if scaling.factor > 1 else 1.0
        if scaling.attention_factor != usual:
            fields[Keys.Rope.SCALING_ATTN_FACTOR] = float32(scaling.attention_factor / usual)
        return fields
    return {}


def _windows(spec: DecoderSpec) -> dict[str, Field]:
    if spec.architecture not in WINDOW_KEY:
        return {}
    fields = {Keys.Attention.SLIDING_WINDOW: uint32(spec.window.size if spec.window else 0)}
    if spec.window and spec.window.rope_theta is not None:
        fields[Keys.Rope.FREQ_BASE_SWA] = float32(spec.window.rope_theta)
    return fields


def _experts(spec: DecoderSpec) -> dict[str, Field]:
    if spec.experts is None:
        return {}
    return {
        Keys.LLM.EXPERT_COUNT: uint32(spec.experts.count),
        Keys.LLM.EXPERT_USED_COUNT: uint32(spec.experts.used),
        Keys.LLM.EXPERT_FEED_FORWARD_LENGTH: uint32(spec.experts.feed_forward_size),
    }
