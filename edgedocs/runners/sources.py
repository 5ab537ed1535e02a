"""What a runner can be given: an artifact, a checkpoint, their paths, or ``"tiny"``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgedocs.artifact import Artifact
from edgedocs.checkpoint import SHIPPED, Checkpoint
from edgedocs.containers.safetensors import is_mlx
from edgedocs.core.errors import BadInput

Source = str | Path | Checkpoint | Artifact


def locate(source: Source) -> Path:
    """The file or folder that ``source`` means.

    Raises:
        BadInput: if there is none.
    """
    if isinstance(source, Checkpoint | Artifact):
        return source.path
    if source == SHIPPED:
        return Checkpoint.open(SHIPPED).path
    path = Path(source)
    if not path.exists():
        raise BadInput("no such model", where=path, expected=f"a model's file or folder, or {SHIPPED!r}")
    return path


def is_checkpoint(path: Path) -> bool:
    """Whether ``path`` is a folder of safetensors weights in the Hugging Face layout; MLX's own layout is another."""
    found = any((path / name).is_file() for name in ("model.safetensors", "model.safetensors.index.json"))
    return found and not is_mlx(path)


@contextmanager
def converted(checkpoint: Path, to: str, type_name: str) -> Iterator[Path]:
    """A checkpoint's conversion in a temporary folder, removed when the block ends."""
    from edgedocs import converters

    with tempfile.TemporaryDirectory(prefix="edgedocs-") as folder:
        target = Path(folder) / f"{checkpoint.resolve().name}.{to}"
        yield converters.convert(checkpoint, target, to=to, type=type_name).path
