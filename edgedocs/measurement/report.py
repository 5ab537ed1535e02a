"""Report: everything that is measured of one model, as JSON-ready data."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from edgedocs import runners
from edgedocs.artifact import sha256_of, size_of
from edgedocs.checkpoint import Checkpoint
from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.core.provenance import provenance
from edgedocs.inspection import Inspection, inspect
from edgedocs.measurement.scores import LiveReference
from edgedocs.measurement.texts import Texts
from edgedocs.measurement.windows import Method, Windows
from edgedocs.runners.sources import Source, locate


def measure(
    source: Source,
    text: str | Path | Mapping[str, str | Path] | Texts,
    backend: str | None = None,
    context: int | None = None,
    windows: int | None = None,
    progress: Progress | None = None,
    *,
    stride: int | None = None,
    method: Method = "overlapping",
    reference: Source | None = None,
    reference_backend: str | None = None,
    command: str | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Measure a model on a text, or on several.

    Args:
        source: an artifact, a checkpoint, the path of one, or ``"tiny"``.
        text: the text, or the path of a UTF-8 file; or several, by the names of their languages.
        backend: the runner's name; None takes the first that loads the model.
        context: tokens a window; see :func:`~edgedocs.measurement.perplexity.perplexity`.
        windows: measure only so many windows from the start of each text.
        progress: called with the windows done and the windows in all.
        stride: tokens from window to window.
        method: how windows are cut.
        reference: the model that it is compared with; None measures perplexity alone.
        reference_backend: the reference's runner; None takes the first that loads it.
        command: the command that asks for this, for the record.
        options: what the runner can be told.

    Returns:
        What ``schema.json`` beside this module calls ``quality``. ``perplexity`` with ``perplexity_low`` and
        ``perplexity_high`` (the 95 % bootstrap interval; null if the text fills fewer than two windows), the same for
        ``kl_divergence`` and ``top1_agreement`` with a reference, ``tokens`` predicted, ``windows``, ``context``,
        ``stride`` and ``method``; ``bits_per_weight``, ``size_bytes``, ``sha256`` and ``types`` of what is stored;
        ``backend`` and the ``precision`` it computed in; ``text_sha256``, or for several texts ``languages`` with all
        of that for each; ``command`` and ``provenance``.

    Raises:
        BadInput: if the model, the text or an option cannot be right.
        CannotRun: if a runner is missing or fails.
    """
    path = locate(source)
    texts = text if isinstance(text, Texts) else Texts.of(text)
    stored = stored_model(path)
    with ExitStack() as loaded:
        runner = loaded.enter_context(runners.load(path, backend=backend, **options))
        beside, of_reference = None, {}
        if reference is not None:
            other = loaded.enter_context(runners.load(reference, backend=reference_backend))
            texts.check_tokens(runner, other)
            beside, of_reference = LiveReference(other), {"reference": described(other, locate(reference))}
        rule = Windows.of(runner, context, stride, method)
        scores = texts.score(runner, texts.cut(runner, rule, windows), beside, progress)
        return {
            "measurement": "quality",
            **stored,
            "backend": runner.name,
            "precision": dict(runner.precision),
            **scores,
            "context": rule.context,
            "stride": rule.stride,
            "method": rule.method,
            **of_reference,
            "command": command,
            "provenance": provenance("numpy", runner.distribution),
        }


def described(runner: runners.Runner, path: Path) -> dict[str, Any]:
    """Which model is a reference, and what computed it."""
    return {
        "model": path.name or path.resolve().name,
        "sha256": sha256_of(path),
        "backend": runner.name,
        "precision": dict(runner.precision),
    }


def stored_model(path: Path) -> dict[str, Any]:
    """What is stored of a model, measured: its name, format, hash, size, bits a weight, and weights by type.

    Raises:
        BadInput: if there is no model.
    """
    found = inspect(path)
    return {
        "model": path.name or path.resolve().name,
        "format": found.format,
        "sha256": sha256_of(path),
        "size_bytes": _size(found),
        "bits_per_weight": found.bits_per_weight,
        "types": {name: weights for name, _, weights, _ in found.by_type()},
    }


def weights_of(path: Path) -> int:
    """How many weights a model has.

    Raises:
        BadInput: if it has none.
    """
    found = inspect(path).weights
    if not found:
        raise BadInput("the model has no weights", where=path, expected="at least one tensor")
    return found


def _size(found: Inspection) -> int:
    """Bytes of the model's file or files; of a checkpoint, of its weights' files."""
    if found.format != "checkpoint":
        return size_of(found.path)
    weights = {tensor.path for tensor in Checkpoint.open(found.path).tensors.values()}
    return sum(path.stat().st_size for path in weights)
