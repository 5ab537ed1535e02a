"""NF4: blocks of weights, each code one of 16 levels that suit a normal distribution.

>>> quantized = NF4Quantizer(16).quantize(np.array([2, -2, 0, 0.2, -1, 1.5], np.float32))
>>> quantized.packed.tobytes().hex(" "), quantized.magnitudes.tolist()
('f0 78 2e', [2.0])
>>> NF4Quantizer(16).dequantize(quantized)[:4].tolist()
[2.0, -2.0, 0.0, 0.15916059911251068]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.checks import as_float32

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Codes, Weights

LEVELS = np.array(
    [
        -1.0,
        -0.6961928009986877,
        -0.5250730514526367,
        -0.39491748809814453,
        -0.28444138169288635,
        -0.18477343022823334,
        -0.09105003625154495,
        0.0,
        0.07958029955625534,
        0.16093020141124725,
        0.24611230194568634,
        0.33791524171829224,
        0.44070982933044434,
        0.5626170039176941,
        0.7229568362236023,
        1.0,
    ],
    np.float32,
)
"""What each code stands for, before the block's greatest magnitude: T. Dettmers et al., QLoRA (2023), appendix E.

They come from quantiles of the standard normal distribution, eight up to zero and nine from zero on. Zero is shared, so
it is exact; the ends are -1 and 1.
"""

MIDDLES = ((LEVELS[1:].astype(np.float64) + LEVELS[:-1]) / 2).astype(np.float32)
"""Halfway between neighbouring levels; a weight exactly there gets the lower code."""


@dataclass(frozen=True, eq=False)
class NF4Weights:
    """Weights in NF4.

    Attributes:
        packed: uint8 ``[ceil(size / 2)]``; byte ``j`` has the code of weight ``2 * j`` in its *upper* half.
        magnitudes: float32 ``[ceil(size / block_size)]``, the greatest magnitude of each block.
        shape: of the weights.
    """

    packed: Codes
    magnitudes: Weights
    shape: tuple[int, ...]


@dataclass(frozen=True)
class NF4Quantizer:
    """Store weights as one of 16 levels times the greatest magnitude of their block.

    The weights are taken in row-major order, whatever their shape; a block may go on in the next row, and the last may
    be shorter. The layout is that of bitsandbytes and of ONNX Runtime's MatMulBnb4. The magnitudes are kept in float32;
    QLoRA quantizes them a second time.

    Args:
        block_size: weights that share a magnitude, an even number.

    Raises:
        BadInput: if the block size is not even and positive.
    """

    block_size: int = 64

    def __post_init__(self) -> None:
        if self.block_size < 2 or self.block_size % 2:
            raise BadInput(f"blocks of {self.block_size} weights for NF4", expected="an even number, such as 64")

    def quantize(self, weights: NDArray[Any], *, where: str | None = None) -> NF4Weights:
        """Store weights.

        Args:
            weights: float32, float16 or bfloat16 of any shape.
            where: the tensor's name, for error messages.

        Raises:
            BadInput: if the data type is another, or a weight is infinite or not a number.
        """
        values = as_float32(weights, "NF4", where)
        blocks = self._blocks(values.reshape(-1))
        magnitudes = np.abs(blocks).max(axis=1, initial=0)
        with np.errstate(all="ignore"):
            inverse = np.where(magnitudes > 0, np.float32(1) / magnitudes, np.float32(0))
            # Where the inverse of a denormal overflows, zeros become no numbers.
            normalized = np.nan_to_num(blocks * inverse[:, np.newaxis])
        codes = np.searchsorted(MIDDLES, normalized).astype(np.uint8).reshape(-1)
        codes = codes[: values.size + values.size % 2]
        return NF4Weights(codes[::2] << 4 | codes[1::2], magnitudes, weights.shape)

    def dequantize(self, quantized: NF4Weights, *, where: str | None = None) -> Weights:
        """The weights that were stored, float32 in their shape, a new array.

        Raises:
            BadInput: if there are too few or too many bytes or magnitudes for the shape.
        """
        packed, magnitudes, count = quantized.packed, quantized.magnitudes, int(np.prod(quantized.shape))
        wanted = ((count + 1) // 2,), (-(-count // self.block_size),)
        if packed.dtype != np.uint8 or (packed.shape, magnitudes.shape) != wanted:
            raise BadInput(
                f"{packed.dtype.name} codes {packed.shape}, magnitudes {magnitudes.shape} for {count} weights in NF4",
                where=where,
                expected=f"uint8 codes {wanted[0]} and magnitudes {wanted[1]} in blocks of {self.block_size}",
            )
        codes = np.stack([packed >> 4, packed & 0x0F], axis=-1).reshape(-1)[:count]
        weights = self._blocks(LEVELS[codes]) * magnitudes[:, np.newaxis]
        return weights.reshape(-1)[:count].reshape(quantized.shape).copy()

    def _blocks(self, values: Weights) -> Weights:
        """``[blocks, block_size]``; zeros fill the last."""
        return np.pad(values, (0, -len(values) % self.block_size)).reshape(-1, self.block_size)
