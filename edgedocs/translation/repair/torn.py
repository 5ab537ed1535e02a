"""Torn characters: a reader dropped or replaced bytes of them; which, the encoding sometimes says."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from edgedocs.translation.repair.codecs import LOST
from edgedocs.translation.repair.evidence import possible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.repair.codecs import SingleByte

_MOST_MISSING = 1
"""Bytes of one character; with more of them missing, a letter that was never damaged is likelier."""


def candidates(codec: SingleByte, torn: str) -> tuple[str, ...]:
    """The characters that can have become ``torn``; none if it is no torn character, one if the encoding forces it.

    Args:
        codec: what the text was read in; bytes without a meaning in it were dropped, or replaced by U+FFFD.
        torn: the first byte's character with those of the bytes that are left.
    """
    first = codec.byte(torn[0])
    if first is None or not codec.dropped:
        return ()
    length = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    known = [None if character == LOST else codec.byte(character) for character in torn]
    missing = length - len(known)
    replaced = known.count(None)
    if missing < 0 or not 0 < missing + replaced <= _MOST_MISSING:
        return ()
    return tuple(sorted(set(_characters(codec.dropped, known, missing))))


def _characters(dropped: tuple[int, ...], known: list[int | None], missing: int) -> Iterator[str]:
    places = range(1, len(known) + 1) if missing else (0,)
    for place in places:
        pattern = [*known[:place], None, *known[place:]] if missing else known
        gaps = [index for index, byte in enumerate(pattern) if byte is None]
        for values in product(dropped, repeat=len(gaps)):
            data = bytearray(byte or 0 for byte in pattern)
            for index, value in zip(gaps, values, strict=True):
                data[index] = value
            try:
                character = data.decode("utf-8")
            except UnicodeDecodeError:
                continue
            if len(character) == 1 and possible(character):
                yield character
