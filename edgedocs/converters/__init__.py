"""Converters: from a checkpoint to a file that a runtime loads.

A converter is one module with a ``CONVERTER``; see :mod:`edgedocs.converters.base` for what it provides.
"""

from __future__ import annotations

from pathlib import Path

from edgedocs.artifact import Artifact
from edgedocs.checkpoint import Checkpoint
from edgedocs.converters.base import Converter
from edgedocs.core.progress import Progress
from edgedocs.core.registry import Registry

registry: Registry[Converter] = Registry(
    "converter",
    __name__,
    "CONVERTER",
    helpers=frozenset(
        {
            "base",
            "chat_templates",
            "front_matter",
            "gguf_metadata",
            "gguf_plan",
            "gguf_source",
            "gguf_tokenizer",
            "model_card",
            "sampling",
        }
    ),
)


def convert(
    source: str | Path | Checkpoint,
    target: str | Path,
    to: str = "gguf",
    type: str | None = None,  # noqa: A002 - the word that every tool of the field uses
    progress: Progress | None = None,
) -> Artifact:
    """Convert a checkpoint.

    Args:
        source: a checkpoint, its folder, or ``"tiny"``.
        target: the file or folder to write; it appears when it is complete, and replaces what was there.
        to: the format, the name of a converter: ``"gguf"``, ``"onnx"``.
        type: the precision, one of the converter's types; by default the converter's own.
        progress: called with how much is done and how much there is in all.

    Returns:
        What was written; a manifest lies beside it.

    Raises:
        BadInput: if the source, the format or the type cannot be right.
        CannotRun: if the target cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> convert("tiny", folder / "tiny.gguf", type="f16").recipe
        'f16'
    """
    converter = registry.get(to)
    type_name = converter.checked_type(type)
    checkpoint = source if isinstance(source, Checkpoint) else Checkpoint.open(source)
    return converter.convert(checkpoint, Path(target), type_name, progress)
