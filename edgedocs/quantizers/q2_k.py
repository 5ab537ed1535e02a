"""Q2_K: super-blocks of 256 weights, 16 sub-blocks with 4-bit scale and minimum of their own, 2-bit codes."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import packing, search
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import nearest_int, to_half
from edgedocs.quantizers.super_blocks import WITH_IMPORTANCE, from_importance, largest_positive

SUB_BLOCKS = 16
SUB_BLOCK_SIZE = 16
LARGEST_CODE = 3
LARGEST_SUB_SCALE = 15
STEPS = (-0.5, 0.1, 15)
"""Of the search without importance, whose error is that of magnitudes."""


class Q2_K(Quantizer):  # noqa: N801 - the format's own name
    """2.625 bits a weight: ``weight = scale * sub-scale * code - minimum * sub-minimum``, with codes from 0 to 3.

    ``sub_scales`` has a sub-scale in the lower half of each byte and a sub-minimum in the upper half, ``quarters`` four
    codes to a byte. As ``quantize_row_q2_K_ref``, ``quantize_row_q2_K_impl`` and ``dequantize_row_q2_K`` in
    ggml-quants.c.
    """

    name = "Q2_K"
    block_size = 256
    layout = np.dtype([("sub_scales", "u1", SUB_BLOCKS), ("quarters", "u1", 64), ("scale", "<f2"), ("minimum", "<f2")])
    uses_importance = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        groups = search.groups(weights, SUB_BLOCK_SIZE)
        if importance is None:
            found = search.ranged(groups, np.abs(groups), LARGEST_CODE, *STEPS, absolute=True)
            _write_scales(found, blocks)
        else:
            mattering = search.groups(from_importance(weights, importance, 1), SUB_BLOCK_SIZE)
            found = search.ranged(groups, mattering, LARGEST_CODE, *WITH_IMPORTANCE)
            _write_weighted_scales(found, search.sums(mattering), blocks)
        step, minimum = (part.reshape(-1) for part in _steps(blocks))
        codes = np.clip(nearest_int((groups + minimum) / step), 0, LARGEST_CODE).astype(np.uint8)
        skipped = step == 0
        if skipped.any():
            codes[:, skipped] = found.codes(groups, LARGEST_CODE)[:, skipped]
        blocks["quarters"] = packing.pack_quarters(np.ascontiguousarray(codes.T))

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        step, minimum = _steps(blocks)
        weights[:] = packing.unpack_quarters(blocks["quarters"])
        weights *= step.repeat(SUB_BLOCK_SIZE, axis=1)
        weights -= minimum.repeat(SUB_BLOCK_SIZE, axis=1)


def _steps(blocks: Blocks) -> tuple[Weights, Weights]:
    """What a code is worth in each sub-block, and what is subtracted, ``[m, 16]``."""
    sub_scales = blocks["sub_scales"]
    return (
        blocks["scale"].astype(np.float32)[:, np.newaxis] * (sub_scales & 0x0F),
        blocks["minimum"].astype(np.float32)[:, np.newaxis] * (sub_scales >> 4),
    )


def _write_scales(found: search.Range, blocks: Blocks) -> None:
    """Each part relative to its greatest."""
    packed = np.zeros((len(blocks), SUB_BLOCKS), np.uint8)
    for name, values, shift in (("scale", found.scale, 0), ("minimum", found.minimum, 4)):
        of_blocks = values.reshape(-1, SUB_BLOCKS)
        largest = largest_positive(of_blocks)
        codes = nearest_int((np.float32(LARGEST_SUB_SCALE) / largest)[:, np.newaxis] * of_blocks)
        codes[~(largest > 0)] = 0
        packed |= (codes << shift).astype(np.uint8)
        blocks[name] = to_half(largest / np.float32(LARGEST_SUB_SCALE))
    blocks["sub_scales"] = packed


def _write_weighted_scales(found: search.Range, mattering: Weights, blocks: Blocks) -> None:
    """Scale and codes of each part by a search of their own."""
    weights = search.groups(mattering.reshape(-1, SUB_BLOCKS), SUB_BLOCKS)
    packed = np.zeros((SUB_BLOCKS, len(blocks)), np.uint8)
    for name, values, shift in (("scale", found.scale, 0), ("minimum", found.minimum, 4)):
        scale, codes = search.positive(search.groups(values, SUB_BLOCKS), weights, LARGEST_SUB_SCALE)
        packed |= codes << shift
        blocks[name] = to_half(scale)
    blocks["sub_scales"] = packed.T


QUANTIZER = Q2_K()
