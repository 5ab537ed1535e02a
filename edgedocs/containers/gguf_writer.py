"""Writing GGUF: the header first, then one tensor after another, so that one is in memory at a time.

The file appears under its name when it is complete. The same content gives the same bytes: no date, no path.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
from edgedocs.core.files import atomic_writer
from edgedocs.core.progress import Progress


@dataclass(frozen=True)
class PlannedTensor:
    """A tensor to write.

    Attributes:
        name: its name in the file.
        type: ggml's name for its type, for example ``"Q4_0"``.
        shape: its dimensions, rows first; a row is a multiple of the type's block size.
        encode: gives its bytes, uint8 in any shape; called once, when its turn comes.
    """

    name: str
    type: str
    shape: tuple[int, ...]
    encode: Callable[[], Bytes]

    @property
    def nbytes(self) -> int:
        """The bytes that the tensor takes, without padding."""
        kind = TENSOR_TYPES[self.type]
        return math.prod(self.shape) // kind.block_size * kind.block_bytes


def write_gguf(
    path: Path, fields: Mapping[str, Field], tensors: Sequence[PlannedTensor], progress: Progress | None = None
) -> None:
    """Write a GGUF file of version 3, whole or not at all.

    Args:
        path: the file; what it held before stays until the new one is complete.
        fields: the metadata, written in this order.
        tensors: the tensors, written in this order.
        progress: told the tensors' bytes written so far and in all.

    Raises:
        CannotRun: if the folder is missing or cannot be written to.
    """
    alignment = fields[ALIGNMENT_KEY].value if ALIGNMENT_KEY in fields else DEFAULT_ALIGNMENT
    total = sum(tensor.nbytes for tensor in tensors)
    done = 0
    with atomic_writer(path) as stream:
        header = _header(fields, tensors, alignment)
        stream.write(header + bytes(-len(header) % alignment))
        for tensor in tensors:
            data = tensor.encode()
            if data.nbytes != tensor.nbytes:
                raise ValueError(f"{tensor.name} gave {data.nbytes} bytes instead of {tensor.nbytes}")
            stream.write(data.data if data.flags.c_contiguous else data.tobytes())
            stream.write(bytes(-tensor.nbytes % alignment))
            done += tensor.nbytes
            if progress is not None:
                progress(done, total)


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
