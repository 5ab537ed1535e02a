"""IQ1_M: super-blocks of 256 weights; 8 weights share one of 2048 points and a shift, 16 a 3-bit scale of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgedocs.quantizers import codebooks, search, splits
from edgedocs.quantizers.base import Blocks, Codes, Importance, Mask, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half
from edgedocs.quantizers.super_blocks import from_importance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

GROUPS = 2
"""Groups of 8 weights that share a scale."""

SUB_BLOCKS = 16
SIZE = 8 * GROUPS
LARGEST_SUB_SCALE = 7

SMALLEST = np.float32(1e-7)
"""GROUP_MAX_EPS_IQ1_M: a sub-block of smaller magnitude counts as zeros."""

ADJUSTMENT = np.float32(1.1125)
"""ggml's factor for the scale that is stored."""

_SHIFTS = 3 * np.arange(4, dtype=np.uint16)
_SCALE_SHIFTS = 4 * np.arange(4, dtype=np.uint16)


class IQ1_M(Quantizer):  # noqa: N801 - the format's own name
    """1.75 bits a weight: ``weight = scale * (2 * sub-scale + 1) * (point + shift)``, with points of -1, 0 and 1.

    ``points`` has the lower 8 bits of the places of points. Half a byte of ``upper`` has the upper 3 bits, then whether
    the shift is -0.125, not 0.125. A word of ``scales`` has four sub-scales, then 4 bits of the scale, a float16.
    As ``quantize_row_iq1_m_impl`` and ``dequantize_row_iq1_m`` in ggml-quants.c.
    """

    name = "IQ1_M"
    block_size = codebooks.SUPER_BLOCK
    layout = np.dtype([("points", "u1", 32), ("upper", "u1", SUB_BLOCKS), ("scales", "<u2", 4)])
    uses_importance = True
    chunk_weights = 1 << 13

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        by_weight = weights * weights if importance is None else from_importance(weights, importance, 2)
        groups, mattering = search.groups(weights, SIZE), search.groups(by_weight, SIZE)
        largest = np.abs(groups).max(axis=0)
        used = np.flatnonzero(largest >= SMALLEST)
        sums = splits.Sums(groups[:, used], mattering[:, used])
        split = splits.best(_tries(sums), SIZE, largest[used])
        codes = sums.codes(split)
        negative = split.scale < 0
        codes = np.where(negative, 2 - codes, codes)
        scale = np.abs(split.scale)
        # Bit 1 of the kind is set if the first group is shifted down, bit 0 if the second is.
        kind = np.where(negative, 3 - split.kind, split.kind)
        kept = split.kind >= 0
        used, codes, scale, kind = used[kept], codes[:, kept], scale[kept], kind[kept]

        by_group = (GROUPS, 8, len(used))
        parts, importances, codes = (
            np.ascontiguousarray(values.reshape(by_group).swapaxes(0, 1))
            for values in (groups[:, used], mattering[:, used], codes)
        )
        ups = np.stack([kind < 2, kind % 2 == 0])
        found = splits.placed(codes, parts, importances, scale, ups)
        scale = splits.refitted(found, parts, importances, scale, ups)
        codebooks.refuse(found.failed | np.isnan(scale), used, parts)

        scales = np.zeros(largest.shape, np.float32)
        scales[used] = scale
        index, up = np.zeros((GROUPS, len(largest)), np.intp), np.ones((GROUPS, len(largest)), np.bool_)
        index[:, used], up[:, used] = found.index, ups
        scales = scales.reshape(-1, SUB_BLOCKS)
        step, sub_scales = codebooks.scale_codes(scales, LARGEST_SUB_SCALE)
        is_zero = scales.max(axis=1) == 0
        scale = _scale(step, sub_scales, splits.worth(index, up), groups, mattering)
        _write(scale, sub_scales, index, up | np.repeat(is_zero, SUB_BLOCKS), blocks)
        blocks["scales"][is_zero] = 0

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        halves = np.stack([blocks["upper"] & 0x0F, blocks["upper"] >> 4], axis=2).reshape(-1, 32)
        places = blocks["points"] | (halves & 7).astype(np.uint16) << 8
        groups = weights.reshape(-1, 32, 8)
        groups[...] = codebooks.decoded_points(splits.NAME).take(places, axis=0)
        groups += np.where(halves & 8, -splits.SHIFT, splits.SHIFT)[:, :, np.newaxis]
        sub_scales = (blocks["scales"][:, :, np.newaxis] >> _SHIFTS & 7).reshape(-1, SUB_BLOCKS)
        steps = _stored_scale(blocks).astype(np.float32)[:, np.newaxis] * (2 * sub_scales + 1).astype(np.float32)
        parts = weights.reshape(-1, SUB_BLOCKS, SIZE)
        parts *= steps[:, :, np.newaxis]

    def _finite(self, blocks: Blocks) -> Mask:
        finite: Mask = np.isfinite(_stored_scale(blocks))
        return finite


def _tries(sums: splits.Sums) -> Iterator[tuple[Weights, Weights]]:
    """Products and norms of all splits, as :func:`splits.best` wants them.

    The sums are those of each half, as each has a shift of its own: both up, up and down, down and up, both down.
    """
    in_second = sums.order >= 8
    of_halves = np.stack([~in_second, in_second], axis=1)
    zero = np.float32(0)
    products = splits.prefix_sums(np.where(of_halves, sums.weighted[:, np.newaxis], zero))
    norms = splits.prefix_sums(np.where(of_halves, sums.mattering[:, np.newaxis], zero))
    for first in range(SIZE + 1):
        product = products[first] + products[first:]
        kinds = []
        for shifted in (splits.UP, splits.DOWN):
            lower, middle, upper = shifted * shifted
            norm = norms[-1] * shifted[2] * shifted[2] + norms[first] * (lower - middle)
            kinds.append((products[-1] * shifted[2] - product, norm + norms[first:] * (middle - upper)))
        both = [(one, other) for one in kinds for other in kinds]
        yield (
            np.stack([one[0][:, 0] + other[0][:, 1] for one, other in both], axis=1),
            np.stack([one[1][:, 0] + other[1][:, 1] for one, other in both], axis=1),
        )


def _scale(step: Weights, sub_scales: Codes, worth: Weights, groups: Weights, mattering: Weights) -> Weights:
    """The scale of each super-block that fits best to all codes, ``[m]``."""
    scaled = splits.in_order(worth) * (2 * sub_scales.reshape(-1).astype(np.float32) + 1)
    weighted = mattering * scaled
    product, norm = (
        search.sums(search.groups(values.T, codebooks.SUPER_BLOCK)) for values in (weighted * groups, weighted * scaled)
    )
    return np.where(norm > 0, product / norm, step)


def _write(scale: Weights, sub_scales: Codes, index: splits.Indices, up: Mask, blocks: Blocks) -> None:
    """Write all fields; index and up are ``[2, sub-blocks]``."""
    blocks["points"] = (index & 0xFF).T.reshape(-1, 32)
    first, second = (index >> 8) | ~up * 8
    blocks["upper"] = (first | second << 4).reshape(-1, SUB_BLOCKS)
    joined = np.bitwise_or.reduce(sub_scales.reshape(-1, 4, 4).astype(np.uint16) << _SHIFTS, axis=2)
    bits = to_half(scale * ADJUSTMENT).view("<u2")
    blocks["scales"] = joined | (bits[:, np.newaxis] >> _SCALE_SHIFTS & 0x0F) << 12


def _stored_scale(blocks: Blocks) -> NDArray[np.float16]:
    """The scale of each super-block, ``[m]``."""
    bits: Codes = np.bitwise_or.reduce((blocks["scales"] >> 12) << _SCALE_SHIFTS, axis=1)
    return bits.astype("<u2").view(np.dtype("<f2"))


QUANTIZER = IQ1_M()
