"""GGUF: metadata, a table of tensors, their bytes; versions 2 and 3, little-endian.

The reader accepts what llama.cpp's own does (``gguf_init_from_reader`` in ``ggml/src/gguf.cpp``) and nothing else:
unique names, four dimensions at most, tensors one after another without gap or overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gguf.constants import GGUFValueType as ValueType

from edgedocs.containers.gguf_fields import (
    ALIGNMENT_KEY,
    DEFAULT_ALIGNMENT,
    MAGIC,
    TENSOR_TYPES,
    VERSION,
    Cursor,
    Field,
)
from edgedocs.containers.mapping import REMEDY, Bytes, file_size, map_bytes
from edgedocs.core.errors import BadInput

LONGEST_TENSOR_NAME = 63
"""Bytes; ``GGML_MAX_NAME`` less the final zero."""
MOST_DIMENSIONS = 4
LARGEST_ALIGNMENT = 2**20
"""Bytes; far above what is in use, and little enough to write as padding."""
SMALLEST_FIELD = 8 + 1 + 4 + 1
SMALLEST_TENSOR = 8 + 4 + 4 + 8


def is_gguf(path: Path) -> bool:
    """Whether ``path`` is a file that starts as GGUF does, or is called so."""
    if not path.is_file():
        return False
    if path.suffix.lower() == ".gguf":
        return True
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


@dataclass(frozen=True)
class GGUFTensor:
    """A tensor in a GGUF file, read when it is asked for.

    Attributes:
        path: the file.
        name: the tensor's name.
        type: ggml's name for its type, for example ``"Q4_0"``.
        shape: its dimensions, rows first as in NumPy (the file has them the other way round).
        offset: where its bytes start in the file.
        nbytes: how many bytes it takes.
    """

    path: Path
    name: str
    type: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int

    @property
    def data(self) -> Bytes:
        """The stored bytes, uint8 ``[..., bytes a row]``, a read-only view of the mapped file."""
        kind = TENSOR_TYPES[self.type]
        row = self.shape[-1] // kind.block_size * kind.block_bytes if self.shape else self.nbytes
        return map_bytes(self.path, self.offset, self.nbytes).reshape(*self.shape[:-1], row)


class GGUFFile:
    """A GGUF file whose header has been checked.

    Attributes:
        path: the file.
        version: 2 or 3; they differ in nothing that little-endian files show.
        fields: the metadata with its types, in the file's order.
        tensors: the tensors by name, in the file's order.
        parts: the files; several if the model is split (see :func:`edgedocs.containers.gguf_split.open_gguf`).
    """

    def __init__(
        self,
        path: Path,
        version: int,
        fields: dict[str, Field],
        tensors: dict[str, GGUFTensor],
        parts: tuple[Path, ...] = (),
    ) -> None:
        self.path = path
        self.version = version
        self.fields = fields
        self.tensors = tensors
        self.parts = parts or (path,)

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata as plain values: numbers, truth values, texts, lists of those."""
        return {key: field.value for key, field in self.fields.items()}

    @classmethod
    def open(cls, path: str | Path) -> GGUFFile:
        """Read and check the header; the tensors stay on disk.

        Raises:
            BadInput: if the file is missing, cut off, or its header cannot be true; the message names the byte.
            CannotRun: if the file cannot be read.
        """
        path = Path(path)
        size = file_size(path)
        cursor = Cursor(map_bytes(path, 0, size).data, path)
        version = _version(cursor)
        tensor_count = cursor.count("tensors", SMALLEST_TENSOR)
        fields = _fields(cursor, cursor.count("metadata fields", SMALLEST_FIELD))
        alignment = _alignment(cursor, fields)
        tensors: dict[str, GGUFTensor] = {}
        position = 0
        for _ in range(tensor_count):
            tensor = _tensor(cursor, tensors, position)
            tensors[tensor.name] = tensor
            position += -(-tensor.nbytes // alignment) * alignment
        start = -(-cursor.position // alignment) * alignment
        return cls(path, version, fields, _placed(tensors, start, size))


def _version(cursor: Cursor) -> int:
    magic = bytes(cursor.take(4, "the magic"))
    if magic != MAGIC:
        raise cursor.bad(f"starts with {magic!r}", f"{MAGIC!r}, as a GGUF file", 0)
    version = cursor.uint32("the version")
    if version not in (2, VERSION):
        kind = "a big-endian file" if version & 0xFFFF == 0 else f"version {version}"
        raise BadInput(
            f"{kind} of GGUF",
            where=f"{cursor.path}, byte 4",
            expected="version 2 or 3, little-endian",
            remedy="convert the model again with a current converter",
        )
    return version


def _fields(cursor: Cursor, count: int) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for _ in range(count):
        start = cursor.position
        key = cursor.text("a metadata key")
        if not key or key in fields:
            raise cursor.bad(f"metadata key {key!r} occurs twice" if key else "an empty metadata key", None, start)
        fields[key] = cursor.field(key)
    return fields


def _alignment(cursor: Cursor, fields: dict[str, Field]) -> int:
    field = fields.get(ALIGNMENT_KEY)
    if field is None:
        return DEFAULT_ALIGNMENT
    value = field.value
    is_number = field.type == ValueType.UINT32 and isinstance(value, int)
    if not is_number or value.bit_count() != 1 or value > LARGEST_ALIGNMENT:
        raise cursor.bad(f"{ALIGNMENT_KEY} is {str(value)[:40]}", "a power of two up to 2**20, as a 32-bit number")
    return int(value)


def _tensor(cursor: Cursor, before: dict[str, GGUFTensor], position: int) -> GGUFTensor:
    """The next entry of the tensor table, its offset still counted from the start of the tensors' bytes."""
    start = cursor.position
    name = cursor.text("a tensor name")
    if len(name.encode()) > LONGEST_TENSOR_NAME or name in before:
        problem = "occurs twice" if name in before else "is too long"
        raise cursor.bad(
            f"tensor name {name[:80]!r} {problem}", f"a new name of up to {LONGEST_TENSOR_NAME} bytes", start
        )
    shape = _shape(cursor, name)
    kind = cursor.tensor_type(name)
    row = shape[-1] if shape else 1
    if row % kind.block_size:
        raise cursor.bad(f"tensor {name!r} has rows of {row}", f"a multiple of {kind.block_size}, as {kind.name}")
    # An empty tensor's other dimensions are bounded too, since no array could have them.
    if math.prod(size or 1 for size in shape) * kind.block_bytes >= 2**63:
        raise cursor.bad(f"tensor {name!r} has the shape {list(shape)}", "fewer than 2**63 bytes", start)
    nbytes = math.prod(shape) // kind.block_size * kind.block_bytes
    offset = cursor.uint64(f"the offset of tensor {name!r}")
    if offset != position:
        raise cursor.bad(
            f"tensor {name!r} is said to start at {offset}",
            f"{position}, right after the one before",
            cursor.position - 8,
        )
    return GGUFTensor(cursor.path, name, kind.name, shape, offset, nbytes)


def _shape(cursor: Cursor, name: str) -> tuple[int, ...]:
    start = cursor.position
    count = cursor.uint32(f"the number of dimensions of tensor {name!r}")
    if count > MOST_DIMENSIONS:
        raise cursor.bad(f"tensor {name!r} has {count} dimensions", f"at most {MOST_DIMENSIONS}", start)
    return tuple(reversed([cursor.uint64(f"a dimension of tensor {name!r}") for _ in range(count)]))


def _placed(tensors: dict[str, GGUFTensor], start: int, size: int) -> dict[str, GGUFTensor]:
    """The tensors with their offsets in the file; raises if one ends beyond it."""
    placed = {}
    for tensor in tensors.values():
        offset = start + tensor.offset
        if offset + tensor.nbytes > size:
            raise BadInput(
                f"tensor {tensor.name!r} ends at byte {offset + tensor.nbytes}, the file at {size}",
                where=tensor.path,
                expected="every tensor within the file",
                remedy=REMEDY,
            )
        placed[tensor.name] = GGUFTensor(tensor.path, tensor.name, tensor.type, tensor.shape, offset, tensor.nbytes)
    return placed
