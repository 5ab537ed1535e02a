"""GGUF files put together byte by byte from the format's specification, to hold the reader to, and to lie to it."""

import struct
from dataclasses import dataclass, field

UINT8, INT32, UINT32, BOOL, STRING, ARRAY = 0, 5, 4, 7, 8, 9
F32, Q4_0 = 0, 2


def text(value: str | bytes) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data)) + data


def array(kind: int, count: int, items: bytes) -> bytes:
    return struct.pack("<IIQ", ARRAY, kind, count) + items


def entry(
    name: str | bytes = "x", dims: tuple[int, ...] = (2,), kind: int = F32, offset: int = 0, count: int | None = None
) -> bytes:
    """A row of the tensor table; ``dims`` as the file has them, the row's length first."""
    head = text(name) + struct.pack("<I", len(dims) if count is None else count)
    return head + struct.pack(f"<{len(dims)}Q", *dims) + struct.pack("<IQ", kind, offset)


@dataclass
class GGUFBytes:
    fields: list[bytes] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=lambda: [entry()])
    data: bytes = bytes(32)
    magic: bytes = b"GGUF"
    version: int = 3
    tensor_count: int | None = None
    field_count: int | None = None
    alignment: int = 32

    def build(self) -> bytes:
        tensors = len(self.entries) if self.tensor_count is None else self.tensor_count
        fields = len(self.fields) if self.field_count is None else self.field_count
        head = self.magic + struct.pack("<IQQ", self.version, tensors, fields)
        head += b"".join(self.fields) + b"".join(self.entries)
        return head + bytes(-len(head) % self.alignment) + self.data


def pair(key: str | bytes, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def array_pair(key: str, kind: int, count: int, items: bytes) -> bytes:
    return text(key) + array(kind, count, items)
