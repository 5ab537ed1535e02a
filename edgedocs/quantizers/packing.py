"""Packing: how the codes of a super-block of 256 weights share bytes, the same in several formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Codes

_SHIFTS = np.arange(8, dtype=np.uint8)[:, np.newaxis]

_EVERY_TWO_BYTES = np.arange(1 << 16, dtype=np.uint16).view(np.uint8)

ValueTables = tuple["NDArray[np.uint16]", "NDArray[np.uint16]"]
"""For any two bytes the two int8 values of their lower halves, and of their upper halves."""


def contiguous(field: Codes) -> Codes:
    """A field of blocks, bytes ``[m, k]``, as an array without gaps.

    Rows are copied as items of ``k`` bytes, which is far faster than to copy byte after byte.
    """
    rows = np.ascontiguousarray(field.view(f"V{field.shape[1]}"))
    return rows.view(np.uint8)


def side_by_side(parts: Sequence[Codes], width: int) -> Codes:
    """Rows of ``width`` bytes from each of the parts in turn, ``[m, width * parts]``; all parts without gaps."""
    rows = [part.reshape(-1, width).view(f"V{width}")[:, 0] for part in parts]
    joined = np.empty((len(rows[0]), len(rows)), rows[0].dtype)
    for place, row in enumerate(rows):
        joined[:, place] = row
    return joined.view(np.uint8)


def value_tables(values: NDArray[np.int8]) -> ValueTables:
    """The tables for :func:`unpack_values`, where code ``c`` stands for ``values[c]``; there are 16."""
    return values[_EVERY_TWO_BYTES & 0x0F].view(np.uint16), values[_EVERY_TWO_BYTES >> 4].view(np.uint16)


def unpack_values(packed: Codes, tables: ValueTables, width: int) -> NDArray[np.int8]:
    """What the codes in ``packed`` ``[m, n]`` stand for: of each ``width`` bytes the lower halves, then the upper."""
    index = contiguous(packed).reshape(-1).view(np.uint16).astype(np.intp)
    parts = [table.take(index, mode="clip").view(np.uint8) for table in tables]
    return side_by_side(parts, width).view(np.int8)


def pack_quarters(codes: Codes) -> Codes:
    """2-bit codes ``[m, 256]`` as ``[m, 64]``: byte ``j`` of a half has four, 32 apart."""
    quarters = codes.reshape(-1, 2, 4, 32)
    packed: Codes = quarters[:, :, 0] | quarters[:, :, 1] << 2 | quarters[:, :, 2] << 4 | quarters[:, :, 3] << 6
    packed.shape = (-1, 64)
    return packed


def unpack_quarters(packed: Codes) -> Codes:
    """What :func:`pack_quarters` packed, ``[m, 256]``."""
    bits = contiguous(packed)
    return side_by_side([bits & 3, bits >> 2 & 3, bits >> 4 & 3, bits >> 6], 32).reshape(-1, 256)


def pack_halves(codes: Codes) -> Codes:
    """4-bit codes ``[m, 256]`` as ``[m, 128]``: byte ``j`` of a quarter has weights ``j`` and ``j + 32``."""
    pairs = codes.reshape(-1, 4, 2, 32)
    packed: Codes = (pairs[:, :, 0] | pairs[:, :, 1] << 4).reshape(-1, 128)
    return packed


def unpack_halves(packed: Codes) -> Codes:
    """What :func:`pack_halves` packed, ``[m, 256]``."""
    pairs = contiguous(packed)
    return side_by_side([pairs & 0x0F, pairs >> 4], 32).reshape(-1, 256)


def pack_bits(bits: NDArray[np.bool_] | Codes) -> Codes:
    """Single bits ``[m, 256]`` as ``[m, 32]``: bit ``k`` of byte ``j`` is that of weight ``32 * k + j``."""
    eight_at_a_time = np.ascontiguousarray(bits).reshape(-1, 8, 32).view(np.uint64)
    packed = eight_at_a_time[:, 7].copy()
    for place in range(6, -1, -1):
        packed <<= np.uint64(1)  # no byte has more bits than it has room for
        packed |= eight_at_a_time[:, place]
    return packed.view(np.uint8)


def unpack_bits(packed: Codes, worth: int = 1) -> Codes:
    """What :func:`pack_bits` packed, 0 or ``worth``, a power of two, ``[m, 256]``."""
    bits = contiguous(packed)
    at = worth.bit_length() - 1
    parts = [bits >> (place - at) if place > at else bits << (at - place) for place in range(8)]
    for part in parts:
        part &= worth
    return side_by_side(parts, 32)


def pack_scales_and_minimums(scales: Codes, minimums: Codes) -> Codes:
    """Eight 6-bit scales and eight 6-bit minimums ``[m, 8]`` as ``[m, 12]``, as Q4_K and Q5_K have them."""
    packed = np.empty((len(scales), 12), np.uint8)
    packed[:, :4] = scales[:, :4] | scales[:, 4:] >> 4 << 6
    packed[:, 4:8] = minimums[:, :4] | minimums[:, 4:] >> 4 << 6
    packed[:, 8:] = scales[:, 4:] & 0x0F | (minimums[:, 4:] & 0x0F) << 4
    return packed


def unpack_scales_and_minimums(packed: Codes) -> tuple[Codes, Codes]:
    """What :func:`pack_scales_and_minimums` packed (``get_scale_min_k4``)."""
    # Four bytes are one number here; what goes over from one to the next is cut off.
    words = contiguous(packed).view(np.uint32)
    scales, minimums, lower = words[:, 0], words[:, 1], words[:, 2]
    codes = np.empty((2, len(words), 2), np.uint32)
    codes[0, :, 0] = scales & 0x3F3F3F3F
    codes[0, :, 1] = lower & 0x0F0F0F0F | scales >> 2 & 0x30303030
    codes[1, :, 0] = minimums & 0x3F3F3F3F
    codes[1, :, 1] = lower >> 4 & 0x0F0F0F0F | minimums >> 2 & 0x30303030
    return codes[0].view(np.uint8), codes[1].view(np.uint8)
