"""Model families: what ``config.json`` says about a decoder, and how its tensors are called in each format.

A family is one module with an ``ARCHITECTURE``; see :mod:`edgedocs.architectures.base` for what it provides.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.architectures.base import Architecture
from edgedocs.architectures.config import short
from edgedocs.core.errors import BadInput
from edgedocs.core.registry import Registry

registry: Registry[Architecture] = Registry(
    "architecture",
    __name__,
    "ARCHITECTURE",
    helpers=frozenset({"base", "config", "decoder", "rotary", "spec"}),
)


def for_config(config: Mapping[str, Any], where: str | Path = "config.json") -> Architecture:
    """The architecture that a Hugging Face ``config.json`` names in its ``model_type``.

    Args:
        config: the document.
        where: the file it came from, for messages.

    Raises:
        BadInput: if ``model_type`` is missing or no architecture here has it.
    """
    model_type = config.get("model_type")
    known: list[str] = []
    for architecture in registry:
        if model_type in architecture.model_types:
            return architecture
        known += architecture.model_types
    raise BadInput(
        "no model_type" if model_type is None else f"unknown model_type {short(model_type)}",
        where=where,
        expected=f"one of {', '.join(sorted(known))}",
        remedy=f"use a checkpoint of a family listed, or add the file {_missing_module(model_type)}",
    )


def for_gguf(found: Mapping[str, Any], name: object, where: str | Path) -> Architecture:
    """The architecture that a GGUF file comes back as.

    Args:
        found: what it says of the network, as :meth:`Architecture.restored` takes it.
        name: its ``general.architecture``.
        where: the file, for messages.

    Raises:
        BadInput: if there is none.
    """
    for architecture in registry:
        if architecture.gguf == name and architecture.restores(found):
            return architecture
    known = {architecture.gguf for architecture in registry if architecture.gguf}
    raise BadInput(
        f"the architecture {str(name)[:40]!r} is not turned back into a checkpoint",
        where=where,
        expected=f"one of {', '.join(sorted(known))}",
        remedy="use the checkpoint that the file was made from",
    )


def _missing_module(model_type: object) -> str:
    """The file that would make a family known."""
    named = isinstance(model_type, str) and model_type.isidentifier() and len(model_type) <= 40
    return f"edgedocs/architectures/{model_type if named else 'NAME'}.py"
