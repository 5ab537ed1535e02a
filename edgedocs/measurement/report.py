"""Report: everything that is measured of one model, as JSON-ready data."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from edgedocs import runners
from edgedocs.artifact import size_of
from edgedocs.checkpoint import Checkpoint
from edgedocs.core import files
from edgedocs.core.progress import Progress
from edgedocs.core.provenance import provenance
from edgedocs.inspection import Inspection, inspect
from edgedocs.measurement.perplexity import perplexity
from edgedocs.runners.sources import Source, locate


def measure(
    source: Source,
    text: str | Path,
    backend: str | None = None,
    context: int | None = None,
    windows: int | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Measure a model on a text.

    Args:
        source: an artifact, a checkpoint, the path of one, or ``"tiny"``.
        text: the text, or the path of a UTF-8 file.
        backend: the runner's name; None takes the first that loads the model.
        context: tokens a window; see :func:`~edgedocs.measurement.perplexity.perplexity`.
        windows: measure only so many windows from the start.
        progress: called with the windows done and the windows in all.
        options: what the runner can be told.

    Returns:
        ``perplexity`` with ``perplexity_low`` and ``perplexity_high`` (the 95 % bootstrap interval; null if the text
        fills fewer than two windows), ``tokens`` predicted, ``windows``, ``context``; ``bits_per_weight``,
        ``size_bytes`` and ``types`` of what is stored; ``backend`` and the ``precision`` it computed in; ``text``'s
        hash; ``provenance``.

    Raises:
        BadInput: if the model, the text or an option cannot be right.
        CannotRun: if the runner is missing or fails.
    """
    path = locate(source)
    if isinstance(text, Path):
        text = files.read_text(text)
    found = inspect(path)
    with runners.load(path, backend=backend, **options) as runner:
        measured = perplexity(runner, text, context=context, windows=windows, progress=progress)
        return {
            "model": path.name,
            "format": found.format,
            "backend": runner.name,
            "precision": dict(runner.precision),
            "perplexity": measured.value,
            "perplexity_low": measured.low,
            "perplexity_high": measured.high,
            "tokens": measured.tokens,
            "windows": measured.windows,
            "context": measured.context,
            "bits_per_weight": found.bits_per_weight,
            "size_bytes": _size(found),
            "types": {name: weights for name, _, weights, _ in found.by_type()},
            "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "provenance": provenance("numpy", runner.distribution),
        }


def _size(found: Inspection) -> int:
    """Bytes of the model's file or files; of a checkpoint, of its weights' files."""
    if found.format != "checkpoint":
        return size_of(found.path)
    weights = {tensor.path for tensor in Checkpoint.open(found.path).tensors.values()}
    return sum(path.stat().st_size for path in weights)
