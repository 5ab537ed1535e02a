"""FP8: floats of 8 bits, E4M3 and E5M2, with a scale for each tensor, channel or group.

>>> E4M3.encode(np.array([1, 17, 18, 500, -0.0], np.float32)).tolist()
[56, 88, 89, 126, 128]
>>> E4M3.decode(np.array([56, 88, 89, 126, 128], np.uint8)).tolist()
[1.0, 16.0, 18.0, 448.0, -0.0]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.affine import SMALLEST_SCALE
from edgedocs.quantizers.base import EXACT_IN_FLOAT32
from edgedocs.quantizers.checks import as_float32
from edgedocs.quantizers.sharing import Granularity, Sharing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Codes, Weights

FLOAT32_MANTISSA_BITS = 23
FLOAT32_BIAS = 127
SIGN = np.uint8(0x80)
NAN = 0x7F


@dataclass(frozen=True)
class Float8:
    """A float of 8 bits: the sign, then the exponent, then the mantissa.

    E4M3 and E5M2 are as P. Micikevicius et al., FP8 Formats for Deep Learning (2022), defines them; ONNX calls them
    FLOAT8E4M3FN and FLOAT8E5M2.

    Args:
        name: ``"E4M3"``, say.
        mantissa_bits: bits of the mantissa; the exponent has the other bits but the sign.
        bias: what is added to the exponent.
        largest_code: the code of the greatest finite value.
        infinity_code: the code of infinity, None if there is none.
    """

    name: str
    mantissa_bits: int
    bias: int
    largest_code: int
    infinity_code: int | None

    @cached_property
    def values(self) -> Weights:
        """What each code stands for, float32 ``[256]``."""
        magnitude = np.arange(128)
        exponent, mantissa = magnitude >> self.mantissa_bits, magnitude & (1 << self.mantissa_bits) - 1
        # A subnormal has the exponent of the least normal, but no leading 1.
        significand = np.where(exponent > 0, mantissa + (1 << self.mantissa_bits), mantissa)
        exponent = np.maximum(exponent, 1) - self.bias - self.mantissa_bits
        values = np.ldexp(significand.astype(np.float32), exponent)
        values[self.largest_code + 1 :] = np.nan
        if self.infinity_code is not None:
            values[self.infinity_code] = np.inf
        values = np.concatenate([values, -values])
        values.flags.writeable = False
        return values

    @property
    def largest(self) -> float:
        """The greatest finite value."""
        return float(self.values[self.largest_code])

    @property
    def least(self) -> float:
        """The least positive value."""
        return float(self.values[1])

    def encode(self, values: NDArray[Any], *, saturate: bool = True) -> Codes:
        """The nearest floats of 8 bits, halves to the even code: ONNX's Cast.

        Args:
            values: float32, float16 or bfloat16; infinities and not-a-number are allowed.
            saturate: whether what is too large becomes the greatest finite value; otherwise it becomes infinity or,
                where there is none, not a number. Infinity itself is too large. Too large is what would be rounded up
                from the greatest finite value if there were a next one.

        Returns:
            uint8 in the shape of ``values``.

        Raises:
            BadInput: if the data type is another.
        """
        if values.dtype.name not in EXACT_IN_FLOAT32:
            raise BadInput(f"cannot encode {values.dtype.name} as {self.name}", expected="float32, float16 or bfloat16")
        exact = np.asarray(values, np.float32)
        magnitude = np.abs(exact)
        least_normal = self.values[1 << self.mantissa_bits]
        codes = np.where(magnitude < least_normal, self._small(magnitude), self._normal(magnitude))
        overflow = self.infinity_code if self.infinity_code is not None else NAN
        codes = np.where(codes > self.largest_code, self.largest_code if saturate else overflow, codes)
        codes = np.where(np.isnan(exact), NAN, codes).astype(np.uint8)
        return codes | np.where(np.signbit(exact), SIGN, np.uint8(0))

    def decode(self, codes: Codes) -> Weights:
        """What codes stand for, float32 in their shape, a new array.

        Raises:
            BadInput: if the codes are not uint8.
        """
        if codes.dtype != np.uint8:
            raise BadInput(f"{self.name} codes given as {codes.dtype.name}", expected="an array of uint8")
        return np.asarray(self.values[codes])

    def _small(self, magnitude: Weights) -> NDArray[np.uint32]:
        """Below the least normal value codes are multiples of the least value."""
        with np.errstate(all="ignore"):
            steps = np.rint(np.minimum(magnitude, 1) / np.float32(self.least))
            return np.nan_to_num(steps).astype(np.uint32)

    def _normal(self, magnitude: Weights) -> NDArray[np.uint32]:
        """From there on they are the upper bits of the float32, with a smaller bias; a carry raises the exponent."""
        dropped = FLOAT32_MANTISSA_BITS - self.mantissa_bits
        bits = magnitude.view(np.uint32)
        even = bits >> np.uint32(dropped) & np.uint32(1)
        rounded = bits + np.uint32((1 << dropped - 1) - 1) + even >> np.uint32(dropped)
        return rounded - np.uint32(FLOAT32_BIAS - self.bias << self.mantissa_bits)


E4M3 = Float8("E4M3", mantissa_bits=3, bias=7, largest_code=0x7E, infinity_code=None)
E5M2 = Float8("E5M2", mantissa_bits=2, bias=15, largest_code=0x7B, infinity_code=0x7C)


@dataclass(frozen=True, eq=False)
class ScaledFloat8:
    """Weights as floats of 8 bits: ``weight = value of the code * scale``.

    Attributes:
        codes: uint8 in the weights' shape.
        scales: float32, one for each tensor, channel or group; never 0.
    """

    codes: Codes
    scales: Weights


@dataclass(frozen=True)
class Float8Quantizer:
    """Store weights as floats of 8 bits, scaled so that the greatest magnitude becomes the greatest finite value.

    The codes are those of ONNX's QuantizeLinear with the same scales.

    Args:
        format: :data:`E4M3` or :data:`E5M2`.
        granularity: what shares a scale; see :class:`~edgedocs.quantizers.sharing.Sharing`, also for ``axis`` and
            ``group_size``.
        axis: along which channels or groups lie.
        group_size: how many weights make a group.

    Raises:
        BadInput: if the settings do not fit each other.
    """

    format: Float8 = E4M3
    granularity: Granularity = "tensor"
    axis: int | None = None
    group_size: int | None = None

    def __post_init__(self) -> None:
        Sharing(self.granularity, self.axis, self.group_size)

    def quantize(self, weights: NDArray[Any], *, where: str | None = None) -> ScaledFloat8:
        """Store weights.

        Args:
            weights: float32, float16 or bfloat16 of any shape that has the axis.
            where: the tensor's name, for error messages.

        Raises:
            BadInput: if there is no such axis, the data type is another, or a weight is infinite or not a number.
        """
        values = as_float32(weights, self.format.name, where)
        largest = self._sharing.reduce(np.maximum, np.abs(values), where)
        scales = largest / np.float32(self.format.largest)
        scales = np.where(scales >= SMALLEST_SCALE, scales, np.float32(1))
        return ScaledFloat8(self.format.encode(values / self._sharing.spread(scales, values.shape)), scales)

    def dequantize(self, quantized: ScaledFloat8, *, where: str | None = None) -> Weights:
        """The weights that the codes stand for, float32 in their shape, a new array.

        Raises:
            BadInput: if the scales' shape does not belong to the codes', or the codes are not uint8.
        """
        scales = self._sharing.spread(quantized.scales, quantized.codes.shape, where)
        weights: Weights = self.format.decode(quantized.codes) * scales
        return weights

    @property
    def _sharing(self) -> Sharing:
        return Sharing(self.granularity, self.axis, self.group_size)
