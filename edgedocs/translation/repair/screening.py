"""Screening: which codecs can have made a part of a text, quickly, so that most texts are read by none."""

from __future__ import annotations

import re
from functools import cache

from edgedocs.translation.repair.codecs import Codec, MultiByte, SingleByte, codecs

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]{2,}")
_EAST_ASIAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff61-\uff9f]")
"""What the lead bytes of UTF-8 are in encodings with two bytes a character."""


def possible(text: str) -> tuple[Codec, ...]:
    """The codecs in which some part of a text may be a whole UTF-8 sequence; no other has a run in it."""
    if text.isascii():
        return ()
    mask = 0
    tails, leads = _tables()
    for match in _BEYOND_ASCII.finditer(text):
        run = match[0]
        for place in range(len(run) - 1):
            found = leads.get(run[place])
            if found is None:
                continue
            following = tails.get(run[place + 1], 0)
            for length in (0, 1, 2):
                if length:
                    following &= tails.get(run[place + 1 + length], 0) if place + 1 + length < len(run) else 0
                if not following:
                    break
                mask |= found[length] & following
    if _EAST_ASIAN.search(text):
        mask |= _multi_byte()
    return tuple(codec for number, codec in enumerate(codecs()) if mask >> number & 1) if mask else ()


@cache
def _multi_byte() -> int:
    return sum(1 << number for number, codec in enumerate(codecs()) if isinstance(codec, MultiByte))


@cache
def _tables() -> tuple[dict[str, int], dict[str, tuple[int, int, int]]]:
    """For each character, one bit for each codec in which it continues a sequence; and starts one of 2, 3, 4 bytes."""
    tails: dict[str, int] = {}
    leads: dict[str, list[int]] = {}
    for number, codec in enumerate(codecs()):
        if not isinstance(codec, SingleByte):
            continue
        for byte in range(0x80, 0xF5):
            character = codec.meaning(byte)
            if not character:
                continue
            if byte < 0xC0:
                tails[character] = tails.get(character, 0) | 1 << number
            elif byte >= 0xC2:
                masks = leads.setdefault(character, [0, 0, 0])
                masks[0 if byte < 0xE0 else 1 if byte < 0xF0 else 2] |= 1 << number
    return tails, {character: (two, three, four) for character, (two, three, four) in leads.items()}
