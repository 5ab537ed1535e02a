"""MXFP4 as MLX packs it: 32 neighbours share a power of two, and their codes are 4-bit floats.

>>> quantized = MLXMXFP4Quantizer().quantize(np.full((1, 32), 3, np.float32))
>>> quantized.scales.tolist(), f"{quantized.packed[0, 0]:08x}"
([[126]], '77777777')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.quantizers import bit_stream, fp4
from edgedocs.quantizers.checks import as_float32, whole_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Weights

BIAS = 127
LARGEST_CODE = np.float32(6)


@dataclass(frozen=True, eq=False)
class MLXMXFP4Weights:
    """The two tensors of a quantized layer of MLX: ``weight`` and ``scales``.

    Attributes:
        packed: uint32 ``[..., n / 8]``, the first code in the lowest bits.
        scales: uint8 ``[..., n / 32]``, the exponent of the power of two, plus 127.
    """

    packed: NDArray[np.uint32]
    scales: NDArray[np.uint8]


@dataclass(frozen=True)
class MLXMXFP4Quantizer:
    """Store weights as MLX does, byte for byte: ``weight = 2 ** (scale - 127) * value``.

    The scale is the least power of two for which the greatest weight is at most 6, the greatest value; ggml takes one
    that may be half of it and cuts off. A weight in the middle of two values gets the lower one. As ``fp_quantize`` in
    mlx/backend/cpu/quantized.cpp, but for groups whose weights are all below about 1e-37, for which MLX 0.32 writes
    scales that are no numbers: they get the smallest scale here.
    """

    group_size = 32
    bits = 4
    name = "MXFP4 of MLX"

    def quantize(self, weights: NDArray[Any], *, where: str | None = None) -> MLXMXFP4Weights:
        """Store weights.

        Args:
            weights: ``[..., n]`` of float32, float16 or bfloat16; ``n`` is a multiple of 32.
            where: the tensor's name, for error messages.

        Raises:
            BadInput: if a row is no whole number of groups, the data type is another, or a weight is infinite or not a
                number.
        """
        whole_groups(weights, self.group_size, self.name, where)
        values = as_float32(weights, self.name, where)
        groups = values.reshape(-1, self.group_size)
        # MLX divides in the weights' own type, and what is rounded to a power of two there counts.
        greatest = np.abs(groups).max(axis=-1).astype(weights.dtype) / weights.dtype.type(LARGEST_CODE)
        mantissa, exponent = np.frexp(greatest.astype(np.float32))
        exponent = np.where(mantissa == 0.5, exponent - 1, exponent)
        exponent = np.where(greatest == 0, 0, np.maximum(exponent, -BIAS))
        codes = fp4.nearest(np.ascontiguousarray(groups.T), np.ldexp(np.float32(1), exponent - 1)).T
        packed = bit_stream.pack(np.ascontiguousarray(codes).reshape(values.shape), self.bits).view("<u4")
        scales = (exponent + BIAS).astype(np.uint8).reshape(*values.shape[:-1], -1)
        return MLXMXFP4Weights(packed, scales)

    def dequantize(self, quantized: MLXMXFP4Weights) -> Weights:
        """The weights that were stored, float32 ``[..., n]``, a new array."""
        packed, scales = quantized.packed, quantized.scales
        stream = np.ascontiguousarray(packed, "<u4").view(np.uint8)
        codes = bit_stream.unpack(stream, self.bits, scales.shape[-1] * self.group_size)
        values = fp4.VALUES[codes].reshape(*scales.shape, self.group_size).astype(np.float32)
        weights = np.ldexp(values, scales.astype(np.int32)[..., np.newaxis] - BIAS - 1)
        return np.asarray(weights, np.float32).reshape(*scales.shape[:-1], -1)
