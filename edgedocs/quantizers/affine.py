"""INT8, INT4 and INT2: whole numbers with a scale and a zero point beside them, as ONNX has them.

>>> quantizer = AffineQuantizer(4, symmetric=False, granularity="group", group_size=4)
>>> quantized = quantizer.quantize(np.array([[0, 1, 2, 15], [-3, 0, 4.4, 12]], np.float32))
>>> quantized.codes.tolist(), quantized.scales.tolist(), quantized.zero_points.tolist()
([[-8, -7, -6, 7], [-8, -5, -1, 7]], [[1.0], [1.0]], [[-8], [-5]])
>>> quantizer.dequantize(quantized).tolist()
[[0.0, 1.0, 2.0, 15.0], [-3.0, 0.0, 4.0, 12.0]]
>>> quantizer.pack(quantized.codes).tobytes().hex(" ")
'98 7a b8 7f'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.core.errors import BadInput
from edgedocs.quantizers import bit_stream
from edgedocs.quantizers.checks import as_float32, one_of
from edgedocs.quantizers.sharing import Granularity, Sharing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Codes, Weights

SMALLEST_SCALE = np.finfo(np.float32).tiny
"""The least normal float32. Weights whose scale would be smaller get scale 1 and are all stored as zero."""


@dataclass(frozen=True, eq=False)
class Quantized:
    """Weights as whole numbers: ``weight = (code - zero point) * scale``.

    Attributes:
        codes: int8, or uint8 for unsigned types, in the weights' shape; one code an element, not yet packed.
        scales: float32, one for each tensor, channel or group; never 0.
        zero_points: of the codes' type and the scales' shape: the code that stands for 0.
    """

    codes: Codes
    scales: Weights
    zero_points: Codes


@dataclass(frozen=True)
class AffineQuantizer:
    """Round weights to whole numbers of 8, 4 or 2 bits.

    The range from the least to the greatest weight, with 0 always in it, becomes the range of the codes. A symmetric
    quantizer takes ``[-m, m]`` for it, where ``m`` is the greatest magnitude, so that 0 has the same code whatever the
    weights. Halves go to the even number, and what lies outside the codes' range to its end.

    Scales and zero points are those that ``compute_scale_zp`` in onnxruntime.quantization computes, codes those of
    ONNX's QuantizeLinear. As there, symmetric INT8 does not use code -128. Symmetric INT4 and INT2 use all their codes:
    ``m`` then lies half a step above the greatest one. (For groups, ONNX Runtime's tool rounds the range to float32
    first, so its scales may differ from these by the last bit.)

    Args:
        bits: 8, 4 or 2.
        symmetric: whether the range is the same on both sides of 0.
        granularity: what shares a scale; see :class:`~edgedocs.quantizers.sharing.Sharing`, also for ``axis`` and
            ``group_size``.
        axis: along which channels or groups lie.
        group_size: how many weights make a group.
        signed: whether codes are signed, as INT4, or not, as UINT4.

    Raises:
        BadInput: if the settings do not fit each other.
    """

    bits: int
    symmetric: bool = True
    granularity: Granularity = "tensor"
    axis: int | None = None
    group_size: int | None = None
    signed: bool = True

    def __post_init__(self) -> None:
        one_of(self.bits, (8, 4, 2), "bits")
        Sharing(self.granularity, self.axis, self.group_size)

    @property
    def name(self) -> str:
        """The type of the codes as ONNX calls it: ``"INT4"``, say."""
        return f"{'' if self.signed else 'U'}INT{self.bits}"

    @property
    def lowest(self) -> int:
        """The least code that a weight can get."""
        if not self.signed:
            return 0
        return -127 if self.bits == 8 and self.symmetric else -(1 << self.bits - 1)

    @property
    def highest(self) -> int:
        """The greatest code."""
        return (1 << self.bits - self.signed) - 1

    def quantize(self, weights: NDArray[Any], *, where: str | None = None) -> Quantized:
        """Round weights to codes.

        Args:
            weights: float32, float16 or bfloat16 of any shape that has the axis.
            where: the tensor's name, for error messages.

        Raises:
            BadInput: if there is no such axis, the data type is another, or a weight is infinite or not a number.
        """
        values = as_float32(weights, self.name, where)
        low, high = (self._sharing.reduce(one, values, where) for one in (np.minimum, np.maximum))
        scales, zero_points = self._scales(low.astype(np.float64), high.astype(np.float64))
        codes = np.rint(values / self._sharing.spread(scales, values.shape))
        codes += self._sharing.spread(zero_points, values.shape)
        return Quantized(np.clip(codes, self.lowest, self.highest).astype(self._dtype), scales, zero_points)

    def dequantize(self, quantized: Quantized, *, where: str | None = None) -> Weights:
        """The weights that the codes stand for, float32 in their shape, a new array.

        Raises:
            BadInput: if the scales' shape does not belong to the codes', or the codes have another type.
        """
        codes, shape = quantized.codes, quantized.codes.shape
        if codes.dtype != self._dtype or quantized.zero_points.dtype != self._dtype:
            raise BadInput(
                f"codes of {codes.dtype.name}, zero points of {quantized.zero_points.dtype.name}",
                where=where,
                expected=f"{np.dtype(self._dtype).name} for {self.name}",
            )
        zero_points = self._sharing.spread(quantized.zero_points, shape, where).astype(np.int16)
        steps = (codes - zero_points).astype(np.float32)
        weights: Weights = steps * self._sharing.spread(quantized.scales, shape, where)
        return weights

    def pack(self, codes: Codes) -> Codes:
        """Codes, or zero points, as the bytes of an ONNX tensor.

        Two INT4, or four INT2, to a byte, the first in the lowest bits, in row-major order; unused bits are 0.

        Returns:
            uint8 ``[ceil(size * bits / 8)]``.
        """
        return bit_stream.pack(np.ascontiguousarray(codes).reshape(-1).view(np.uint8), self.bits)

    def unpack(self, packed: Codes, shape: tuple[int, ...], *, where: str | None = None) -> Codes:
        """What :meth:`pack` packed, in ``shape``.

        Raises:
            BadInput: if the bytes are not uint8 or their number is another.
        """
        count = int(np.prod(shape))
        wanted = bit_stream.size(count, self.bits)
        if packed.dtype != np.uint8 or packed.shape != (wanted,):
            raise BadInput(
                f"{self.name} codes of shape {shape} in {packed.dtype.name} of shape {packed.shape}",
                where=where,
                expected=f"uint8 of shape ({wanted},)",
            )
        codes = bit_stream.unpack(packed, self.bits, count).reshape(shape)
        if self.signed:
            sign = np.uint8(1 << self.bits - 1)
            codes = ((codes ^ sign) - sign).view(np.int8)
        return codes

    def _scales(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[Weights, Codes]:
        if self.symmetric:
            high = np.maximum(-low, high)
            low = -high
        exact = (high - low) / (self.highest - self.lowest)
        usable = exact >= SMALLEST_SCALE
        exact = np.where(usable, exact, 1.0)
        zero = (self.lowest + self.highest) / 2 if self.symmetric else self.lowest - low / exact
        zero_points = np.where(usable, np.rint(zero), 0)
        return exact.astype(np.float32), zero_points.astype(self._dtype)

    @property
    def _sharing(self) -> Sharing:
        return Sharing(self.granularity, self.axis, self.group_size)

    @property
    def _dtype(self) -> type[np.int8] | type[np.uint8]:
        return np.int8 if self.signed else np.uint8
