"""Writing GGUF: the header first, then one tensor after another, so that one is in memory at a time.

The file appears under its name when it is complete. The same content gives the same bytes: no date, no path.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from edgedocs.containers.gguf_fields import (
    ALIGNMENT_KEY,
    DEFAULT_ALIGNMENT,
    MAGIC,
    TENSOR_TYPES,
    VERSION,
    Field,
    encode_text,
)
from edgedocs.containers.mapping import Bytes
from edgedocs.core.files import AtomicFiles
from edgedocs.core.output import Output
from edgedocs.core.progress import Progress
from edgedocs.core.threads import in_order, slices

PIECE = 2**24
"""Bytes written at a time."""


@dataclass(frozen=True)
class PlannedTensor:
    """A tensor to write.

    Attributes:
        name: its name in the file.
        type: ggml's name for its type, for example ``"Q4_0"``.
        shape: its dimensions, rows first; a row is a multiple of the type's block size.
        encode: gives its bytes, uint8 in any shape, as one array or as functions that make the next piece each, which
            several threads call; called once, when its turn comes.
        is_ahead: whether its turn may come while pieces of those before it are still being made, for it holds little
            memory then.
    """

    name: str
    type: str
    shape: tuple[int, ...]
    encode: Callable[[], Bytes | Iterable[Callable[[], Bytes]]]
    is_ahead: bool = False

    @property
    def nbytes(self) -> int:
        """The bytes that the tensor takes, without padding."""
        kind = TENSOR_TYPES[self.type]
        return math.prod(self.shape) // kind.block_size * kind.block_bytes

    def pieces(self) -> Iterable[Callable[[], Bytes]]:
        """What makes its bytes, in order, never many at a time."""
        encoded = self.encode()
        if not isinstance(encoded, np.ndarray):
            return encoded
        flat = _flat(encoded)
        return (partial(_flat, flat[part]) for part in slices(len(flat), PIECE))


def _flat(array: Bytes) -> Bytes:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


@dataclass(frozen=True)
class Part:
    """A file to write.

    Attributes:
        path: the file.
        fields: its metadata, written in this order.
        tensors: its tensors, written in this order.
    """

    path: Path
    fields: Mapping[str, Field]
    tensors: Sequence[PlannedTensor]


def write_gguf(
    path: Path,
    fields: Mapping[str, Field],
    tensors: Sequence[PlannedTensor],
    progress: Progress | None = None,
    threads: int | None = None,
) -> str:
    """Write a GGUF file of version 3, whole or not at all.

    Args:
        path: the file; what it held before stays until the new one is complete.
        fields: the metadata, written in this order.
        tensors: the tensors, written in this order.
        progress: told the tensors' bytes written so far and in all.
        threads: how many encode at a time; by default as many as there are processors to run on.

    Returns:
        The file's SHA-256, in hexadecimal.

    Raises:
        BadInput: if there are no threads.
        ValueError: if a tensor's bytes are not as many as type and shape say, which is a mistake in its ``encode``.
        CannotRun: if the folder is missing or cannot be written to.
    """
    return write_parts([Part(path, fields, tensors)], progress, threads)[path]


def write_parts(parts: Sequence[Part], progress: Progress | None = None, threads: int | None = None) -> dict[Path, str]:
    """Write the files that a model is split into; as :func:`write_gguf`, and they appear together, the first last.

    Returns:
        Each file's SHA-256, in hexadecimal.
    """
    total = sum(tensor.nbytes for part in parts for tensor in part.tensors)
    done = 0

    def report(nbytes: int) -> None:
        nonlocal done
        done += nbytes
        if progress is not None:
            progress(done, total)

    digests = {}
    with AtomicFiles() as files:
        for part in parts:
            with files.open(part.path) as stream, Output(stream) as output:
                _write(part, output, report, threads)
                digests[part.path] = output.finish()
    return digests


def _write(part: Part, output: Output, report: Callable[[int], None], threads: int | None) -> None:
    alignment = part.fields[ALIGNMENT_KEY].value if ALIGNMENT_KEY in part.fields else DEFAULT_ALIGNMENT
    header = _header(part.fields, part.tensors, alignment)
    output.write(header + bytes(-len(header) % alignment))
    with closing(in_order(_tasks(part.tensors), threads)) as pieces:
        for tensor in part.tensors:
            given = 0
            while (piece := next(pieces)) is not None:
                data = _flat(piece).data
                output.write(data)
                report(len(data))
                given += len(data)
            if given != tensor.nbytes:
                raise ValueError(f"{tensor.name} gave {given} bytes instead of {tensor.nbytes}")
            output.write(bytes(-tensor.nbytes % alignment))


def _tasks(tensors: Sequence[PlannedTensor]) -> Iterator[Callable[[], Bytes | None] | None]:
    """What makes the pieces of all tensors, one after another; None instead of a piece after the last of each."""
    for tensor in tensors:
        if not tensor.is_ahead:
            yield None
        yield from tensor.pieces()
        yield _no_piece


def _no_piece() -> None:
    return None


def _header(fields: Mapping[str, Field], tensors: Sequence[PlannedTensor], alignment: int) -> bytes:
    parts = [MAGIC, struct.pack("<IQQ", VERSION, len(tensors), len(fields))]
    for key, field in fields.items():
        parts += [encode_text(key), field.encode()]
    offset = 0
    for tensor in tensors:
        dimensions = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *reversed(tensor.shape))
        parts += [encode_text(tensor.name), dimensions, struct.pack("<IQ", TENSOR_TYPES[tensor.type].code, offset)]
        offset += tensor.nbytes + -tensor.nbytes % alignment
    return b"".join(parts)
