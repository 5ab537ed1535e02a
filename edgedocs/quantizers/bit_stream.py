"""Codes of fewer than eight bits, one after the other without gaps: the first in the lowest bits of the first byte.

ONNX's int4 and int2, MatMulNBits and MLX all pack so. Codes whose bits do not divide 8 cross from a byte to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edgedocs.quantizers.base import Codes


def pack(codes: Codes, bits: int) -> Codes:
    """The lowest ``bits`` bits of uint8 ``[..., n]`` as uint8 ``[..., ceil(n * bits / 8)]``; unused bits are 0."""
    stream = np.unpackbits(codes[..., np.newaxis], axis=-1, count=bits, bitorder="little")
    return np.packbits(stream.reshape(*codes.shape[:-1], codes.shape[-1] * bits), axis=-1, bitorder="little")


def unpack(packed: Codes, bits: int, count: int) -> Codes:
    """The first ``count`` codes of each row of what :func:`pack` packed, uint8 ``[..., count]``."""
    stream = np.unpackbits(packed, axis=-1, count=count * bits, bitorder="little")
    codes = stream.reshape(*packed.shape[:-1], count, bits)
    unpacked: Codes = np.packbits(codes, axis=-1, bitorder="little")[..., 0]
    return unpacked


def size(count: int, bits: int) -> int:
    """How many bytes ``count`` codes take."""
    return -(-count * bits // 8)
