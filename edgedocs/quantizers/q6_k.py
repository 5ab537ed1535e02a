"""Q6_K: super-blocks of 256 weights, 16 sub-blocks with 8-bit scales of their own, 6-bit codes."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers.base import Blocks, Codes, Importance, Mask, Quantizer, Weights
from edgedocs.quantizers.rounding import nearest_int, to_half

SUB_BLOCKS = 16
SUB_BLOCK_SIZE = 16
ZERO_CODE = np.int8(32)
SMALLEST = np.float32(1e-15)
"""GROUP_MAX_EPS: a group of smaller magnitude counts as zeros."""

STEPS = [np.float32(ZERO_CODE) + np.float32(0.1) * np.float32(step) for step in range(-9, 10) if step != 0]
"""How many codes the greatest weight may be worth, in the order of the search."""


class Q6_K(Quantizer):  # noqa: N801 - the format's own name
    """6.5625 bits a weight: ``weight = scale * sub-block scale * (code - 32)``, with codes from 0 to 63.

    ``lower`` has the lower 4 bits of the codes, two to a byte, ``upper`` their upper 2 bits, four to a byte.
    As ``quantize_row_q6_K_ref`` with ``make_qx_quants``, and ``dequantize_row_q6_K``, in ggml-quants.c.
    """

    name = "Q6_K"
    block_size = 256
    layout = np.dtype([("lower", "u1", 128), ("upper", "u1", 64), ("sub_scales", "i1", SUB_BLOCKS), ("scale", "<f2")])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        # Weights first, sub-blocks last: each step of the C loop over a sub-block is one array operation here.
        weights = np.ascontiguousarray(weights.reshape(-1, SUB_BLOCK_SIZE).T)
        found_scale, found_inverse = _search(weights)
        sub_scales = found_scale.reshape(-1, SUB_BLOCKS)
        magnitudes = np.abs(sub_scales)
        # As the C comparison does, skip what is not a number.
        largest = np.where(np.isnan(magnitudes), 0, magnitudes).argmax(axis=1)[:, np.newaxis]
        largest_scale = np.take_along_axis(sub_scales, largest, axis=1)
        inverse = np.float32(-128) / largest_scale
        blocks["scale"] = to_half(np.float32(1) / inverse)[:, 0]
        blocks["sub_scales"] = np.minimum(nearest_int(inverse * sub_scales), 127)
        codes = _codes(weights, _steps(blocks).reshape(-1), found_inverse)
        _pack(codes.T.reshape(-1, 2, 4, 32), blocks)
        blocks[~(np.abs(largest_scale[:, 0]) >= SMALLEST)] = np.zeros((), self.layout)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:] = _unpack(blocks).view(np.int8).reshape(weights.shape) - ZERO_CODE
        weights *= np.repeat(_steps(blocks), SUB_BLOCK_SIZE, axis=1)

    def _finite(self, blocks: Blocks) -> Mask:
        finite: Mask = np.isfinite(blocks["scale"])
        return finite


def _steps(blocks: Blocks) -> Weights:
    """How much one code is worth in each sub-block, ``[m, 16]``."""
    steps: Weights = blocks["scale"].astype(np.float32)[:, np.newaxis] * blocks["sub_scales"]
    return steps


def _search(weights: Weights) -> tuple[Weights, Weights]:
    """The scale of each sub-block that makes the squared error least, weighted by the squares (``make_qx_quants``).

    Args:
        weights: ``[16, sub-blocks]``.

    Returns:
        For each sub-block the scale, and the inverse scale that its codes were rounded with; both 0 for zeros.
    """
    largest = np.take_along_axis(weights, np.abs(weights).argmax(axis=0)[np.newaxis], axis=0)[0]
    importance = weights * weights
    weighted = importance * weights
    best_inverse = -np.float32(ZERO_CODE) / largest
    product, norm = _sums(weights, importance, weighted, best_inverse)
    best_scale = np.where(norm != 0, product / norm, 0)
    best = best_scale * product
    for step in STEPS:
        inverse = -step / largest
        product, norm = _sums(weights, importance, weighted, inverse)
        better = (norm > 0) & (product * product > best * norm)
        scale = product / norm
        best_scale = np.where(better, scale, best_scale)
        best_inverse = np.where(better, inverse, best_inverse)
        best = np.where(better, scale * product, best)
    is_zero = np.abs(largest) < SMALLEST
    best_scale[is_zero] = 0
    best_inverse[is_zero] = 0
    return best_scale, best_inverse


def _sums(weights: Weights, importance: Weights, weighted: Weights, inverse: Weights) -> tuple[Weights, Weights]:
    """The weighted sums of weight times code and of code times code, added in the order of the weights."""
    codes = np.clip(np.rint(weights * inverse), -ZERO_CODE, ZERO_CODE - 1)
    # Along the first axis NumPy adds row after row, as the C loop does; along the last it would add in pairs.
    product = np.add.reduce(weighted * codes, axis=0)
    norm = np.add.reduce(importance * codes * codes, axis=0)
    return product, norm


def _codes(weights: Weights, step: Weights, found_inverse: Weights) -> Codes:
    """The codes ``[16, sub-blocks]`` for the final step of each sub-block; those of the search where it is 0."""
    codes = nearest_int(weights / step)
    skipped = step == 0
    codes[:, skipped] = nearest_int(weights[:, skipped] * found_inverse[skipped])
    codes = np.clip(codes, -ZERO_CODE, ZERO_CODE - 1) + ZERO_CODE
    codes[:, skipped & (found_inverse == 0)] = 0
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
