"""The way back from what a GGUF file says of a network to ``config.json``, in the names that most families have.

What a family calls otherwise is the family's matter: :meth:`edgedocs.architectures.base.Architecture.restored`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from gguf.constants import Keys

from edgedocs import architectures
from edgedocs.architectures.base import Architecture
from edgedocs.architectures.rotary import DEFAULT_THETA, llama3_parameters
from edgedocs.containers.gguf import GGUFFile
from edgedocs.converters.tokenizer_from_gguf import IN_CONFIG, special_ids
from edgedocs.core.errors import BadInput

NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "hidden_size": Keys.LLM.EMBEDDING_LENGTH,
        "intermediate_size": Keys.LLM.FEED_FORWARD_LENGTH,
        "num_hidden_layers": Keys.LLM.BLOCK_COUNT,
        "num_attention_heads": Keys.Attention.HEAD_COUNT,
        "num_key_value_heads": Keys.Attention.HEAD_COUNT_KV,
        "head_dim": Keys.Attention.KEY_LENGTH,
        "max_position_embeddings": Keys.LLM.CONTEXT_LENGTH,
        "rms_norm_eps": Keys.Attention.LAYERNORM_RMS_EPS,
        "layer_norm_eps": Keys.Attention.LAYERNORM_EPS,
        "rope_theta": Keys.Rope.FREQ_BASE,
        "rope_local_base_freq": Keys.Rope.FREQ_BASE_SWA,
        "sliding_window": Keys.Attention.SLIDING_WINDOW,
        "attn_logit_softcapping": Keys.LLM.ATTN_LOGIT_SOFTCAPPING,
        "final_logit_softcapping": Keys.LLM.FINAL_LOGIT_SOFTCAPPING,
        "num_experts": Keys.LLM.EXPERT_COUNT,
        "num_experts_per_tok": Keys.LLM.EXPERT_USED_COUNT,
        "moe_intermediate_size": Keys.LLM.EXPERT_FEED_FORWARD_LENGTH,
        "type_vocab_size": Keys.Tokenizer.TOKEN_TYPE_COUNT,
        "vocab_size": Keys.LLM.VOCAB_SIZE,
    }
)
"""Keys of ``config.json`` and of GGUF."""
BIASES: Mapping[str, str] = MappingProxyType({"attention_bias": "blk.0.attn_q.bias", "mlp_bias": "blk.0.ffn_down.bias"})
"""Keys of ``config.json``, and the tensor whose presence answers each."""
EMBEDDING, OUTPUT = "token_embd.weight", "output.weight"
FREQUENCIES, LONG, SHORT = "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"


def restored_config(file: GGUFFile) -> tuple[Architecture, dict[str, Any]]:
    """The family, and ``config.json`` from what the file says and, where it says nothing, what llama.cpp takes for it.

    Raises:
        BadInput: if the architecture is none that can be turned back, or its rotary positions are not understood.
    """
    metadata = file.metadata
    name = metadata.get(Keys.General.ARCHITECTURE)
    found: dict[str, Any] = {}
    for key, pattern in NUMBERS.items():
        value = metadata.get(pattern.format(arch=name))
        if value is not None:
            found[key] = decimal(value) if isinstance(value, float) else value
    if found.get("sliding_window") == 0:
        found["sliding_window"] = None
    embedding = file.tensors.get(EMBEDDING)
    if "vocab_size" not in found and embedding is not None and embedding.shape:
        found["vocab_size"] = embedding.shape[0]
    found["tie_word_embeddings"] = OUTPUT not in file.tensors
    found |= {key: True for key, tensor in BIASES.items() if tensor in file.tensors}
    architecture = architectures.for_gguf(found, name, file.path)
    found |= _rotary(file, found, str(name))
    # What is left out would be taken for transformers' default, which can be a token that the model has not got.
    absent = dict.fromkeys(f"{kind}_token_id" for kind in IN_CONFIG)
    return architecture, architecture.restored(found) | absent | special_ids(file)


def decimal(value: float) -> float:
    """The shortest decimal number that float32 rounds to ``value``, as people write it."""
    return float(str(np.float32(value)))


def _rotary(file: GGUFFile, found: Mapping[str, Any], name: str) -> dict[str, Any]:
    """How much of a head is rotated, and how the frequencies are scaled: in the names that transformers has had before
    version 5, which that reads too."""
    values: dict[str, Any] = {}
    rotated, head = file.metadata.get(Keys.Rope.DIMENSION_COUNT.format(arch=name)), found.get("head_dim")
    if isinstance(rotated, int) and isinstance(head, int) and 0 < rotated < head:
        share = rotated / head
        values["partial_rotary_factor"] = share if int(head * share) == rotated else (rotated + 0.5) / head
    said = {
        key: file.metadata.get(pattern.format(arch=name))
        for key, pattern in (
            ("rope_type", Keys.Rope.SCALING_TYPE),
            ("factor", Keys.Rope.SCALING_FACTOR),
            ("original_max_position_embeddings", Keys.Rope.SCALING_ORIG_CTX_LEN),
            ("attention_factor", Keys.Rope.SCALING_ATTN_FACTOR),
        )
    }
    scaling = {key: decimal(one) if isinstance(one, float) else one for key, one in said.items() if one is not None}
    if LONG in file.tensors and SHORT in file.tensors:
        original = scaling.pop("original_max_position_embeddings", None)
        scaling |= {"rope_type": "longrope", "long_factor": _values(file, LONG), "short_factor": _values(file, SHORT)}
        values["original_max_position_embeddings"] = original
    elif FREQUENCIES in file.tensors:
        scaling |= _llama3(file, float(found.get("rope_theta", DEFAULT_THETA)))
    elif scaling.get("rope_type") == "yarn" and "attention_factor" in scaling:
        factor = scaling.get("factor", 1.0)
        scaling["attention_factor"] *= 0.1 * math.log(factor) + 1 if factor > 1 else 1.0
    return values | {"rope_scaling": scaling} if scaling else values


def _values(file: GGUFFile, name: str) -> list[float]:
    """The numbers of a tensor in float32."""
    tensor = file.tensors[name]
    if tensor.type != "F32":
        raise BadInput(f"tensor {name!r} is {tensor.type}", where=file.path, expected="F32")
    return [decimal(float(one)) for one in tensor.data.view(np.float32).reshape(-1)]


def _llama3(file: GGUFFile, theta: float) -> dict[str, Any]:
    divisors = tuple(float(one) for one in file.tensors[FREQUENCIES].data.view(np.float32).reshape(-1))
    found = llama3_parameters(divisors, theta) if file.tensors[FREQUENCIES].type == "F32" else None
    if found is None:
        raise BadInput(
            f"tensor {FREQUENCIES!r} scales rotary frequencies in no way that is known",
            where=file.path,
            expected="what Llama 3 has, of which config.json tells the parameters",
            remedy="use the checkpoint that the file was made from",
        )
    return found
