"""``config.json`` for mlx-lm: the names that it reads, which are those of transformers before version 5."""

from __future__ import annotations

import math
from typing import Any

from edgedocs.architectures.base import DecoderSpec
from edgedocs.checkpoint import Checkpoint
from edgedocs.core.errors import BadInput

CODE = frozenset({"auto_map", "model_file"})
"""Keys that name Python code to run; nothing of that is carried on."""
TYPE, BASE = "rope_type", "rope_theta"


WITH_WINDOWS = ("gemma3", "gemma3_text")
"""Kinds of models in which mlx-lm computes sliding windows, in all layers but each sixth."""
PATTERN = 6


def mlx_config(checkpoint: Checkpoint, spec: DecoderSpec) -> dict[str, Any]:
    """The checkpoint's configuration, with what mlx-lm wants to be called otherwise added under that name.

    Where mlx-lm does not know a window, the context ends where the window would begin to matter.

    Raises:
        BadInput: if mlx-lm would compute another model than the one that the configuration describes.
    """
    _check_rotary(checkpoint, spec)
    config = {key: value for key, value in checkpoint.config.items() if key not in CODE}
    text = config.get("text_config")
    inner = text if isinstance(text, dict) else config
    changed = inner | _older_names(inner, spec) | _windows(checkpoint, spec)
    return config | {"text_config": changed, "vocab_size": spec.vocabulary} if isinstance(text, dict) else changed


def _check_rotary(checkpoint: Checkpoint, spec: DecoderSpec) -> None:
    scaling = spec.rotary_scaling
    if scaling is None or scaling.kind not in ("yarn", "longrope"):
        return
    if scaling.kind == "longrope" and scaling.divisors != scaling.short_divisors:
        raise _refused(checkpoint, "longrope with other factors for short texts, where mlx-lm takes the long ones too")
    usual = 0.1 * math.log(scaling.factor) + 1
    if scaling.kind == "longrope":
        stretched = max(1.0, spec.context_length / scaling.original_context)
        usual = math.sqrt(1 + math.log(stretched) / math.log(scaling.original_context))
    if not math.isclose(scaling.attention_factor, usual, rel_tol=1e-6):
        raise _refused(checkpoint, f"an attention factor of {scaling.attention_factor}, where mlx-lm has {usual:.6g}")


def _windows(checkpoint: Checkpoint, spec: DecoderSpec) -> dict[str, Any]:
    window = spec.window
    if window is None:
        return {}
    if checkpoint.config.get("model_type") not in WITH_WINDOWS:
        if spec.rotary_scaling is not None and spec.rotary_scaling.kind == "longrope":
            raise _refused(checkpoint, "longrope and a window, which mlx-lm does not know")
        bounded = min(spec.context_length, window.size)
        return {"sliding_window": None, "layer_types": None, "max_position_embeddings": bounded}
    if window.layers != tuple((layer + 1) % PATTERN != 0 for layer in range(spec.layers)) or spec.layers < PATTERN:
        raise _refused(checkpoint, f"layers without a window that are not each {PATTERN}th, as mlx-lm has it")
    return {"sliding_window_pattern": PATTERN}


def _refused(checkpoint: Checkpoint, what: str) -> BadInput:
    return BadInput(
        f"the model has {what}",
        where=checkpoint.path / "config.json",
        expected="a model that mlx-lm computes as it was trained",
        remedy="convert it to GGUF, which llama.cpp runs",
    )


def _older_names(config: dict[str, Any], spec: DecoderSpec) -> dict[str, Any]:
    names: dict[str, Any] = {"head_dim": spec.head_size, **_rotary(config.get("rope_parameters") or {})}
    if spec.experts is not None:
        names["num_experts"] = spec.experts.count
    return names


def _rotary(parameters: dict[str, Any]) -> dict[str, Any]:
    """What ``rope_parameters`` says, in the names from before there was such a key."""
    if "full_attention" in parameters:
        local = parameters.get("sliding_attention") or {}
        names = _rotary(parameters["full_attention"])
        return names | ({"rope_local_base_freq": local[BASE]} if BASE in local else {})
    names = {key: parameters[key] for key in (BASE, "partial_rotary_factor") if key in parameters}
    kind = parameters.get(TYPE, "default")
    if kind != "default":
        scaling = {key: value for key, value in parameters.items() if key != BASE}
        names["rope_scaling"] = scaling | {"type": kind}
    return names
