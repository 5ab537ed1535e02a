"""Packing: how the codes of a super-block of 256 weights share bytes, the same in several formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Codes

_SHIFTS = np.arange(8, dtype=np.uint8)[:, np.newaxis]


def pack_quarters(codes: Codes) -> Codes:
    """2-bit codes ``[m, 256]`` as ``[m, 64]``: byte ``j`` of a half has four, 32 apart."""
    quarters = codes.reshape(-1, 2, 4, 32)
    packed: Codes = quarters[:, :, 0] | quarters[:, :, 1] << 2 | quarters[:, :, 2] << 4 | quarters[:, :, 3] << 6
    packed.shape = (-1, 64)
    return packed


def unpack_quarters(packed: Codes) -> Codes:
    """What :func:`pack_quarters` packed, ``[m, 256]``."""
    halves = np.ascontiguousarray(packed).reshape(-1, 2, 1, 32)
    return (halves >> (2 * _SHIFTS[:4]) & 3).reshape(-1, 256)


def pack_halves(codes: Codes) -> Codes:
    """4-bit codes ``[m, 256]`` as ``[m, 128]``: byte ``j`` of a quarter has weights ``j`` and ``j + 32``."""
    pairs = codes.reshape(-1, 4, 2, 32)
    packed: Codes = (pairs[:, :, 0] | pairs[:, :, 1] << 4).reshape(-1, 128)
    return packed


def unpack_halves(packed: Codes) -> Codes:
    """What :func:`pack_halves` packed, ``[m, 256]``."""
    quarters = np.ascontiguousarray(packed).reshape(-1, 4, 1, 32)
    return np.concatenate([quarters & 0x0F, quarters >> 4], axis=2).reshape(-1, 256)


def pack_bits(bits: NDArray[np.bool_] | Codes) -> Codes:
    """Single bits ``[m, 256]`` as ``[m, 32]``: bit ``k`` of byte ``j`` is that of weight ``32 * k + j``."""
    eight_at_a_time = np.ascontiguousarray(bits).reshape(-1, 8, 32).view(np.uint64)
    packed = eight_at_a_time[:, 7].copy()
    for place in range(6, -1, -1):
        packed <<= np.uint64(1)  # no byte has more bits than it has room for
        packed |= eight_at_a_time[:, place]
    return packed.view(np.uint8)


def unpack_bits(packed: Codes) -> Codes:
    """What :func:`pack_bits` packed, 0 or 1, ``[m, 256]``."""
    return (np.ascontiguousarray(packed).reshape(-1, 1, 32) >> _SHIFTS & 1).reshape(-1, 256)


def pack_scales_and_minimums(scales: Codes, minimums: Codes) -> Codes:
    """Eight 6-bit scales and eight 6-bit minimums ``[m, 8]`` as ``[m, 12]``, as Q4_K and Q5_K have them."""
    packed = np.empty((len(scales), 12), np.uint8)
    packed[:, :4] = scales[:, :4] | scales[:, 4:] >> 4 << 6
    packed[:, 4:8] = minimums[:, :4] | minimums[:, 4:] >> 4 << 6
    packed[:, 8:] = scales[:, 4:] & 0x0F | (minimums[:, 4:] & 0x0F) << 4
    return packed


def unpack_scales_and_minimums(packed: Codes) -> tuple[Codes, Codes]:
    """What :func:`pack_scales_and_minimums` packed (``get_scale_min_k4``)."""
    scales, minimums, lower = packed[:, :4], packed[:, 4:8], packed[:, 8:]
    return (
        np.concatenate([scales & 63, lower & 0x0F | scales >> 6 << 4], axis=1),
        np.concatenate([minimums & 63, lower >> 4 | minimums >> 6 << 4], axis=1),
    )
