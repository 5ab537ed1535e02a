"""What IQ3_XXS and IQ3_S have in common: a point for 4 weights, a byte of signs for 8, a scale for 32."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from edgedocs.quantizers import codebooks

if TYPE_CHECKING:
    from edgedocs.quantizers.base import Codes, Weights

SUB_BLOCKS = 8
"""Sub-blocks of a super-block."""

SUB_BLOCK_SIZE = 32

LARGEST_SUB_SCALE = 15

LARGEST_POINT = np.float32(15)
"""What the greatest code is worth in the searches: ``2 * 7 + 1``."""

SIGN_BYTES = 4
"""Bytes of signs for a sub-block."""


def by_signs(values: Weights) -> Weights:
    """Super-blocks ``[m, 256]`` as the weights that share a byte of signs, ``[8, 4, sub-blocks]``."""
    return codebooks.by_group(values, 8, SIGN_BYTES)


def by_point(values: Weights) -> Weights:
    """What :func:`by_signs` gave as the weights that share a point, ``[4, 8, sub-blocks]``."""
    halves = values.reshape(2, 4, SIGN_BYTES, -1).transpose(1, 2, 0, 3)
    return np.ascontiguousarray(halves).reshape(4, 2 * SIGN_BYTES, -1)


@cache
def _signed_points(name: str) -> Weights:
    """For each four sign bits the points of the grid with these signs, ``[16 * n, 4]`` float32."""
    points = codebooks.decoded_points(name)
    return (codebooks.signs()[:16, np.newaxis, :4] * points).reshape(-1, 4)


def write(name: str, places: Codes, signs: Codes, steps: Weights, weights: Weights) -> None:
    """Decode super-blocks.

    Args:
        name: the format, whose grid it is.
        places: ``[m, 64]``, places on the grid.
        signs: ``[m, 32]`` uint8.
        steps: ``[m, 8]``, what a point is worth.
        weights: ``[m, 256]``, written.
    """
    table = _signed_points(name)
    rows = places.astype(np.intp)
    rows[:, ::2] += (signs & 0x0F) * np.intp(len(table) // 16)
    rows[:, 1::2] += (signs >> 4) * np.intp(len(table) // 16)
    table.take(rows, axis=0, mode="clip", out=weights.reshape(-1, 64, 4))
    parts = weights.reshape(-1, SUB_BLOCKS, SUB_BLOCK_SIZE)
    parts *= steps[:, :, np.newaxis]
    lost = np.isnan(steps[:, 0])
    if lost.any():
        # In ggml's compiled code what is not a number changes its sign too; a multiplication leaves that.
        turned = weights[lost]
        codebooks.turn_signs(turned, codebooks.signs(), signs[lost])
        weights[lost] = turned
