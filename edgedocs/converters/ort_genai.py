"""ORT GenAI: a folder that onnxruntime-genai loads, and what is built on it, such as Foundry Local.

It is that of :mod:`edgedocs.converters.onnx`, which ONNX Runtime runs too, and ``genai_config.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgedocs.architectures.base import DecoderSpec
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.layouts import GENAI, ONNX
from edgedocs.converters.onnx import COPIED, Onnx
from edgedocs.converters.onnx_rotary import border
from edgedocs.core.errors import BadInput

TYPES = {
    "gemma2": "gemma2",
    "gemma3": "gemma3_text",
    "llama": "llama",
    "mistral": "mistral",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
}
"""What onnxruntime-genai calls a family, by our name."""
ANY_DECODER = "decoder"
"""What it calls a decoder of which it need not know more."""
NAMES = {
    "inputs": {
        "input_ids": "input_ids",
        "attention_mask": "attention_mask",
        "position_ids": "position_ids",
        "past_key_names": "past_key_values.%d.key",
        "past_value_names": "past_key_values.%d.value",
    },
    "outputs": {
        "logits": "logits",
        "present_key_names": "present.%d.key",
        "present_value_names": "present.%d.value",
    },
}


@dataclass(frozen=True)
class OrtGenai(Onnx):
    """A folder with ``model.onnx``, ``genai_config.json``, the tokenizer and its chat template.

    The options are those of :class:`~edgedocs.converters.onnx.Onnx`.
    """

    name = "ort_genai"
    copied = (*COPIED, "special_tokens_map.json", "added_tokens.json")
    made = (GENAI,)

    def documents(self, checkpoint: Checkpoint) -> Mapping[str, Any]:
        """``genai_config.json``.

        Raises:
            BadInput: if the model does not generate text, or names no token that ends one.
        """
        spec = checkpoint.spec
        if not isinstance(spec, DecoderSpec):
            raise BadInput(
                f"a {spec.architecture} model gives embeddings, and onnxruntime-genai only generates text",
                where=checkpoint.path,
                expected="a decoder",
                remedy="use --to onnx, which ONNX Runtime itself runs",
            )
        if not (checkpoint.path / "tokenizer_config.json").is_file():
            raise BadInput(
                "no tokenizer_config.json, without which onnxruntime-genai reads no tokenizer", where=checkpoint.path
            )
        return {GENAI: {"model": _model(checkpoint, spec), "search": _search(spec)}}


def context_length(spec: DecoderSpec) -> int:
    """Up to where onnxruntime-genai computes right: beyond LongRoPE's border it would go on with the keys of short
    texts.
    """
    return border(spec) or spec.context_length


def _model(checkpoint: Checkpoint, spec: DecoderSpec) -> dict[str, Any]:
    ends = _token(checkpoint, "eos_token_id")
    if not ends:
        raise BadInput(
            "no eos_token_id, the token that ends a text",
            where=checkpoint.path / "config.json",
            expected="a token, or a list of some",
        )
    starts, padding = _token(checkpoint, "bos_token_id"), _token(checkpoint, "pad_token_id")
    return {
        "type": TYPES.get(checkpoint.architecture.name, ANY_DECODER),
        "bos_token_id": starts[0] if starts else ends[0],
        "eos_token_id": ends if len(ends) > 1 else ends[0],
        "pad_token_id": padding[0] if padding else ends[0],
        "context_length": context_length(spec),
        "vocab_size": spec.vocabulary,
        "decoder": {
            "filename": ONNX,
            "head_size": spec.head_size,
            "hidden_size": spec.hidden_size,
            "num_attention_heads": spec.heads,
            "num_key_value_heads": spec.key_value_heads,
            "num_hidden_layers": spec.layers,
            # As the runner of ONNX Runtime sets it: products of int8 weights would overflow on some x86 processors.
            "session_options": {"log_id": "onnxruntime-genai", "session.x64quantprecision": "1"},
            **NAMES,
        },
    }


def _search(spec: DecoderSpec) -> dict[str, Any]:
    # The standard operator Attention takes the past and gives the present: they are not one buffer.
    return {"max_length": context_length(spec), "past_present_share_buffer": False, "do_sample": False}


def _token(checkpoint: Checkpoint, key: str) -> list[int]:
    """A special token, or several: what the settings of generation say counts, then the model's own."""
    inner = checkpoint.config.get("text_config")
    documents = (checkpoint.generation_config, inner if isinstance(inner, dict) else {}, checkpoint.config)
    for document in documents:
        value = document.get(key)
        given = value if isinstance(value, list) else [value]
        if tokens := [one for one in given if isinstance(one, int) and not isinstance(one, bool)]:
            return tokens
    return []


CONVERTER = OrtGenai()
