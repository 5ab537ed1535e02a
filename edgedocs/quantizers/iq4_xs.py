"""IQ4_XS: super-blocks of 256 weights, eight sub-blocks with 6-bit scales of their own, codes as in IQ4_NL."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import block32, nonlinear, packing, search
from edgedocs.quantizers.base import Blocks, Codes, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import nearest_int, to_half

SUB_BLOCKS = 8
ZERO_SUB_SCALE = 32
_SHIFTS = np.arange(0, 16, 2, dtype=np.uint16)


class IQ4_XS(Quantizer):  # noqa: N801 - the format's own name
    """4.25 bits a weight: ``weight = scale * (sub-scale - 32) * value[code]``, with :data:`.nonlinear.VALUES`.

    ``lower`` has the lower four bits of the sub-scales, two to a byte, ``upper`` their upper two bits. The codes of a
    sub-block lie in 16 bytes of ``pairs`` as in IQ4_NL.
    As ``quantize_row_iq4_nl_impl`` and ``dequantize_row_iq4_xs`` in ggml-quants.c.
    """

    name = "IQ4_XS"
    block_size = 256
    layout = np.dtype([("scale", "<f2"), ("upper", "<u2"), ("lower", "u1", 4), ("pairs", "u1", 128)])
    uses_importance = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        groups = search.groups(weights, nonlinear.GROUP_SIZE)
        found = nonlinear.scales(groups, nonlinear.mattering(weights, importance)).reshape(-1, SUB_BLOCKS)
        largest = search.largest_magnitude(np.ascontiguousarray(found.T))
        largest[~(np.abs(largest) > 0)] = 0
        scale = -largest / np.float32(ZERO_SUB_SCALE)
        inverse = np.where(scale != 0, np.float32(1) / scale, np.float32(0))
        codes = np.clip(nearest_int(inverse[:, np.newaxis] * found), -ZERO_SUB_SCALE, ZERO_SUB_SCALE - 1)
        step = (scale[:, np.newaxis] * codes.astype(np.float32)).reshape(-1)
        inverse_step = np.where(step != 0, np.float32(1) / step, np.float32(0))
        blocks["scale"] = to_half(scale)
        _write_sub_scales((codes + ZERO_SUB_SCALE).astype(np.uint8), blocks)
        pairs = block32.pack_pairs(nonlinear.nearest(inverse_step * groups))
        blocks["pairs"] = pairs.reshape(-1, 128)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        sub_scales = _read_sub_scales(blocks).view(np.int8) - np.int8(ZERO_SUB_SCALE)
        step = blocks["scale"].astype(np.float32)[:, np.newaxis] * sub_scales
        weights[:] = packing.unpack_values(blocks["pairs"], nonlinear.tables(), 16).reshape(weights.shape)
        weights *= block32.spread(step.reshape(-1)).reshape(weights.shape)


def _write_sub_scales(codes: Codes, blocks: Blocks) -> None:
    blocks["lower"] = codes[:, 0::2] & 0x0F | codes[:, 1::2] << 4
    blocks["upper"] = np.bitwise_or.reduce((codes >> 4).astype(np.uint16) << _SHIFTS, axis=1)


def _read_sub_scales(blocks: Blocks) -> Codes:
    lower = np.stack([blocks["lower"] & 0x0F, blocks["lower"] >> 4], axis=2).reshape(-1, SUB_BLOCKS)
    upper = (blocks["upper"][:, np.newaxis] >> _SHIFTS & 3).astype(np.uint8)
    codes: Codes = lower | upper << 4
    return codes


QUANTIZER = IQ4_XS()
