"""The weights of a QDQ model for QNN: codes with their scales and zero points; what the graph computes with is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from edgedocs.inspection.tensors import TensorSummary, add_bytes, without

CODES, BELONGING = "_quantized", ("_quantized", "_scale", "_zero_point")
COPY, COPIED = ".transposed", ".weight"
"""How the name of embeddings ends that are stored again for the output, and how that of the embeddings does."""


def weights_of(initializers: Iterable[TensorSummary]) -> tuple[TensorSummary, ...]:
    """The weights among a graph's constants, by the names that they have in the checkpoint, which have dots."""
    given = list(initializers)
    codes = {one.name.removesuffix(CODES): one for one in given if one.name.endswith(CODES) and "." in one.name}
    found = {name: replace(one, name=name) for name, one in codes.items() if not _original(name, codes)}
    for one in given:
        name = without(one.name, BELONGING)
        weight = _original(name, codes) or name
        if weight in found and one is not codes[weight]:
            add_bytes(found, weight, one.size_bytes)
    return tuple(found.values())


def _original(name: str, codes: dict[str, TensorSummary]) -> str | None:
    """The weight that is stored a second time under ``name``; None if it is no copy."""
    weight = name.removesuffix(COPY) + COPIED
    return weight if name.endswith(COPY) and weight in codes else None
