"""The contract of a quantizer.

A format stores weights in blocks: ``block_size`` neighbours of a row become ``block_bytes`` bytes. A quantizer turns
float32 weights into those bytes and back. The base class owns everything that is the same for all formats: shapes,
data types, checks, and work in chunks, so that memory stays bounded. A format writes only the layout of its blocks, as
a NumPy data type, and their arithmetic, in the three methods that start with an underscore.

Laws, which ``tests/contract/quantizers.py`` holds every format to:

* ``quantize`` maps ``[..., n]`` float32 to ``[..., n / block_size * block_bytes]`` uint8, ``dequantize`` maps back.
* Both give exactly the bytes that ggml gives, for every finite input.
* Neither changes its input, and a row's bytes do not depend on the other rows.
* What cannot be right raises :class:`~edgedocs.core.errors.BadInput` and says where.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from edgedocs.core.errors import BadInput

Weights = NDArray[np.float32]
Encoded = NDArray[np.uint8]
Blocks = NDArray[Any]
"""Blocks in a format's own layout, one element a block."""
Codes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

EXACT_IN_FLOAT32 = frozenset({"float32", "float16", "bfloat16"})
"""Data types whose every value is a float32 value too."""


class Quantizer(ABC):
    """One block format.

    Attributes:
        name: the format's name in GGUF files, for example ``"Q4_0"``.
        block_size: how many weights share a block.
        layout: the fields of a block, as the C struct has them, without padding.
        chunk_weights: how many weights are worked on at a time; their intermediate arrays should fit the cache.
        stores_non_finite: whether a weight that is infinite or not a number can be stored as such.
    """

    name: ClassVar[str]
    block_size: ClassVar[int]
    layout: ClassVar[np.dtype[Any]]
    chunk_weights: ClassVar[int] = 1 << 16
    stores_non_finite: ClassVar[bool] = False

    @property
    def block_bytes(self) -> int:
        """How many bytes a block takes."""
        return self.layout.itemsize

    @property
    def bits_per_weight(self) -> float:
        """Bits a weight takes, the block's scales included."""
        return 8 * self.block_bytes / self.block_size

    def encoded_shape(self, shape: tuple[int, ...], where: str | None = None) -> tuple[int, ...]:
        """The shape of the bytes for weights of ``shape``.

        Raises:
            BadInput: if a row is no whole number of blocks.
        """
        self._check_rows(shape, self.block_size, "weights", where)
        return *shape[:-1], shape[-1] // self.block_size * self.block_bytes

    def decoded_shape(self, shape: tuple[int, ...], where: str | None = None) -> tuple[int, ...]:
        """The shape of the weights in bytes of ``shape``.

        Raises:
            BadInput: if a row is no whole number of blocks.
        """
        self._check_rows(shape, self.block_bytes, "bytes", where)
        return *shape[:-1], shape[-1] // self.block_bytes * self.block_size

    def quantize(self, weights: NDArray[Any], where: str | None = None) -> Encoded:
        """Encode weights.

        Args:
            weights: ``[..., n]`` of float32, float16 or bfloat16; ``n`` is a multiple of ``block_size``.
            where: the tensor's name, for error messages.

        Returns:
            ``[..., n / block_size * block_bytes]`` of uint8, a new array, the bytes that ggml's
            ``ggml_quantize_chunk`` writes.

        Raises:
            BadInput: if the shape or the data type is wrong, or a weight is infinite or not a number and the format
                has no bits for that. (ggml's result is then undefined in C, and llama.cpp refuses the model.)
        """
        self._check_weights(weights, where)
        encoded = np.empty(self.encoded_shape(weights.shape, where), np.uint8)
        blocks = encoded.reshape(-1).view(self.layout)
        rows = weights.reshape(len(blocks), self.block_size)
        for chunk in self._chunks(len(blocks)):
            values = np.ascontiguousarray(rows[chunk], np.float32)
            if not (self.stores_non_finite or _all_finite(values)):
                raise self._non_finite(weights, where)
            with np.errstate(all="ignore"):
                self._encode(values, blocks[chunk])
        return encoded

    def dequantize(self, encoded: Encoded, where: str | None = None) -> Weights:
        """Decode what :meth:`quantize` made.

        Args:
            encoded: ``[..., m]`` of uint8; ``m`` is a multiple of ``block_bytes``.
            where: the tensor's name, for error messages.

        Returns:
            ``[..., m / block_bytes * block_size]`` of float32, a new array.

        Raises:
            BadInput: if the shape or the data type is wrong.
        """
        blocks = self._blocks(encoded, where)
        weights = np.empty(self.decoded_shape(encoded.shape), np.float32)
        rows = weights.reshape(len(blocks), self.block_size)
        for chunk in self._chunks(len(blocks)):
            with np.errstate(all="ignore"):
                self._decode(blocks[chunk], rows[chunk])
        return weights

    def validate(self, encoded: Encoded, where: str | None = None) -> None:
        """Check that every block decodes to finite weights, as llama.cpp does before it writes or loads a tensor.

        A scale is a 16-bit float, so weights beyond about 65504 times the largest code overflow it.

        Raises:
            BadInput: naming the row and the weights of the first block that does not.
        """
        blocks = self._blocks(encoded, where)
        row_blocks = encoded.shape[-1] // self.block_bytes
        for chunk in self._chunks(len(blocks)):
            finite = self._finite(blocks[chunk])
            if not finite.all():
                row, block = divmod(chunk.start + int(np.argmin(finite)), row_blocks)
                first = block * self.block_size
                raise BadInput(
                    f"row {row}, weights {first} to {first + self.block_size - 1}: not finite as {self.name}",
                    where=where,
                    expected="weights within the range of the format's 16-bit scale",
                    remedy="use a format with a wider range, such as F32 or BF16",
                )

    @abstractmethod
    def _encode(self, weights: Weights, blocks: Blocks) -> None:
        """Write ``weights`` float32 ``[m, block_size]`` into ``blocks``, ``[m]`` of ``layout``."""

    @abstractmethod
    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        """Write what ``blocks``, ``[m]`` of ``layout``, hold into ``weights`` float32 ``[m, block_size]``."""

    @abstractmethod
    def _finite(self, blocks: Blocks) -> Mask:
        """Which of ``blocks``, ``[m]`` of ``layout``, decode to finite weights."""

    def _chunks(self, count: int) -> list[slice]:
        step = max(1, self.chunk_weights // self.block_size)
        return [slice(start, min(start + step, count)) for start in range(0, count, step)]

    def _check_rows(self, shape: tuple[int, ...], multiple: int, noun: str, where: str | None) -> None:
        if not shape or shape[-1] % multiple:
            raise BadInput(
                f"{self.name} cannot hold rows of {shape[-1] if shape else 'no'} {noun}",
                where=where,
                expected=f"rows of a multiple of {multiple} {noun}",
            )

    def _check_weights(self, weights: NDArray[Any], where: str | None) -> None:
        if weights.dtype.name not in EXACT_IN_FLOAT32:
            raise BadInput(
                f"cannot quantize {weights.dtype.name} to {self.name}",
                where=where,
                expected="float32, float16 or bfloat16",
                remedy="convert it with .astype(numpy.float32)",
            )

    def _blocks(self, encoded: Encoded, where: str | None) -> Blocks:
        """The bytes as blocks, ``[m]`` of ``layout``; copied only if they are not contiguous."""
        if encoded.dtype != np.uint8:
            raise BadInput(
                f"{self.name} bytes given as {encoded.dtype.name}", where=where, expected="an array of uint8"
            )
        self._check_rows(encoded.shape, self.block_bytes, "bytes", where)
        return np.ascontiguousarray(encoded).reshape(-1).view(self.layout)

    def _non_finite(self, weights: NDArray[Any], where: str | None) -> BadInput:
        rows = weights.reshape(-1, weights.shape[-1])
        number = next(number for number, row in enumerate(rows) if not _all_finite(row))
        column = int(np.argmin(np.isfinite(rows[number].astype(np.float32))))
        return BadInput(
            f"row {number}, column {column} is {rows[number, column]}, which {self.name} cannot store",
            where=where,
            expected="finite weights",
            remedy="look for the fault in the model; F32, F16 and BF16 store it as it is",
        )


def _all_finite(values: NDArray[Any]) -> bool:
    """Whether all are finite: the extremes are infinite or not a number if any is."""
    return bool(np.isfinite(values.max()) and np.isfinite(values.min()))
