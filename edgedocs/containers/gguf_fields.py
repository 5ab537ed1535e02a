"""GGUF's vocabulary: typed metadata fields, tensor types and their sizes, read within bounds and written.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.constants import GGUFValueType as ValueType

from edgedocs.containers.mapping import REMEDY
from edgedocs.core.errors import BadInput

MAGIC = b"GGUF"
VERSION = 3
DEFAULT_ALIGNMENT = 32
ALIGNMENT_KEY = "general.alignment"
LARGEST_METADATA = 256 * 2**20
"""Bytes before the tensors; the largest vocabularies in use take a tenth of that. It bounds what a file can make us
hold, since a stored byte becomes an object of several."""


@dataclass(frozen=True)
class TensorType:
    """How GGUF stores a tensor's numbers.

    Attributes:
        name: ggml's name, for example ``"Q4_0"``.
        code: ggml's number for it.
        block_size: how many numbers of a row share a block; 1 for plain types.
        block_bytes: bytes a block.
    """

    name: str
    code: int
    block_size: int
    block_bytes: int


_CORRECTIONS = (TensorType("Q2_0", 42, 64, 18), TensorType("Q8_1", 9, 32, 36))
"""What the package gguf lacks (0.19: Q2_0) or has otherwise than ggml (Q8_1, which holds sums as float16)."""

TENSOR_TYPES: Mapping[str, TensorType] = MappingProxyType(
    {
        **{kind.name: TensorType(kind.name, kind.value, *GGML_QUANT_SIZES[kind]) for kind in GGMLQuantizationType},
        **{one.name: one for one in _CORRECTIONS},
    }
)
_TYPES_BY_CODE = {one.code: one for one in TENSOR_TYPES.values()}

_NUMBERS: Mapping[ValueType, np.dtype[Any]] = MappingProxyType(
    {
        ValueType.UINT8: np.dtype("u1"),
        ValueType.INT8: np.dtype("i1"),
        ValueType.UINT16: np.dtype("<u2"),
        ValueType.INT16: np.dtype("<i2"),
        ValueType.UINT32: np.dtype("<u4"),
        ValueType.INT32: np.dtype("<i4"),
        ValueType.FLOAT32: np.dtype("<f4"),
        ValueType.BOOL: np.dtype("u1"),
        ValueType.UINT64: np.dtype("<u8"),
        ValueType.INT64: np.dtype("<i8"),
        ValueType.FLOAT64: np.dtype("<f8"),
    }
)


@dataclass(frozen=True)
class Field:
    """A metadata value with the type it has in the file.

    Attributes:
        type: the value's type, or for an array its items'.
        value: a number, a truth value, a text, or a list of those for an array.
    """

    type: ValueType
    value: Any

    def encode(self) -> bytes:
        """The field as the file has it, from its type on."""
        if not isinstance(self.value, list):
            return struct.pack("<I", self.type) + _encode_items(self.type, [self.value])
        head = struct.pack("<IIQ", ValueType.ARRAY, self.type, len(self.value))
        return head + _encode_items(self.type, self.value)


def text(value: str | list[str]) -> Field:
    """A text, or a list of texts."""
    return Field(ValueType.STRING, value)


def uint32(value: int) -> Field:
    """A whole number, as GGUF stores sizes and token ids."""
    return Field(ValueType.UINT32, value)


def float32(value: float) -> Field:
    """A number, rounded to float32."""
    return Field(ValueType.FLOAT32, value)


def boolean(value: bool) -> Field:
    """A truth value."""
    return Field(ValueType.BOOL, value)


def encode_text(value: str) -> bytes:
    """A length and UTF-8, as GGUF stores every text."""
    data = value.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def _encode_items(kind: ValueType, values: list[Any]) -> bytes:
    if kind == ValueType.STRING:
        return b"".join(map(encode_text, values))
    return np.array(values, _NUMBERS[kind]).tobytes()


class Cursor:
    """Reads a GGUF header from its start; no step passes the end of the data.

    Args:
        data: the file's bytes.
        path: the file, for messages.
    """

    def __init__(self, data: memoryview, path: Path) -> None:
        self.data = data
        self.path = path
        self.position = 0
        self.end = min(len(data), LARGEST_METADATA)

    def bad(self, what: str, expected: str | None = None, at: int | None = None) -> BadInput:
        """The error for something at byte ``at``, by default the next one."""
        where = f"{self.path}, byte {self.position if at is None else at}"
        return BadInput(what, where=where, expected=expected, remedy=REMEDY)

    def take(self, nbytes: int, noun: str) -> memoryview:
        """The next bytes."""
        if nbytes > self.end - self.position:
            limit = "the file ends" if self.end == len(self.data) else "the metadata may end"
            raise self.bad(f"{noun} takes {nbytes} bytes", f"at most {self.end - self.position}, where {limit}")
        start = self.position
        self.position += nbytes
        return self.data[start : self.position]

    def uint32(self, noun: str) -> int:
        """A 32-bit whole number."""
        return int.from_bytes(self.take(4, noun), "little")

    def uint64(self, noun: str) -> int:
        """A 64-bit whole number."""
        return int.from_bytes(self.take(8, noun), "little")

    def count(self, noun: str, smallest: int) -> int:
        """A number of things that follow, each of at least ``smallest`` bytes, so that it can be checked at once."""
        start = self.position
        count = self.uint64(f"the number of {noun}")
        if count * smallest > self.end - self.position:
            raise self.bad(f"{count} {noun}", f"no more than the {self.end - self.position} bytes left hold", start)
        return count

    def text(self, noun: str) -> str:
        """A length and as many bytes of UTF-8."""
        length = self.uint64(f"the length of {noun}")
        start = self.position
        data = self.take(length, noun)
        try:
            return str(data, "utf-8")
        except UnicodeDecodeError as error:
            raise self.bad(f"{noun} is not UTF-8", "UTF-8 text", start + error.start) from error

    def field(self, key: str) -> Field:
        """The type and value of a metadata field."""
        kind = self._value_type(key)
        if kind != ValueType.ARRAY:
            return Field(kind, self._items(kind, 1, key)[0])
        kind = self._value_type(key)
        if kind == ValueType.ARRAY:
            raise self.bad(f"{key} is an array of arrays", "numbers, truth values or texts", self.position - 4)
        smallest = 8 if kind == ValueType.STRING else _NUMBERS[kind].itemsize
        return Field(kind, self._items(kind, self.count(f"items of {key}", smallest), key))

    def tensor_type(self, name: str) -> TensorType:
        """A tensor's type."""
        code = self.uint32(f"the type of tensor {name!r}")
        if code not in _TYPES_BY_CODE:
            raise self.bad(f"tensor {name!r} has the unknown type {code}", "a type of ggml", self.position - 4)
        return _TYPES_BY_CODE[code]

    def _value_type(self, key: str) -> ValueType:
        code = self.uint32(f"the type of {key}")
        try:
            return ValueType(code)
        except ValueError as error:
            raise self.bad(f"{key} has the unknown type {code}", "0 to 12", self.position - 4) from error

    def _items(self, kind: ValueType, count: int, key: str) -> list[Any]:
        if kind == ValueType.STRING:
            return [self.text(key) for _ in range(count)]
        start = self.position
        items = np.frombuffer(self.take(count * _NUMBERS[kind].itemsize, key), _NUMBERS[kind])
        if kind != ValueType.BOOL:
            return list(items.tolist())
        if count and items.max() > 1:
            raise self.bad(f"{key} holds a truth value of {items.max()}", "0 or 1", start + int(items.argmax()))
        return list(items.astype(bool).tolist())
