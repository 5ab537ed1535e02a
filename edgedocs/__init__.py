"""EdgeDocs: a handbook on models for edge devices whose every example runs, and the library that it calls.

A guided tour of the library, by noun:

* :class:`Checkpoint` — trained weights with their configuration and tokenizer: ``Checkpoint.open("tiny")``.
* :mod:`edgedocs.quantizers` — block formats: ``edgedocs.quantizers.get("q4_0")``.
* :func:`convert` — a checkpoint into a file that a runtime loads; gives an :class:`Artifact`.
* :func:`load` — an artifact into a :class:`Runner`, which tokenizes, predicts and generates.
* :mod:`edgedocs.measurement` — perplexity and size, with intervals.

Names are imported when first used, so ``import edgedocs`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgedocs import measurement, quantizers
    from edgedocs.artifact import Artifact
    from edgedocs.checkpoint import Checkpoint
    from edgedocs.converters import convert
    from edgedocs.core.errors import BadInput, CannotRun, EdgeDocsError
    from edgedocs.runners import load
    from edgedocs.runners.base import Runner

__all__ = [
    "Artifact",
    "BadInput",
    "CannotRun",
    "Checkpoint",
    "EdgeDocsError",
    "Runner",
    "convert",
    "load",
    "measurement",
    "quantizers",
]

_HOMES = {
    "Artifact": "edgedocs.artifact",
    "BadInput": "edgedocs.core.errors",
    "CannotRun": "edgedocs.core.errors",
    "Checkpoint": "edgedocs.checkpoint",
    "EdgeDocsError": "edgedocs.core.errors",
    "Runner": "edgedocs.runners.base",
    "convert": "edgedocs.converters",
    "load": "edgedocs.runners",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in __all__:
        return importlib.import_module(f"edgedocs.{name}")
    raise AttributeError(f"module 'edgedocs' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
