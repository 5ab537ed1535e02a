"""The wire format of protocol buffers, read within bounds: https://protobuf.dev/programming-guides/encoding/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgedocs.core.errors import BadInput

REMEDY = "check that the download is complete"
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


class Message:
    """A message whose fields are read one after another.

    Args:
        data: its bytes.
        path: the file, for error messages.
        start: where it starts in the file.
    """

    def __init__(self, data: memoryview, path: Path, start: int = 0) -> None:
        self.data = data
        self.path = path
        self.start = start

    def fields(self) -> Iterator[tuple[int, int | Message]]:
        """Number and value of each field: a whole number, or the bytes of a text, a message or a float.

        Raises:
            BadInput: if a field reaches beyond the message, or is of a kind that the format has not.
        """
        data, position, end = self.data, 0, len(self.data)
        while position < end:
            begin = position
            tag, position = self._varint(position)
            number, kind = tag >> 3, tag & 7
            if kind == VARINT:
                value, position = self._varint(position)
                yield number, value
                continue
            if kind == LENGTH:
                size, position = self._varint(position)
            elif kind in (FIXED32, FIXED64):
                size = 4 if kind == FIXED32 else 8
            else:
                raise self.bad(f"field {number} is of the unknown kind {kind}", "0, 1, 2 or 5", begin)
            if size > end - position:
                raise self.bad(f"field {number} takes {size} bytes", f"at most {end - position}", begin)
            yield number, Message(data[position : position + size], self.path, self.start + position)
            position += size

    def bad(self, what: str, expected: str | None = None, at: int = 0) -> BadInput:
        """The error for something at byte ``at`` of the message."""
        return BadInput(what, where=f"{self.path}, byte {self.start + at}", expected=expected, remedy=REMEDY)

    def text(self, noun: str) -> str:
        """The message's bytes as text.

        Raises:
            BadInput: if they are not UTF-8.
        """
        try:
            return str(self.data, "utf-8")
        except UnicodeDecodeError as error:
            raise self.bad(f"{noun} is not UTF-8", "UTF-8 text", error.start) from error

    def _varint(self, position: int) -> tuple[int, int]:
        """A whole number of up to 64 bits, seven to a byte, and where the next thing starts."""
        value = 0
        for shift in range(0, 70, 7):
            if position >= len(self.data):
                raise self.bad("a number is cut off", at=position)
            byte = self.data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & (2**64 - 1), position
        raise self.bad("a number of more than ten bytes", "at most ten", position - 10)
