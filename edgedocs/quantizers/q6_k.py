"""Q6_K: super-blocks of 256 weights, 16 sub-blocks with 8-bit scales of their own, 6-bit codes."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import search
from edgedocs.quantizers.base import Blocks, Codes, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import nearest_int, to_half

SUB_BLOCKS = 16
SUB_BLOCK_SIZE = 16
ZERO_CODE = np.int8(32)


class Q6_K(Quantizer):  # noqa: N801 - the format's own name
    """6.5625 bits a weight: ``weight = scale * sub-block scale * (code - 32)``, with codes from 0 to 63.

    ``lower`` has the lower 4 bits of the codes, two to a byte, ``upper`` their upper 2 bits, four to a byte.
    As ``quantize_row_q6_K_ref``, ``quantize_row_q6_K_impl`` and ``dequantize_row_q6_K`` in ggml-quants.c.
    """

    name = "Q6_K"
    block_size = 256
    layout = np.dtype([("lower", "u1", 128), ("upper", "u1", 64), ("sub_scales", "i1", SUB_BLOCKS), ("scale", "<f2")])
    uses_importance = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        mattering = search.groups(weights * weights if importance is None else importance.values, SUB_BLOCK_SIZE)
        weights = search.groups(weights, SUB_BLOCK_SIZE)
        found = search.signed(weights, mattering, int(ZERO_CODE))
        sub_scales = found.scale.reshape(-1, SUB_BLOCKS)
        magnitudes = np.abs(sub_scales)
        # As the C comparison does, skip what is not a number.
        largest = np.where(np.isnan(magnitudes), 0, magnitudes).argmax(axis=1)[:, np.newaxis]
        largest_scale = np.take_along_axis(sub_scales, largest, axis=1)
        inverse = np.float32(-128) / largest_scale
        blocks["scale"] = to_half(np.float32(1) / inverse)[:, 0]
        blocks["sub_scales"] = np.minimum(nearest_int(inverse * sub_scales), 127)
        codes = _codes(weights, _steps(blocks).reshape(-1), found)
        _pack(codes.T.reshape(-1, 2, 4, 32), blocks)
        blocks[~(np.abs(largest_scale[:, 0]) >= search.SMALLEST)] = np.zeros((), self.layout)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:] = _unpack(blocks).view(np.int8).reshape(weights.shape) - ZERO_CODE
        weights *= np.repeat(_steps(blocks), SUB_BLOCK_SIZE, axis=1)


def _steps(blocks: Blocks) -> Weights:
    """How much one code is worth in each sub-block, ``[m, 16]``."""
    steps: Weights = blocks["scale"].astype(np.float32)[:, np.newaxis] * blocks["sub_scales"]
    return steps


def _codes(weights: Weights, step: Weights, found: search.Signed) -> Codes:
    """The codes ``[16, sub-blocks]`` for the final step of each sub-block; those of the search where it is 0."""
    codes = np.clip(nearest_int(weights / step), -ZERO_CODE, ZERO_CODE - 1) + ZERO_CODE
    skipped = step == 0
    if skipped.any():
        codes[:, skipped] = found.codes(weights, int(ZERO_CODE))[:, skipped]
    return codes.astype(np.uint8)


def _pack(codes: Codes, blocks: Blocks) -> None:
    """Write codes ``[m, 2, 4, 32]``: the halves of a super-block, the quarters of a half, weights."""
    blocks["lower"] = (codes[:, :, :2] & 0x0F | codes[:, :, 2:] << 4).reshape(-1, 128)
    first, second, third, fourth = (codes[:, :, quarter] >> 4 for quarter in range(4))
    blocks["upper"] = (first | second << 2 | third << 4 | fourth << 6).reshape(-1, 64)


def _unpack(blocks: Blocks) -> Codes:
    """The codes ``[m, 2, 4, 32]`` that :func:`_pack` wrote."""
    lower = np.ascontiguousarray(blocks["lower"]).reshape(-1, 2, 2, 32)
    upper = np.ascontiguousarray(blocks["upper"]).reshape(-1, 2, 32)
    codes = np.concatenate([lower & 0x0F, lower >> 4], axis=2)
    codes |= np.stack([upper << 4, upper << 2, upper, upper >> 2], axis=2) & 0x30
    return codes


QUANTIZER = Q6_K()
