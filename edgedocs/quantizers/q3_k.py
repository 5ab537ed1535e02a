"""Q3_K: super-blocks of 256 weights, 16 sub-blocks with 6-bit scales of their own, 3-bit codes."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import packing, search
from edgedocs.quantizers.base import Blocks, Codes, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import nearest_int, rounded, to_half
from edgedocs.quantizers.super_blocks import from_importance

SUB_BLOCKS = 16
SUB_BLOCK_SIZE = 16
ZERO_CODE = 4
ZERO_SUB_SCALE = 32


class Q3_K(Quantizer):  # noqa: N801 - the format's own name
    """3.4375 bits a weight: ``weight = scale * (sub-scale - 32) * (code - 4)``, with codes from 0 to 7.

    ``quarters`` has the lower two bits of the codes, four to a byte, ``upper`` the third bits, ``sub_scales`` 16 6-bit
    sub-scales in 12 bytes. As ``quantize_row_q3_K_ref``, ``quantize_row_q3_K_impl`` and ``dequantize_row_q3_K`` in
    ggml-quants.c.
    """

    name = "Q3_K"
    block_size = 256
    layout = np.dtype([("upper", "u1", 32), ("quarters", "u1", 64), ("sub_scales", "u1", 12), ("scale", "<f2")])
    uses_importance = True
    chunk_weights = 3 << 15

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        groups = search.groups(weights, SUB_BLOCK_SIZE)
        if importance is None:
            scales, found = search.descended(groups, ZERO_CODE)
            _write_scales(scales.reshape(-1, SUB_BLOCKS), blocks)
        else:
            mattering = search.groups(from_importance(weights, importance, 2), SUB_BLOCK_SIZE)
            best = search.signed(groups, mattering, ZERO_CODE)
            found = best.codes(groups, ZERO_CODE)
            _write_weighted_scales(best.scale, search.sums(mattering), blocks)
        step = _steps(blocks).reshape(-1)
        codes = rounded(groups / step)
        np.clip(codes, -ZERO_CODE, ZERO_CODE - 1, out=codes)
        codes += np.float32(ZERO_CODE)
        skipped = step == 0
        if skipped.any():
            codes[:, skipped] = found[:, skipped]
        of_blocks = codes.astype(np.uint8).T.reshape(-1, 256)
        blocks["quarters"] = packing.pack_quarters(of_blocks & 3)
        blocks["upper"] = packing.pack_bits(of_blocks >> 2)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        codes = packing.unpack_quarters(blocks["quarters"]) | packing.unpack_bits(blocks["upper"], 4)
        weights[:] = codes.view(np.int8) - np.int8(ZERO_CODE)
        weights *= _steps(blocks).repeat(SUB_BLOCK_SIZE, axis=1)


def _steps(blocks: Blocks) -> Weights:
    """How much one code is worth in each sub-block, ``[m, 16]``."""
    sub_scales = _unpack(blocks["sub_scales"]).view(np.int8) - np.int8(ZERO_SUB_SCALE)
    steps: Weights = blocks["scale"].astype(np.float32)[:, np.newaxis] * sub_scales
    return steps


def _write_scales(scales: Weights, blocks: Blocks) -> None:
    """The sub-scales relative to the one of greatest magnitude, the first of such."""
    magnitudes = np.abs(scales)
    # As the C comparison does, skip what is not a number.
    place = np.where(np.isnan(magnitudes), 0, magnitudes).argmax(axis=1)[:, np.newaxis]
    largest = np.take_along_axis(scales, place, axis=1)
    largest[~(np.abs(largest) > 0)] = 0
    inverse = np.float32(-ZERO_SUB_SCALE) / largest
    # In C the integer is cut to a byte before it is clipped.
    codes = nearest_int(inverse * scales).astype(np.int8).astype(np.int32)
    codes = np.clip(codes, -ZERO_SUB_SCALE, ZERO_SUB_SCALE - 1) + ZERO_SUB_SCALE
    codes[largest[:, 0] == 0] = 0
    blocks["scale"] = to_half(np.where(largest == 0, np.float32(0), np.float32(1) / inverse))[:, 0]
    blocks["sub_scales"] = _pack(codes.astype(np.uint8))


def _write_weighted_scales(scales: Weights, mattering: Weights, blocks: Blocks) -> None:
    """Scale and codes of the sub-scales by a search of their own."""
    values = search.groups(scales, SUB_BLOCKS)
    found = search.signed(values, search.groups(mattering, SUB_BLOCKS), ZERO_SUB_SCALE)
    blocks["scale"] = to_half(found.scale)
    blocks["sub_scales"] = _pack(np.ascontiguousarray(found.codes(values, ZERO_SUB_SCALE).T))


def _pack(codes: Codes) -> Codes:
    """6-bit codes ``[m, 16]`` as ``[m, 12]``: eight bytes with the lower four bits, four with the upper two."""
    upper = (codes >> 4).reshape(-1, 4, 4)
    joined = upper[:, 0] | upper[:, 1] << 2 | upper[:, 2] << 4 | upper[:, 3] << 6
    return np.concatenate([codes[:, :8] & 0x0F | codes[:, 8:] << 4, joined], axis=1)


def _unpack(packed: Codes) -> Codes:
    """What :func:`_pack` packed, ``[m, 16]``."""
    lower, joined = packed[:, :8], packed[:, 8:]
    upper = np.concatenate([joined >> shift & 3 for shift in (0, 2, 4, 6)], axis=1)
    codes: Codes = np.concatenate([lower & 0x0F, lower >> 4], axis=1) | upper << 4
    return codes


QUANTIZER = Q3_K()
