"""The contract of a quantizer.

A format stores weights in blocks: ``block_size`` neighbours of a row become ``block_bytes`` bytes. A quantizer turns
float32 weights into those bytes and back. The base class owns everything that is the same for all formats: shapes,
data types, checks, and work in chunks, so that memory stays bounded. A format writes only the layout of its blocks, as
a NumPy data type, and their arithmetic, in the three methods that start with an underscore.

Laws, which ``tests/contract/quantizers.py`` holds every format to:

* ``quantize`` maps ``[..., n]`` float32 to ``[..., n / block_size * block_bytes]`` uint8, ``dequantize`` maps back.
* Both give exactly the bytes that ggml gives, for every finite input, with importance and without.
* Neither changes its input, and a row's bytes do not depend on the other rows, nor on the number of threads.
* What cannot be right raises :class:`~edgedocs.core.errors.BadInput` and says where.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from edgedocs.core.errors import BadInput
from edgedocs.core.threads import for_each, slices
from edgedocs.quantizers import kernels
from edgedocs.quantizers.kernels import choosing

Weights = NDArray[np.float32]
Encoded = NDArray[np.uint8]
Blocks = NDArray[Any]
"""Blocks in a format's own layout, one element a block."""
Codes = NDArray[Any]
"""Codes of weights or of scales, as uint8."""
Mask = NDArray[np.bool_]

EXACT_IN_FLOAT32 = frozenset({"float32", "float16", "bfloat16"})
"""Data types whose every value is a float32 value too."""


@dataclass(frozen=True, slots=True)
class Importance:
    """How much the weights of some blocks matter, as an importance matrix tells.

    Attributes:
        values: ``[m, block_size]``, for each weight the mean square of the activations that it is multiplied with.
        row_mean_square: ``[m, 1]``, the mean square of the weights of the row that the block belongs to, summed from
            left to right in float32; only for formats that ask for it.
    """

    values: Weights
    row_mean_square: Weights | None = None


class CannotEncodeError(Exception):
    """A block has no code in the format. Raised by ``_encode``; users see a BadInput that names row and column.

    Args:
        block: which of the blocks.
        weight: which weight of it, as far as one can be named.
        reason: why, as a clause: ``"is too large for the search"``.
    """

    def __init__(self, block: int, weight: int, reason: str) -> None:
        self.block, self.weight, self.reason = block, weight, reason
        super().__init__(reason)


_SCALES = ("scale", "minimum")
"""Fields of a layout that all weights of a block are multiplied with, or moved by."""


class NonFiniteError(Exception):
    """A weight is infinite or not a number. Raised by ``_encode`` of formats that find out by the way."""


class Quantizer(ABC):
    """One block format.

    Attributes:
        name: the format's name in GGUF files, for example ``"Q4_0"``.
        block_size: how many weights share a block.
        layout: the fields of a block, as the C struct has them, without padding.
        chunk_weights: how many weights are worked on at a time; their intermediate arrays should fit the cache.
        stores_non_finite: whether a weight that is infinite or not a number can be stored as such.
        finds_non_finite: whether ``_encode`` itself raises :class:`NonFiniteError`, so that nobody looks before.
        uses_importance: whether importance changes the bytes; ggml ignores it for the other formats.
        needs_importance: whether ggml refuses to encode without it.
        needs_row_mean_square: whether the encoding with importance wants :attr:`Importance.row_mean_square`.
    """

    name: ClassVar[str]
    block_size: ClassVar[int]
    layout: ClassVar[np.dtype[Any]]
    chunk_weights: ClassVar[int] = 1 << 16
    stores_non_finite: ClassVar[bool] = False
    finds_non_finite: ClassVar[bool] = False
    uses_importance: ClassVar[bool] = False
    needs_importance: ClassVar[bool] = False
    needs_row_mean_square: ClassVar[bool] = False

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

    def expect(self, weights: int, with_importance: bool = False) -> None:
        """Say that so many weights are to be encoded, a part at a time, so that fast code can be compiled for them."""
        choosing.choice(self.name, self._task(with_importance)).expect(weights)

    def _task(self, with_importance: bool) -> str:
        return "encode_with" if with_importance and self.uses_importance else "encode"

    def quantize(
        self,
        weights: NDArray[Any],
        importance: NDArray[Any] | None = None,
        threads: int | None = None,
        *,
        where: str | None = None,
        first_row: int = 0,
    ) -> Encoded:
        """Encode weights.

        Args:
            weights: ``[..., n]`` of float32, float16 or bfloat16; ``n`` is a multiple of ``block_size``.
            importance: ``[n]``, how much each column matters: zero or positive, as an importance matrix has it; the
                same for all rows. None if nothing is known.
            threads: how many work at a time; by default as many as there are processors to run on.
            where: the tensor's name, for error messages.
            first_row: the number of the first row, likewise.

        Returns:
            ``[..., n / block_size * block_bytes]`` of uint8, a new array, the bytes that ggml's
            ``ggml_quantize_chunk`` writes.

        Raises:
            BadInput: if a shape or a data type is wrong, the format needs importance and has none, or a weight is
                infinite or not a number and the format has no bits for that. (ggml's result is then undefined in C,
                and llama.cpp refuses the model.)
        """
        self._check_weights(weights, where)
        encoded = np.empty(self.encoded_shape(weights.shape, where), np.uint8)
        columns = self._column_importance(weights.shape[-1], importance, where)
        blocks = encoded.reshape(-1).view(self.layout)
        rows = weights.reshape(len(blocks), self.block_size)
        choice = choosing.choice(self.name, self._task(columns is not None))
        fast = choice.kernels(weights.size)
        start = time.perf_counter()
        means = None
        if columns is not None and self.needs_row_mean_square:
            means = _row_mean_squares(weights, threads, fast)

        def encode(chunk: slice) -> None:
            values = _as_float32(rows[chunk], fast)
            if fast is not None and fast.encodes(values, blocks[chunk], columns, chunk.start, means):
                return
            if not (self.stores_non_finite or self.finds_non_finite or _all_finite(values)):
                raise self._non_finite(weights, where, first_row)
            given = None
            if columns is not None:
                row, column = np.divmod(np.arange(chunk.start, chunk.stop), len(columns))
                given = Importance(columns[column], None if means is None else means[row, np.newaxis])
            try:
                with np.errstate(all="ignore"):
                    self._encode(values, blocks[chunk], given)
            except NonFiniteError as error:
                raise self._non_finite(weights, where, first_row) from error
            except CannotEncodeError as error:
                block = chunk.start + error.block
                raise self._cannot_encode(weights, block, error, where, first_row) from error

        for_each(encode, self._chunks(len(blocks), self._chunk_weights(fast, weights.dtype.itemsize)), threads)
        if fast is None:
            choice.spent(time.perf_counter() - start)
        return encoded

    def dequantize(
        self, packed: Encoded, n: int | None = None, threads: int | None = None, *, where: str | None = None
    ) -> Weights:
        """Decode what :meth:`quantize` made.

        Args:
            packed: ``[..., m]`` of uint8; ``m`` is a multiple of ``block_bytes``.
            n: how many weights a row has, to be checked against ``m``; by default what ``m`` says.
            threads: how many work at a time; by default as many as there are processors to run on.
            where: the tensor's name, for error messages.

        Returns:
            ``[..., n]`` of float32, a new array; ``n = m / block_bytes * block_size``.

        Raises:
            BadInput: if the shape or the data type is wrong.
        """
        blocks = self._blocks(packed, where)
        shape = self.decoded_shape(packed.shape)
        if n is not None and n != shape[-1]:
            raise BadInput(
                f"rows of {packed.shape[-1]} bytes hold {shape[-1]} weights of {self.name}, not {n}",
                where=where,
                expected=f"rows of {8 * self.block_bytes * n // (8 * self.block_size)} bytes",
            )
        weights = np.empty(shape, np.float32)
        rows = weights.reshape(len(blocks), self.block_size)

        choice = choosing.choice(self.name, "decode")
        fast = choice.kernels(weights.size)
        start = time.perf_counter()

        def decode(chunk: slice) -> None:
            if fast is not None:
                fast.decode(blocks[chunk].view(np.uint8), rows[chunk].reshape(-1))
                return
            with np.errstate(all="ignore"):
                self._decode(blocks[chunk], rows[chunk])

        at_a_time = self.chunk_weights if fast is None else kernels.DECODED_WEIGHTS
        for_each(decode, self._chunks(len(blocks), at_a_time), threads)
        if fast is None:
            choice.spent(time.perf_counter() - start)
        return weights

    def validate(self, encoded: Encoded, where: str | None = None, first_row: int = 0) -> None:
        """Check that every block decodes to finite weights, as llama.cpp does before it writes or loads a tensor.

        A scale is a 16-bit float, so weights beyond about 65504 times the largest code overflow it.

        Raises:
            BadInput: naming the row and the weights of the first block that does not.
        """
        blocks = self._blocks(encoded, where)
        row_blocks = encoded.shape[-1] // self.block_bytes
        for chunk in self._chunks(len(blocks), self.chunk_weights):
            finite = self._finite(blocks[chunk])
            if not finite.all():
                row, block = divmod(chunk.start + int(np.argmin(finite)), row_blocks)
                first, last = block * self.block_size, (block + 1) * self.block_size - 1
                raise BadInput(
                    f"row {first_row + row}, weights {first} to {last}: not finite as {self.name}",
                    where=where,
                    expected="finite weights within the format's range",
                    remedy="look for the fault in the model, or use a format with a wider range, such as F32 or BF16",
                )

    @abstractmethod
    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        """Write ``weights`` float32 ``[m, block_size]`` into ``blocks``, ``[m]`` of ``layout``.

        Raises:
            CannotEncodeError: if a block has no code where ggml would end the process.
            NonFiniteError: if a weight is infinite or not a number, of formats that say they find out.
        """

    @abstractmethod
    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        """Write what ``blocks``, ``[m]`` of ``layout``, hold into ``weights`` float32 ``[m, block_size]``."""

    def _finite(self, blocks: Blocks) -> Mask:
        """Which of ``blocks``, ``[m]`` of ``layout``, decode to finite weights: those whose scale, and minimum, is."""
        finite = np.ones(len(blocks), np.bool_)
        for name in _SCALES:
            if name in (self.layout.names or ()):
                finite &= np.isfinite(blocks[name])
        return finite

    def _chunk_weights(self, fast: kernels.Kernels | None, bytes_each: int) -> int:
        """How many weights of ``bytes_each`` to encode at a time."""
        if fast is None:
            return self.chunk_weights
        return fast.chunk_weights if bytes_each == 4 else min(fast.chunk_weights, kernels.CHUNK_WEIGHTS)

    def _column_importance(self, length: int, importance: NDArray[Any] | None, where: str | None) -> Weights | None:
        """The importance as ``[blocks of a row, block_size]``; None if there is none, or it changes nothing."""
        if importance is None:
            if self.needs_importance:
                raise BadInput(
                    f"{self.name} needs importance",
                    where=where,
                    expected="how much each column matters, from an importance matrix",
                    remedy="make an importance matrix of the model, or choose a format with more bits",
                )
            return None
        if importance.shape != (length,) or importance.dtype.name not in EXACT_IN_FLOAT32:
            raise BadInput(
                f"importance of shape {importance.shape}, {importance.dtype.name}",
                where=where,
                expected=f"float32 of shape ({length},), one value for each weight of a row",
            )
        values = np.ascontiguousarray(importance, np.float32)
        if not bool(np.all(np.isfinite(values) & (values >= 0))):
            column = int(np.argmin(np.isfinite(values) & (values >= 0)))
            raise BadInput(
                f"the importance of column {column} is {values[column]}",
                where=where,
                expected="finite values, zero or positive",
            )
        return values.reshape(-1, self.block_size) if self.uses_importance and length else None

    def _chunks(self, count: int, weights: int) -> list[slice]:
        return slices(count, weights // self.block_size)

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

    def _cannot_encode(
        self, weights: NDArray[Any], block: int, error: CannotEncodeError, where: str | None, first_row: int
    ) -> BadInput:
        row, column_block = divmod(block, weights.shape[-1] // self.block_size)
        column = column_block * self.block_size + error.weight
        value = weights.reshape(-1, weights.shape[-1])[row, column]
        return BadInput(
            f"row {first_row + row}, column {column} is {value}, which {error.reason} of {self.name}",
            where=where,
            expected="weights of ordinary magnitude",
            remedy="look for the fault in the model",
        )

    def _non_finite(self, weights: NDArray[Any], where: str | None, first_row: int) -> BadInput:
        rows = weights.reshape(-1, weights.shape[-1])
        number = next(number for number, row in enumerate(rows) if not _all_finite(row))
        column = int(np.argmin(np.isfinite(rows[number].astype(np.float32))))
        return BadInput(
            f"row {first_row + number}, column {column} is {rows[number, column]}, which {self.name} cannot store",
            where=where,
            expected="finite weights",
            remedy="look for the fault in the model",
        )


def _all_finite(values: NDArray[Any]) -> bool:
    """Whether all are finite: the extremes are infinite or not a number if any is."""
    with np.errstate(invalid="ignore"):
        return bool(np.isfinite(values.max()) and np.isfinite(values.min()))


def _as_float32(values: NDArray[Any], fast: kernels.Kernels | None) -> Weights:
    """The same values as float32, without gaps; themselves if they are that already."""
    if fast is not None and values.dtype != np.float32 and values.flags.c_contiguous:
        return kernels.widened(values)
    return np.ascontiguousarray(values, np.float32)


def _row_mean_squares(weights: NDArray[Any], threads: int | None, fast: kernels.Kernels | None) -> Weights:
    """The mean square of each row, ``[rows]``, summed from left to right in float32 as ggml does."""
    rows = weights.reshape(-1, weights.shape[-1])
    means = np.empty(len(rows), np.float32)

    def work(chunk: slice) -> None:
        if fast is not None:
            kernels.mean_squares(_as_float32(rows[chunk], fast), means[chunk])
            return
        with np.errstate(all="ignore"):
            values = rows[chunk].astype(np.float32)
            values *= values
            means[chunk] = np.add.accumulate(values, axis=1)[:, -1] / np.float32(rows.shape[1])

    for_each(work, slices(len(rows), (1 << 18) // rows.shape[1]), threads)
    return means
