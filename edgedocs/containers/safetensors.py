"""safetensors: eight bytes of header length, a JSON header, the tensors' bytes without a gap.

The format: https://github.com/huggingface/safetensors#format.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ml_dtypes
import numpy as np

from edgedocs.containers.mapping import REMEDY, file_size, map_bytes
from edgedocs.core.errors import BadInput, CannotRun, EdgeDocsError

LARGEST_HEADER = 100_000_000
"""Bytes; the limit of the safetensors library itself."""
MOST_DIMENSIONS = 32
METADATA = "__metadata__"

DTYPES: Mapping[str, np.dtype[Any]] = MappingProxyType(
    {
        "BOOL": np.dtype("?"),
        "U8": np.dtype("u1"),
        "I8": np.dtype("i1"),
        "U16": np.dtype("<u2"),
        "I16": np.dtype("<i2"),
        "U32": np.dtype("<u4"),
        "I32": np.dtype("<i4"),
        "U64": np.dtype("<u8"),
        "I64": np.dtype("<i8"),
        "F8_E4M3": np.dtype(ml_dtypes.float8_e4m3fn),
        "F8_E5M2": np.dtype(ml_dtypes.float8_e5m2),
        "F16": np.dtype("<f2"),
        "BF16": np.dtype(ml_dtypes.bfloat16),
        "F32": np.dtype("<f4"),
        "F64": np.dtype("<f8"),
    }
)


@dataclass(frozen=True)
class Tensor:
    """A tensor in a safetensors file, read when it is asked for.

    Attributes:
        path: the file.
        name: the tensor's name.
        dtype: the file's name for its type, for example ``"BF16"``.
        shape: its dimensions, rows first.
        offset: where its bytes start in the file.
        nbytes: how many bytes it takes.
    """

    path: Path
    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int

    @property
    def stored_type(self) -> str:
        """The file's name for the type of its bytes, which may be another than that of what is read."""
        return self.dtype

    @property
    def stored_bytes(self) -> int:
        """The bytes that it takes with all that belongs to it."""
        return self.nbytes

    @property
    def is_mapped(self) -> bool:
        """Whether :meth:`array` leaves the weights in the file until they are touched, and makes none in memory."""
        return True

    def array(self) -> np.ndarray[Any, Any]:
        """The tensor in its own type, a read-only view of the mapped file; bfloat16 is ``ml_dtypes.bfloat16``."""
        return map_bytes(self.path, self.offset, self.nbytes).view(DTYPES[self.dtype]).reshape(self.shape)

    def float32(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The tensor as float32; exact for every floating type of at most 32 bits."""
        return self.array().astype(np.float32)


class SafetensorsFile:
    """A safetensors file whose header has been checked.

    Attributes:
        path: the file.
        metadata: the header's own notes, text to text.
        tensors: the tensors by name, in the file's order.
    """

    def __init__(self, path: Path, metadata: dict[str, str], tensors: dict[str, Tensor]) -> None:
        self.path = path
        self.metadata = metadata
        self.tensors = tensors

    @classmethod
    def open(cls, path: str | Path) -> SafetensorsFile:
        """Read and check the header; the tensors stay on disk.

        Raises:
            BadInput: if the file is missing, cut off, or its header cannot be true.
            CannotRun: if the file cannot be read.
        """
        path = Path(path)
        start, header = _header(path)
        metadata = header.pop(METADATA, {})
        if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
            raise _bad(path, f"{METADATA} holds something other than texts", "an object of texts")
        data_size = file_size(path) - start
        tensors = [_tensor(path, name, entry, start, data_size) for name, entry in header.items()]
        _check_layout(path, tensors, start, data_size)
        return cls(path, metadata, {tensor.name: tensor for tensor in tensors})


def _bad(path: Path, what: str, expected: str | None = None) -> BadInput:
    return BadInput(what, where=path, expected=expected, remedy=REMEDY)


def _header(path: Path) -> tuple[int, dict[str, Any]]:
    """Where the tensors' bytes start, and the header's JSON object."""
    size = file_size(path)
    try:
        with path.open("rb") as stream:
            prefix = stream.read(8)
            length = int.from_bytes(prefix, "little")
            if len(prefix) < 8:
                raise _bad(path, f"only {size} bytes long", "at least the 8 bytes of a safetensors header length")
            if length > min(size - 8, LARGEST_HEADER):
                limit = "the file's size" if size - 8 < LARGEST_HEADER else f"{LARGEST_HEADER} bytes"
                raise _bad(path, f"header length {length} at byte 0", f"at most {limit}, as in a safetensors file")
            text = stream.read(length)
    except OSError as error:
        raise CannotRun(f"cannot read: {error.strerror}", where=path) from error
    if not text.startswith(b"{"):
        raise _bad(path, "the header at byte 8 does not start with {", "a safetensors header, a JSON object")
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError as error:
        raise _bad(path, "the header at byte 8 is nested too deeply", "an object of objects") from error
    except ValueError as error:
        raise _bad(path, f"the header at byte 8 is no JSON object: {error}") from error
    return 8 + length, header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object's values; ValueError if a name occurs twice or is no Unicode text (a lone surrogate)."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        name.encode("utf-8")
        if name in values:
            raise ValueError(f"{name!r} occurs twice")
        values[name] = value
    return values


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _tensor(path: Path, name: str, entry: Any, start: int, data_size: int) -> Tensor:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _bad(path, f"the entry of tensor {name!r} is malformed", "dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise BadInput(
            f"tensor {name!r} has dtype {str(dtype)[:40]!r}", where=path, expected=f"one of {', '.join(DTYPES)}"
        )
    if not _sizes(shape) or len(shape) > MOST_DIMENSIONS:
        raise _bad(path, f"the shape of tensor {name!r} is malformed", f"up to {MOST_DIMENSIONS} sizes")
    if not _sizes(offsets) or len(offsets) != 2 or not offsets[0] <= offsets[1] <= data_size:
        raise _bad(
            path,
            f"data_offsets of tensor {name!r} are {str(offsets)[:60]}",
            f"a start and an end within the file's {data_size} bytes of data",
        )
    nbytes = offsets[1] - offsets[0]
    needed = math.prod(shape) * DTYPES[dtype].itemsize
    # NumPy cannot shape an empty array whose other dimensions overflow, so those are bounded too.
    if needed != nbytes or math.prod(size or 1 for size in shape) * DTYPES[dtype].itemsize >= 2**63:
        raise _bad(path, f"tensor {name!r} spans {nbytes} bytes", f"{needed}, from its dtype {dtype} and its shape")
    return Tensor(path, name, dtype, tuple(shape), start + offsets[0], nbytes)


def _sizes(values: Any) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 for value in values
    )


def _check_layout(path: Path, tensors: list[Tensor], start: int, data_size: int) -> None:
    """Raise unless the tensors fill the data without gap or overlap, as the format demands."""
    position = start
    for tensor in sorted(tensors, key=lambda tensor: (tensor.offset, tensor.nbytes)):
        if tensor.offset != position:
            kind = "overlaps the tensor before it" if tensor.offset < position else "leaves a gap before it"
            raise _bad(path, f"tensor {tensor.name!r} {kind}", f"its data to start at byte {position}")
        position += tensor.nbytes
    if position != start + data_size:
        rest = start + data_size - position
        raise _bad(path, f"{rest} bytes after the last tensor belong to none", "tensors to fill the file")


def is_mlx(path: Path) -> bool:
    """Whether ``path`` is a folder whose weights say that they are laid out as MLX has them, as mlx-lm writes it."""
    first = next(iter(sorted(path.glob("model*.safetensors"))), None) if path.is_dir() else None
    if first is None:
        return False
    try:
        notes = _header(first)[1].get(METADATA)
    except EdgeDocsError:
        return False
    return isinstance(notes, dict) and notes.get("format") == "mlx"
