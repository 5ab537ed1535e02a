"""Screening: which codecs can have made a part of a text, quickly, so that most texts are read by none."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from edgedocs.translation.repair.codecs import Codec, MultiByte, SingleByte, codecs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.repair.codecs import Run

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]{2,}")
_EAST_ASIAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff61-\uff9f]")
"""What the lead bytes of UTF-8 are in encodings with two bytes a character."""


def possible(text: str) -> tuple[Codec, ...]:
    """The codecs in which some part of a text may be a whole UTF-8 sequence; no other has a run in it."""
    if text.isascii():
        return ()
    found: list[Codec] = []
    if _any_beginning().search(text):
        mask = 0
        for run in {*_BEYOND_ASCII.findall(text)}:
            mask |= _sequences_in(run)
        found += [codec for number, codec in _single_byte() if mask >> number & 1]
    if _EAST_ASIAN.search(text):
        found += _multi_byte()
    return tuple(found)


def runs(text: str) -> Iterator[Run]:
    """The runs in a text of all codecs with one byte a character."""
    if not _any_beginning().search(text):
        return
    for match in _BEYOND_ASCII.finditer(text):
        mask = _sequences_in(match[0])
        if mask:
            start = match.start()
            for number, codec in _single_byte():
                if mask >> number & 1:
                    for run in codec.runs(match[0]):
                        yield replace(run, start=run.start + start, end=run.end + start)


@lru_cache(maxsize=65536)
def _sequences_in(run: str) -> int:
    """One bit for each codec in which there is a sequence among characters beyond ASCII that stand in a row.

    No sequence has other characters, so those of a text are those of its runs, and most runs stand there often.
    """
    tails, leads = _tables()
    mask = 0
    for lead, tail in pairwise(run):
        if lead in leads and tail in tails:
            mask |= leads[lead] & tails[tail]
    if not mask:
        return 0
    return sum(1 << number for number, codec in _single_byte() if mask >> number & 1 and codec.sequence.search(run))


@cache
def _multi_byte() -> tuple[Codec, ...]:
    return tuple(codec for codec in codecs() if isinstance(codec, MultiByte))


@cache
def _single_byte() -> tuple[tuple[int, SingleByte], ...]:
    return tuple((number, codec) for number, codec in enumerate(codecs()) if isinstance(codec, SingleByte))


@cache
def _any_beginning() -> re.Pattern[str]:
    tails, leads = ("".join(map(re.escape, table)) for table in _tables())
    return re.compile(f"[{leads}][{tails}]")


@cache
def _tables() -> tuple[dict[str, int], dict[str, int]]:
    """For each character, one bit for each codec in which it continues a sequence; and in which it starts one."""
    tails: dict[str, int] = {}
    leads: dict[str, int] = {}
    for number, codec in _single_byte():
        for byte in (*range(0x80, 0xC0), *range(0xC2, 0xF5)):
            if character := codec.meaning(byte):
                table = tails if byte < 0xC0 else leads
                table[character] = table.get(character, 0) | 1 << number
    return tails, leads
