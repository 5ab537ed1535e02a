"""MLX affine: groups of weights as whole numbers of 2 to 8 bits with a scale and a bias, as MLX packs them.

>>> quantizer = MLXAffineQuantizer(4, group_size=32)
>>> quantized = quantizer.quantize(np.arange(32, dtype=np.float32)[np.newaxis] / 2)
>>> quantized.scales.tolist(), quantized.biases.tolist()
([[-1.0333333015441895]], [[15.5]])
>>> [f"{word:08x}" for word in quantized.packed[0].tolist()]
['ccddeeff', '8899aabb', '44556677', '00112233']
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.core.errors import BadInput
from edgedocs.quantizers import bit_stream
from edgedocs.quantizers.checks import as_float32, finite_range, one_of, whole_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Weights

LEAST_SCALE = np.float32(1e-7)


@dataclass(frozen=True, eq=False)
class MLXAffineWeights:
    """The three tensors of a quantized layer of MLX: ``weight``, ``scales`` and ``biases``.

    Attributes:
        packed: uint32 ``[..., n * bits / 32]``, the first code in the lowest bits. Codes of 3, 5 or 6 bits cross from
            a word to the next.
        scales: ``[..., n / group_size]``, of the type that the weights had.
        biases: as ``scales``.
    """

    packed: NDArray[np.uint32]
    scales: NDArray[Any]
    biases: NDArray[Any]


@dataclass(frozen=True)
class MLXAffineQuantizer:
    """Store weights as MLX does, byte for byte: ``weight = code * scale + bias``.

    The range of a group becomes the range of the codes. The end of greater magnitude, the edge, is code 0 and the bias,
    so the scale is negative where the edge is the greatest weight; the scale is then changed a little so that 0 lies on
    a code. Halves go to the even number. The scale and the bias are rounded to the weights' type after the codes are
    computed, in float32. As ``quantize`` in mlx/backend/cpu/quantized.cpp.

    Args:
        bits: 2, 3, 4, 5, 6 or 8.
        group_size: neighbours in a row that share a scale: 32, 64 or 128.

    Raises:
        BadInput: if MLX has no such format.
    """

    bits: int = 4
    group_size: int = 64

    def __post_init__(self) -> None:
        one_of(self.bits, (2, 3, 4, 5, 6, 8), "bits")
        one_of(self.group_size, (32, 64, 128), "group size")

    @property
    def name(self) -> str:
        """What messages call the format."""
        return f"MLX affine of {self.bits} bits"

    def quantize(self, weights: NDArray[Any], *, where: str | None = None) -> MLXAffineWeights:
        """Store weights.

        Args:
            weights: ``[..., n]`` of float32, float16 or bfloat16; ``n`` is a multiple of ``group_size``.
            where: the tensor's name, for error messages.

        Raises:
            BadInput: if a row is no whole number of groups, the data type is another, a weight is infinite or not a
                number, or the range of a group overflows float32.
        """
        whole_groups(weights, self.group_size, self.name, where)
        values = as_float32(weights, self.name, where)
        groups = values.reshape(*values.shape[:-1], values.shape[-1] // self.group_size, self.group_size)
        highest = np.float32((1 << self.bits) - 1)
        with np.errstate(over="ignore"):
            scale, bias = _scale_and_bias(groups.min(axis=-1), groups.max(axis=-1), highest)
        finite_range(scale, self.name, where)
        codes = np.rint((groups - bias[..., np.newaxis]) / scale[..., np.newaxis])
        codes = np.clip(codes, 0, highest).astype(np.uint8).reshape(values.shape)
        packed = bit_stream.pack(codes, self.bits).view("<u4")
        return MLXAffineWeights(packed, scale.astype(weights.dtype), bias.astype(weights.dtype))

    def dequantize(self, quantized: MLXAffineWeights, *, where: str | None = None) -> Weights:
        """The weights that were stored, float32 ``[..., n]``, a new array.

        MLX itself computes in the scales' type, so for 16-bit scales its result is rounded once more.

        Raises:
            BadInput: if the arrays do not fit each other or the codes are not uint32.
        """
        packed, scales, biases = quantized.packed, quantized.scales, quantized.biases
        columns = scales.shape[-1] * self.group_size if scales.ndim else 0
        wanted = (*scales.shape[:-1], columns * self.bits // 32)
        if packed.dtype != np.uint32 or packed.shape != wanted or biases.shape != scales.shape:
            raise BadInput(
                f"{packed.dtype.name} codes {packed.shape}, scales {scales.shape} and biases {biases.shape}",
                where=where,
                expected=f"uint32 codes {wanted} and biases {scales.shape} for {self.name} and these scales",
            )
        stream = np.ascontiguousarray(packed, "<u4").view(np.uint8)
        codes = bit_stream.unpack(stream, self.bits, columns).reshape(*scales.shape, self.group_size)
        weights = codes * scales.astype(np.float32)[..., np.newaxis] + biases.astype(np.float32)[..., np.newaxis]
        return np.asarray(weights, np.float32).reshape(*scales.shape[:-1], columns)


def _scale_and_bias(low: Weights, high: Weights, highest: np.float32) -> tuple[Weights, Weights]:
    """The scale and the bias of groups from ``low`` to ``high``, whose codes go from 0 to ``highest``."""
    low_is_edge = -low > np.abs(high)
    scale = np.maximum((high - low) / highest, LEAST_SCALE)
    scale = np.where(low_is_edge, scale, -scale)
    edge = np.where(low_is_edge, low, high)
    steps = np.rint(edge / scale)
    off_zero = steps != 0
    scale = np.where(off_zero, edge / np.where(off_zero, steps, np.float32(1)), scale)
    return scale, np.where(off_zero, edge, np.float32(0))
