"""Writing safetensors: the header first, then one tensor after another, some bytes at a time."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgedocs.containers.mapping import Bytes
from edgedocs.containers.safetensors import DTYPES, METADATA
from edgedocs.core.output import Output
from edgedocs.core.progress import Progress

PYTORCH, MLX = "pt", "mlx"
"""Whose layout a file says that it has; transformers refuses one that does not say so."""
ALIGNMENT = 8
"""The header is filled up with blanks, so that the tensors begin at a multiple of this."""


@dataclass(frozen=True)
class NewTensor:
    """A tensor to write.

    Attributes:
        name: its name in the file.
        dtype: the file's name for its type, for example ``"BF16"``.
        shape: its dimensions, rows first.
        encode: gives its bytes in order; called once, when its turn comes.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    encode: Callable[[], Iterable[Bytes]]

    @property
    def nbytes(self) -> int:
        """The bytes that it takes."""
        return math.prod(self.shape) * DTYPES[self.dtype].itemsize


def write_safetensors(
    path: Path, tensors: Sequence[NewTensor], progress: Progress | None = None, form: str = PYTORCH
) -> str:
    """Write a safetensors file and flush it to disk. It is not atomic: write it into a folder that is.

    Args:
        path: the file.
        tensors: the tensors, written in this order.
        progress: told the bytes written so far and in all.
        form: whose layout it says that it has.

    Returns:
        The file's SHA-256, in hexadecimal.

    Raises:
        OSError: if it cannot be written.
    """
    total = sum(tensor.nbytes for tensor in tensors)
    done = 0
    with path.open("wb") as stream:
        with Output(stream) as output:
            output.write(_header(tensors, form))
            for tensor in tensors:
                before = done
                for piece in tensor.encode():
                    output.write(np.ascontiguousarray(piece).reshape(-1).data)
                    done += piece.nbytes
                    if progress is not None and piece.nbytes:
                        progress(done, total)
                if done - before != tensor.nbytes:
                    raise ValueError(f"{tensor.name} gave {done - before} bytes instead of {tensor.nbytes}")
            digest = output.finish()
        stream.flush()
        os.fsync(stream.fileno())
    return digest


def _header(tensors: Sequence[NewTensor], form: str) -> bytes:
    entries: dict[str, object] = {METADATA: {"format": form}}
    position = 0
    for tensor in tensors:
        offsets = [position, position + tensor.nbytes]
        entries[tensor.name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": offsets}
        position += tensor.nbytes
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text
