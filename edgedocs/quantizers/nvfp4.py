"""NVFP4: 64 weights in four groups of 16 that each share an 8-bit float as their scale; codes are 4-bit floats."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import fp4, packing, search
from edgedocs.quantizers.base import Blocks, Codes, Importance, Mask, Quantizer, Weights

SIZE = 64
GROUPS = 4
GROUP_SIZE = 16
LARGEST_VALUE = np.float32(6)
LARGEST_SCALE = np.float32(448)


class NVFP4(Quantizer):
    """4.5 bits a weight: ``weight = scale * value``, with values 0, 0.5, 1, 1.5, 2, 3, 4 and 6.

    The scales are E4M3 without sign. Byte ``j`` of a group of ``pairs`` has the code of weight ``j`` in its lower half
    and that of weight ``j + 8`` in its upper half; a code's highest bit is the sign. A scale for the whole tensor,
    which some models have, is no part of the format.
    As ``quantize_row_nvfp4_ref`` and ``dequantize_row_nvfp4`` in ggml-quants.c.
    """

    name = "NVFP4"
    block_size = SIZE
    layout = np.dtype([("scales", "u1", GROUPS), ("pairs", "u1", SIZE // 2)])

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        groups = search.groups(weights, GROUP_SIZE)
        scales = _to_e4m3(np.abs(groups).max(axis=0) / LARGEST_VALUE)
        blocks["scales"] = scales.reshape(-1, GROUPS)
        codes = fp4.nearest(groups, HALF_SCALES[scales])
        blocks["pairs"] = (codes[:8] | codes[8:] << 4).T.reshape(-1, SIZE // 2)

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:] = packing.unpack_values(blocks["pairs"], fp4.tables(), 8).reshape(weights.shape)
        weights *= HALF_SCALES.take(blocks["scales"]).repeat(GROUP_SIZE).reshape(weights.shape)

    def _finite(self, blocks: Blocks) -> Mask:
        return np.ones(len(blocks), np.bool_)


def _half_scales() -> Weights:
    """Half of what each of the 256 scales stands for (``ggml_ue4m3_to_fp32``); the highest bit does not count."""
    patterns = np.arange(256)
    exponent, mantissa = patterns >> 3 & 15, (patterns & 7).astype(np.float32)
    values = np.where(
        exponent == 0,
        np.ldexp(mantissa, np.int32(-9)),
        np.ldexp(np.float32(1) + mantissa / np.float32(8), exponent.astype(np.int32) - 7),
    )
    values[0x7F] = 0
    return (values * np.float32(0.5)).astype(np.float32)


HALF_SCALES = _half_scales()


def _to_e4m3(values: Weights) -> Codes:
    """Positive values as E4M3, halves up, beyond the range the greatest (``ggml_fp32_to_ue4m3``)."""
    values = np.minimum(values, LARGEST_SCALE)
    bits = values.view(np.int32)
    # The mantissa's carry goes into the exponent, as it should.
    code = (bits >> 20) - (120 << 3) + (bits >> 19 & 1)
    small = (bits >> 23) - 120 <= 0
    subnormal = np.minimum((values * np.float32(512) + np.float32(0.5)).astype(np.int32), 7)
    # Exponent 15, which rounding can make too, is for the greatest alone.
    code = np.where(code >= 15 << 3, 0x7E, code)
    code = np.where(small, subnormal, code)
    return code.astype(np.uint8)


QUANTIZER = NVFP4()
