"""Small random models of every family: what they are, and the logits that transformers computed for them.

A family's folder holds ``config.json`` as transformers wrote it, ``reference.json`` with the shapes of the tensors and
where all comes from, and ``reference.npz`` with a text's tokens and the logits at some of its places. The weights are
made again from a seed, so they are not stored. :mod:`tests.reference.make_families` makes it all.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from tests.reference.weights import Weights, digest, make_weights

FOLDER = Path(__file__).parent
TOKENIZER = FOLDER.parent / "llama-random"
SEED = 20261128
VOCABULARY = 384


@dataclass(frozen=True)
class Family:
    """A small random model.

    Attributes:
        name: the folder's name.
        model: transformers' class.
        config: its configuration's class.
        settings: what is given to it, beside :data:`SIZES`.
        changes: for each feature of the family, how ``config.json`` would be without it; a reader that did not know it
            would compute what the model with this change does.
        refused: the same for what llama.cpp would compute as the model without it, so that it must be refused.
        length: how many tokens the text has.
        norm: the middle of the weights of norms.
        embedding: the largest number in an embedding.
        damped: what makes the feed-forward networks say less, see :func:`tests.reference.weights.make_weights`:
            llama.cpp looks GELU up in a table of float16, and the rest is as exact as float32.
        has_gelu: whether logits are recorded with such a GELU too.
    """

    name: str
    model: str
    config: str
    settings: dict[str, Any]
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, dict[str, Any]] = field(default_factory=dict)
    length: int = 160
    norm: float = 1.0
    embedding: float = 1.0
    damped: tuple[str, float] | None = None
    has_gelu: bool = False

    def weights(self, shapes: dict[str, tuple[int, ...]]) -> Weights:
        """The weights for tensors of these shapes, the same at each call."""
        return make_weights(shapes, SEED, self.norm, self.embedding, self.damped)

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return FOLDER / self.name

    @property
    def all_settings(self) -> dict[str, Any]:
        """What transformers' configuration is given."""
        if "text_config" in self.settings:
            return self.settings | {"text_config": SIZES | self.settings["text_config"]}
        return SIZES | self.settings

    @property
    def record(self) -> dict[str, Any]:
        """``reference.json``."""
        document: dict[str, Any] = json.loads((self.folder / "reference.json").read_text(encoding="utf-8"))
        return document

    def recorded(self, *, table: bool = False) -> tuple[list[int], np.ndarray, np.ndarray]:
        """The tokens, the places and the logits there, float32 [places, vocabulary].

        With ``table``, the logits of the model whose GELU is rounded to float16 as llama.cpp's is.
        """
        with np.load(self.folder / "reference.npz") as file:
            return file["tokens"].tolist(), file["places"], file["logits_by_table" if table else "logits"]

    def write(self, folder: Path, change: dict[str, Any] | None = None) -> Path:
        """Write the checkpoint, with another ``config.json`` if a change is given."""
        folder.mkdir(exist_ok=True)
        config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        (folder / "config.json").write_text(json.dumps(config | (change or {})), encoding="utf-8")
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copyfile(TOKENIZER / name, folder / name)
        record = self.record
        weights = self.weights({name: tuple(shape) for name, shape in record["tensors"].items()})
        assert digest(weights) == record["weights_sha256"]
        safetensors.numpy.save_file(weights, folder / "model.safetensors")
        return folder


SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 160,
    "rms_norm_eps": 1e-3,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "pad_token_id": None,
}
"""What all have in common, unless their settings say otherwise: rows that K-quants divide, an uncommon epsilon."""

PLAIN = {"rope_type": "default", "rope_theta": 20000.0}
LLAMA3 = PLAIN | {
    "rope_type": "llama3",
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
YARN = PLAIN | {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 40}
PHI3_ROTARY: dict[str, Any] = PLAIN | {
    "rope_type": "longrope",
    "partial_rotary_factor": 0.75,
    "long_factor": [1.0 + 0.25 * place for place in range(24)],
    "short_factor": [1.0 + 0.02 * place for place in range(24)],
    "original_max_position_embeddings": 256,
}
PHI3: dict[str, Any] = {
    "max_position_embeddings": 512,
    "original_max_position_embeddings": 256,
    "rope_parameters": PHI3_ROTARY,
}
GEMMA3_ROTARY: dict[str, Any] = {
    "full_attention": PLAIN | {"rope_type": "linear", "factor": 4.0},
    "sliding_attention": {"rope_type": "default", "rope_theta": 500.0},
}

FAMILIES = {
    family.name: family
    for family in (
        Family(
            "llama-llama3",
            "LlamaForCausalLM",
            "LlamaConfig",
            {"head_dim": 32, "tie_word_embeddings": True, "rope_parameters": LLAMA3},
            {"rope scaling": {"rope_parameters": PLAIN}},
        ),
        Family(
            "llama-linear",
            "LlamaForCausalLM",
            "LlamaConfig",
            {
                "attention_bias": True,
                "mlp_bias": True,
                "rope_parameters": PLAIN | {"rope_type": "linear", "factor": 3.0},
            },
            {"rope scaling": {"rope_parameters": PLAIN}},
        ),
        Family(
            "llama-yarn",
            "LlamaForCausalLM",
            "LlamaConfig",
            {"rope_parameters": YARN | {"attention_factor": 1.3}},
            {
                "rope scaling": {"rope_parameters": PLAIN},
                "attention factor": {"rope_parameters": YARN},
                "ramp": {"rope_parameters": PLAIN | {"rope_type": "linear", "factor": 4.0}},
            },
            {"another ramp": {"rope_parameters": YARN | {"attention_factor": 1.3, "beta_slow": 0.25}}},
        ),
        Family(
            "mistral",
            "MistralForCausalLM",
            "MistralConfig",
            {"head_dim": 32, "sliding_window": 96, "rope_parameters": PLAIN},
            {"window": {"sliding_window": None}},
        ),
        Family(
            "qwen2",
            "Qwen2ForCausalLM",
            "Qwen2Config",
            {"tie_word_embeddings": True, "rope_parameters": YARN},
            {"rope scaling": {"rope_parameters": PLAIN}},
        ),
        Family(
            "qwen2-window",
            "Qwen2ForCausalLM",
            "Qwen2Config",
            {"rope_parameters": PLAIN, "use_sliding_window": True, "sliding_window": 96, "max_window_layers": 1},
            {"window": {"use_sliding_window": False, "layer_types": ["full_attention"] * 3}},
        ),
        Family(
            "qwen3",
            "Qwen3ForCausalLM",
            "Qwen3Config",
            {"head_dim": 96, "rope_parameters": PLAIN},
            {"rope base": {"rope_parameters": PLAIN | {"rope_theta": 10000.0}}},
        ),
        Family(
            "phi-long",
            "Phi3ForCausalLM",
            "Phi3Config",
            PHI3 | {"tie_word_embeddings": True},
            {
                "long factors": {"rope_parameters": PHI3_ROTARY | {"long_factor": PHI3_ROTARY["short_factor"]}},
                "rotated part": {"partial_rotary_factor": 1.0, "rope_parameters": PLAIN},
            },
            length=300,
        ),
        Family(
            "phi-short",
            "Phi3ForCausalLM",
            "Phi3Config",
            PHI3 | {"sliding_window": 128},
            {
                "short factors": {"rope_parameters": PHI3_ROTARY | {"short_factor": PHI3_ROTARY["long_factor"]}},
                "window": {"sliding_window": None},
            },
            length=200,
        ),
        Family(
            "gemma2",
            "Gemma2ForCausalLM",
            "Gemma2Config",
            {
                "num_hidden_layers": 4,
                "head_dim": 32,
                "query_pre_attn_scalar": 32,
                "sliding_window": 48,
                "attn_logit_softcapping": 2.0,
                "final_logit_softcapping": 3.0,
                "rope_parameters": PLAIN,
            },
            {
                "window": {"sliding_window": 160},
                "scores squeezed": {"attn_logit_softcapping": 50.0},
                "logits squeezed": {"final_logit_softcapping": 30.0},
                "rope base": {"rope_parameters": PLAIN | {"rope_theta": 500.0}},
            },
            {
                "another scale": {"query_pre_attn_scalar": 64},
                "another pattern": {"layer_types": ["full_attention", "sliding_attention"] * 2},
            },
            norm=0.0,
            embedding=0.0625,
            damped=("post_feedforward_layernorm", -0.95),
        ),
        Family(
            "gemma2-gelu",
            "Gemma2ForCausalLM",
            "Gemma2Config",
            {
                "num_hidden_layers": 1,
                "head_dim": 64,
                "query_pre_attn_scalar": 64,
                "sliding_window": 512,
                "rope_parameters": PLAIN,
            },
            norm=0.0,
            embedding=0.0625,
            has_gelu=True,
        ),
        Family(
            "gemma3",
            "Gemma3ForCausalLM",
            "Gemma3TextConfig",
            {
                "num_hidden_layers": 7,
                "head_dim": 32,
                "query_pre_attn_scalar": 32,
                "sliding_window": 48,
                "rope_parameters": GEMMA3_ROTARY,
            },
            {
                "window": {"sliding_window": 160},
                "base within windows": {
                    "rope_parameters": GEMMA3_ROTARY
                    | {"sliding_attention": {"rope_type": "default", "rope_theta": 20000.0}}
                },
                "rope scaling": {"rope_parameters": GEMMA3_ROTARY | {"full_attention": PLAIN}},
            },
            {
                "another scale": {"query_pre_attn_scalar": 64},
                "another pattern": {"layer_types": ["sliding_attention", "full_attention"] * 3 + ["sliding_attention"]},
            },
            norm=0.0,
            embedding=0.0625,
            damped=("post_feedforward_layernorm", -0.95),
        ),
        Family(
            "gemma3-images",
            "Gemma3ForConditionalGeneration",
            "Gemma3Config",
            {
                "text_config": {"head_dim": 32, "query_pre_attn_scalar": 32, "sliding_window": 48},
                "vision_config": {
                    "hidden_size": 32,
                    "intermediate_size": 32,
                    "num_hidden_layers": 1,
                    "num_attention_heads": 2,
                    "image_size": 28,
                    "patch_size": 14,
                },
                "mm_tokens_per_image": 4,
                "image_token_index": 383,
            },
            norm=0.0,
            embedding=0.0625,
            damped=("post_feedforward_layernorm", -0.95),
        ),
        Family(
            "mixtral",
            "MixtralForCausalLM",
            "MixtralConfig",
            {"num_local_experts": 8, "num_experts_per_tok": 3, "intermediate_size": 256, "rope_parameters": PLAIN},
            {"experts used": {"num_experts_per_tok": 2}},
        ),
        Family(
            "qwen3moe",
            "Qwen3MoeForCausalLM",
            "Qwen3MoeConfig",
            {
                "head_dim": 32,
                "num_experts": 6,
                "num_experts_per_tok": 2,
                "moe_intermediate_size": 256,
                "norm_topk_prob": True,
                "tie_word_embeddings": True,
                "rope_parameters": PLAIN,
            },
            {"experts used": {"num_experts_per_tok": 3}},
            {"weights of experts as they are": {"norm_topk_prob": False}},
        ),
    )
}

ENCODER = Family(
    "bert",
    "BertModel",
    "BertConfig",
    {
        "num_hidden_layers": 2,
        "num_key_value_heads": None,
        "rms_norm_eps": None,
        "layer_norm_eps": 0.05,
        "type_vocab_size": 3,
        "hidden_act": "gelu",
    },
    {"epsilon": {"layer_norm_eps": 1e-12}},
    damped=("output.dense", 0.3),
    has_gelu=True,
)
"""An encoder; what is recorded are the vectors of the tokens, [places, hidden size]."""
