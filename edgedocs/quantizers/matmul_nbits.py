"""MatMulNBits: ONNX Runtime's operator for matrices of 8, 4 or 2 bits, in blocks along the inputs.

>>> quantizer = MatMulNBitsQuantizer(4, block_size=16)
>>> quantized = quantizer.quantize(np.array([[-8, 1, 2, 3] + [0] * 12], np.float32))
>>> quantized.packed[0, 0].tobytes().hex(" "), quantized.scales.tolist()
('90 ba 88 88 88 88 88 88', [[1.0]])
>>> quantizer.dequantize(quantized)[0, :4].tolist()
[-8.0, 1.0, 2.0, 3.0]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.core.errors import BadInput
from edgedocs.quantizers import bit_stream
from edgedocs.quantizers.checks import as_float32, finite_range, one_of
from edgedocs.quantizers.rounding import round_half_away

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Codes, Weights


@dataclass(frozen=True, eq=False)
class MatMulNBitsWeights:
    """The inputs and attributes of a MatMulNBits node; ``N`` rows of ``K`` weights.

    Attributes:
        packed: input B, uint8 ``[N, blocks, block_size * bits / 8]``, the first code in the lowest bits. What lies
            beyond a row's end is 0. (ONNX Runtime's quantizer may leave other bits in a row's last byte; nothing
            reads them.)
        scales: ``[N, blocks]``; float16 if the weights were, otherwise float32.
        zero_points: uint8 ``[N, ceil(blocks * bits / 8)]``, packed as the codes are; None if symmetric.
        columns: attribute K.
    """

    packed: Codes
    scales: NDArray[np.floating[Any]]
    zero_points: Codes | None
    columns: int


@dataclass(frozen=True)
class MatMulNBitsQuantizer:
    """Store a matrix as MatMulNBits takes it, byte for byte as ONNX Runtime's own quantizer does.

    ``weight = (code - zero point) * scale``. With zero points, the range from the least to the greatest weight of a
    block, 0 included, becomes the range of the codes. Symmetric blocks have the middle code for 0, and the weight of
    the greatest magnitude gets code 0, so the scale has the opposite sign. Halves round away from zero.
    As ``BlockwiseQuantizer`` in q4_dq.cpp of ONNX Runtime, called by ``quantize_matmul_4bits`` and the like.

    Args:
        bits: 8, 4 or 2.
        block_size: weights of a row that share a scale: 16, 32, 64, 128 or 256.
        symmetric: whether to leave out zero points.

    Raises:
        BadInput: if ONNX Runtime has no such format.
    """

    bits: int = 4
    block_size: int = 32
    symmetric: bool = True

    def __post_init__(self) -> None:
        one_of(self.bits, (8, 4, 2), "bits")
        one_of(self.block_size, (16, 32, 64, 128, 256), "block size")

    @property
    def name(self) -> str:
        """What messages call the format."""
        return f"MatMulNBits of {self.bits} bits"

    @property
    def middle(self) -> int:
        """The code of 0 in a symmetric block."""
        return 1 << self.bits - 1

    @property
    def highest(self) -> int:
        """The greatest code; the least is 0."""
        return (1 << self.bits) - 1

    def quantize(self, weights: NDArray[Any], *, where: str | None = None) -> MatMulNBitsWeights:
        """Store a matrix.

        Args:
            weights: ``[N, K]`` of float32, float16 or bfloat16: a row for each output, which is the transpose of what
                ONNX's MatMul multiplies with.
            where: the tensor's name, for error messages.

        Raises:
            BadInput: if it is no matrix, the data type is another, a weight is infinite or not a number, or the range
                of a block overflows float32.
        """
        if weights.ndim != 2:
            raise BadInput(f"a tensor of shape {weights.shape} for {self.name}", where=where, expected="a matrix")
        values = as_float32(weights, self.name, where)
        rows, columns = values.shape
        blocks = -(-columns // self.block_size)
        values = np.pad(values, ((0, 0), (0, blocks * self.block_size - columns)))
        values = values.reshape(rows, blocks, self.block_size)
        with np.errstate(all="ignore"):
            scales, zero_points = self._symmetric(values) if self.symmetric else self._asymmetric(values)
            finite_range(scales, self.name, where)
            scales = scales.astype(np.float16 if weights.dtype == np.float16 else np.float32)
            codes = self._codes(values, scales.astype(np.float32), zero_points)
        codes.reshape(rows, blocks * self.block_size)[:, columns:] = 0
        packed = bit_stream.pack(codes, self.bits)
        return MatMulNBitsWeights(packed, scales, None if self.symmetric else self._pack(zero_points), columns)

    def dequantize(self, quantized: MatMulNBitsWeights, *, where: str | None = None) -> Weights:
        """The matrix that was stored, float32 ``[N, K]``, a new array.

        Raises:
            BadInput: if an array is missing or of the wrong shape or type.
        """
        self._check(quantized, where)
        rows, blocks = quantized.scales.shape
        codes = bit_stream.unpack(quantized.packed, self.bits, self.block_size).astype(np.int16)
        if quantized.zero_points is None:
            codes -= np.int16(self.middle)
        else:
            codes -= bit_stream.unpack(quantized.zero_points, self.bits, blocks).astype(np.int16)[..., np.newaxis]
        weights = codes.astype(np.float32) * quantized.scales.astype(np.float32)[..., np.newaxis]
        return weights.reshape(rows, blocks * self.block_size)[:, : quantized.columns].copy()

    def _symmetric(self, values: Weights) -> tuple[Weights, Codes]:
        low, high = values.min(axis=-1), values.max(axis=-1)
        edge = np.where(high > -low, high, low)
        edge = np.where(edge == 0, values[..., 0], edge)  # for the sign of zero, which the scale inherits
        zero_points: Codes = np.full(edge.shape, self.middle, np.uint8)
        return np.asarray(edge / np.float32(-self.middle), np.float32), zero_points

    def _asymmetric(self, values: Weights) -> tuple[Weights, Codes]:
        low, high = values.min(axis=-1, initial=0), values.max(axis=-1, initial=0)
        scales = np.abs((high - low) / np.float32(self.highest))
        zero = np.where(scales > 0, -low / scales, np.float32(0))
        return scales, self._clipped(round_half_away(zero))

    def _codes(self, values: Weights, scales: Weights, zero_points: Codes) -> Codes:
        inverse = np.where(scales == 0, np.float32(0), np.float32(1) / scales)
        steps = values * inverse[..., np.newaxis] + zero_points.astype(np.float32)[..., np.newaxis]
        return self._clipped(round_half_away(steps))

    def _clipped(self, codes: Weights) -> Codes:
        """Codes within their range. Where the inverse of a scale overflowed, 0 has become no number, and gets 0."""
        return np.clip(np.nan_to_num(codes), 0, self.highest).astype(np.uint8)

    def _pack(self, zero_points: Codes) -> Codes:
        """Zero points in whole bytes, filled up with middle codes."""
        missing = -zero_points.shape[1] % (8 // self.bits)
        filled = np.pad(zero_points, ((0, 0), (0, missing)), constant_values=self.middle)
        return bit_stream.pack(filled, self.bits)

    def _check(self, quantized: MatMulNBitsWeights, where: str | None) -> None:
        packed, scales, zero_points = quantized.packed, quantized.scales, quantized.zero_points
        blocks = -(-quantized.columns // self.block_size)
        rows = len(packed)
        wanted = [
            (rows, blocks, bit_stream.size(self.block_size, self.bits)),
            (rows, blocks),
            None if self.symmetric else (rows, bit_stream.size(blocks, self.bits)),
        ]
        found = [packed.shape, scales.shape, None if zero_points is None else zero_points.shape]
        if found != wanted or packed.dtype != np.uint8 or (zero_points is not None and zero_points.dtype != np.uint8):
            raise BadInput(
                f"codes, scales and zero points of shapes {', '.join(map(str, found))} in {packed.dtype.name}",
                where=where,
                expected=f"{', '.join(map(str, wanted))} in uint8 for {self.name} and {quantized.columns} columns",
            )
