"""The weights of an MLX folder: packed codes count as the weights they hold, with the bytes of scales and biases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgedocs.core.errors import BadInput
from edgedocs.inspection.tensors import TensorSummary

CODES, BELONGING = ".weight", (".scales", ".biases")
WORD_BITS = 32
"""Codes are packed into words of so many bits."""
MOST_BITS = 8


def weights_of(stored: Iterable[TensorSummary], config: Mapping[str, Any], folder: Path) -> tuple[TensorSummary, ...]:
    """The weights, each with what belongs to it.

    Args:
        stored: the tensors of the files.
        config: the folder's ``config.json``, whose entry ``quantization`` says how tensors are packed; it may hold
            other settings for some of them, by name.
        folder: for error messages.

    Raises:
        BadInput: if a packed tensor has no number of bits.
    """
    tensors = {one.name: one for one in stored}
    settings = config.get("quantization", {})
    found: dict[str, TensorSummary] = {}
    for name, one in tensors.items():
        base = next((name.removesuffix(end) + CODES for end in BELONGING if name.endswith(end)), name)
        if base != name and base in tensors:
            continue
        scales = tensors.get(name.removesuffix(CODES) + BELONGING[0])
        found[name] = one if scales is None or not name.endswith(CODES) else _packed(one, tensors, settings, folder)
    return tuple(found.values())


def _packed(one: TensorSummary, tensors: Mapping[str, TensorSummary], settings: Any, folder: Path) -> TensorSummary:
    base = one.name.removesuffix(CODES)
    own = settings.get(base, settings) if isinstance(settings, dict) else {}
    bits = own.get("bits") if isinstance(own, dict) else None
    if not isinstance(bits, int) or not 1 <= bits <= MOST_BITS or not one.shape:
        raise BadInput(
            f"tensor {one.name!r} is packed, and nothing says with how many bits",
            where=folder / "config.json",
            expected=f"quantization with bits from 1 to {MOST_BITS}",
        )
    size = one.size_bytes + sum(tensors[base + end].size_bytes for end in BELONGING if base + end in tensors)
    mode = str(own.get("mode", "affine"))
    kind = f"AFFINE{bits}" if mode == "affine" else mode.upper()
    return replace(one, type=kind, shape=(*one.shape[:-1], one.shape[-1] * WORD_BITS // bits), size_bytes=size)
