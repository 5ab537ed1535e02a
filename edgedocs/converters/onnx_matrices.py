"""Matrices of an ONNX graph: how a projection's weights are stored, and what multiplies with them.

Each class is one way. A weight is read, changed and written some rows or columns at a time, so that memory does not
grow with it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgedocs.containers.onnx_writer import CONTRIBUTED, OnnxWriter
from edgedocs.containers.safetensors import Tensor
from edgedocs.core.errors import BadInput
from edgedocs.core.threads import slices
from edgedocs.quantizers.affine import AffineQuantizer
from edgedocs.quantizers.matmul_nbits import MatMulNBitsQuantizer

FLOAT, HALF, INTEGER = np.dtype(np.float32), np.dtype(np.float16), np.dtype(np.int64)
WEIGHTS_AT_A_TIME = 2**22
"""16 MiB as float32."""
ROWS = AffineQuantizer(8, granularity="channel", axis=0)
MIDDLE = 128
"""The zero point of unsigned codes."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Matrix:
    """A projection's weights, as the checkpoint has them: [outputs, inputs].

    Attributes:
        name: its name in the checkpoint, without ``.weight``.
        tensor: where it is.
    """

    name: str
    tensor: Tensor

    @property
    def weight(self) -> str:
        """What the weight is called in the graph."""
        return f"{self.name}.weight"

    @property
    def outputs(self) -> int:
        """Its rows."""
        return self.tensor.shape[0]

    @property
    def inputs(self) -> int:
        """Its columns."""
        return self.tensor.shape[1]

    def rows(self) -> Iterator[Array]:
        """float32 [some, inputs], one part after the other."""
        stored = self.tensor.array()
        for part in slices(self.outputs, WEIGHTS_AT_A_TIME // self.inputs):
            yield finite(stored[part].astype(np.float32), self.weight)

    def columns(self) -> Iterator[tuple[slice, Array]]:
        """float32 [some, outputs], the matrix transposed, one part after the other, with the columns that it has."""
        stored = self.tensor.array()
        for part in slices(self.inputs, WEIGHTS_AT_A_TIME // self.outputs):
            yield part, finite(np.ascontiguousarray(stored[:, part].T).astype(np.float32), self.weight)


class Matrices(ABC):
    """A way of storing matrices and multiplying with them.

    Attributes:
        element: the type of what is multiplied, and of all between two matrices.
        compute: what a matrix product rounds its inputs to, as NumPy names types.
        unsigned: whether codes of 8 bits are stored as uint8 with the zero point 128, not as int8.
    """

    element = FLOAT
    compute = "float32"
    unsigned = False

    def __init__(self) -> None:
        self._prepared: dict[str, str] = {}

    @abstractmethod
    def multiply(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """Append what gives ``hidden`` [..., inputs] times the matrix; returns the name of [..., outputs]."""

    def embed(self, writer: OnnxWriter, matrix: Matrix, tokens: str, shared: bool = False) -> str:
        """Append what gives each token its row of the matrix; int8, with a scale a row, unless a class says otherwise.

        Args:
            writer: where to append.
            matrix: the table, a row for each token.
            tokens: the name of the tokens.
            shared: whether :meth:`multiply_embedding` will be asked for, too.

        Returns:
            The name of [..., inputs].
        """
        scales, found = f"{matrix.weight}.scale", np.empty((matrix.outputs, 1), np.float32)

        def rows() -> Iterator[Array]:
            done = 0
            for part in matrix.rows():
                quantized = ROWS.quantize(part, where=matrix.weight)
                found[done : done + len(part), 0] = quantized.scales
                done += len(part)
                yield self._codes(quantized.codes)

        writer.weight_in_pieces(matrix.weight, self._code_type, matrix.tensor.shape, rows())
        writer.weight(scales, found)
        row = writer.node("Gather", [matrix.weight, tokens], f"{matrix.name}.codes")
        row = writer.node("Cast", [row], f"{matrix.name}.steps", to=1)
        if self.unsigned:
            middle = writer.constant(f"{matrix.name}.middle", np.array(MIDDLE, FLOAT))
            row = writer.node("Sub", [row, middle], f"{matrix.name}.signed")
        scale = writer.node("Gather", [scales, tokens], f"{matrix.name}.scales")
        return writer.node("Mul", [row, scale], f"{matrix.name}.out")

    @abstractmethod
    def multiply_embedding(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """As :meth:`multiply`, with a matrix that :meth:`embed` has stored."""

    @property
    def _code_type(self) -> np.dtype[Any]:
        return np.dtype(np.uint8 if self.unsigned else np.int8)

    def _codes(self, signed: Array) -> Array:
        """Codes of 8 bits as they are stored."""
        return signed.view(np.uint8) ^ np.uint8(MIDDLE) if self.unsigned else signed

    def once(self, name: str, make: Callable[[], str]) -> str:
        """What ``make`` gave for this name when it was asked for first."""
        if name not in self._prepared:
            self._prepared[name] = make()
        return self._prepared[name]


class FloatMatrices(Matrices):
    """Weights in float32 or float16, as MatMul takes them.

    Args:
        element: the type.
    """

    def __init__(self, element: np.dtype[Any] = FLOAT) -> None:
        super().__init__()
        self.element = element
        self.compute = element.name
        self.multiplied: list[str] = []

    def multiply(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """See :class:`Matrices`."""
        parts = (rounded(part, self.element, matrix.weight) for _, part in matrix.columns())
        writer.weight_in_pieces(matrix.weight, self.element, (matrix.inputs, matrix.outputs), parts)
        self.multiplied.append(hidden)
        return writer.node("MatMul", [hidden, matrix.weight], f"{matrix.name}.product")

    def embed(self, writer: OnnxWriter, matrix: Matrix, tokens: str, shared: bool = False) -> str:
        """See :class:`Matrices`; in the type itself."""
        parts = (rounded(part, self.element, matrix.weight) for part in matrix.rows())
        writer.weight_in_pieces(matrix.weight, self.element, matrix.tensor.shape, parts)
        return writer.node("Gather", [matrix.weight, tokens], f"{matrix.name}.out")

    def multiply_embedding(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """See :class:`Matrices`."""
        self.multiplied.append(hidden)
        weight = writer.node("Transpose", [matrix.weight], f"{matrix.name}.transposed", perm=[1, 0])
        return writer.node("MatMul", [hidden, weight], f"{matrix.name}.product")


class Int8Matrices(Matrices):
    """Weights of 8 bits with a scale for each output, symmetric: what dynamic and static quantization share."""

    def store(self, writer: OnnxWriter, matrix: Matrix) -> tuple[str, str]:
        """Write codes [inputs, outputs] and scales [outputs]; returns their names."""
        scales = self._scales(matrix)

        def parts() -> Iterator[Array]:
            for _, part in matrix.columns():
                codes = np.clip(np.rint(part / scales), ROWS.lowest, ROWS.highest)
                yield self._codes(codes.astype(np.int8))

        shape = (matrix.inputs, matrix.outputs)
        codes = writer.weight_in_pieces(matrix.weight, self._code_type, shape, parts())
        return codes, writer.weight(f"{matrix.weight}.scale", scales)

    def stored_embedding(self, writer: OnnxWriter, matrix: Matrix) -> tuple[str, str]:
        """The same for the codes that :meth:`embed` has stored."""
        codes = writer.node("Transpose", [matrix.weight], f"{matrix.name}.transposed", perm=[1, 0])
        axes = writer.constant(f"{matrix.name}.axes", np.array([1], INTEGER))
        return codes, writer.node("Squeeze", [f"{matrix.weight}.scale", axes], f"{matrix.name}.scale")

    def _scales(self, matrix: Matrix) -> Array:
        found = [ROWS.quantize(part, where=matrix.weight).scales for part in matrix.rows()]
        return np.concatenate(found)


class DynamicMatrices(Int8Matrices):
    """What is multiplied is rounded to uint8 as it comes, with a scale for the whole tensor.

    The operators are those that ``quantize_dynamic`` of onnxruntime.quantization writes. Weights are unsigned: the
    products of int8 overflow the 16 bits in which x86 processors without VNNI add them up.
    """

    compute = "uint8"
    unsigned = True

    def multiply(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """See :class:`Matrices`."""
        return self._product(writer, matrix, hidden, *self.store(writer, matrix))

    def multiply_embedding(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """See :class:`Matrices`."""
        return self._product(writer, matrix, hidden, *self.stored_embedding(writer, matrix))

    def _product(self, writer: OnnxWriter, matrix: Matrix, hidden: str, codes: str, scales: str) -> str:
        parts = [f"{hidden}.{part}" for part in ("codes", "scale", "zero_point")]
        self.once(hidden, lambda: writer.node("DynamicQuantizeLinear", [hidden], *parts))
        middle = self.once("", lambda: writer.constant("codes.middle", np.array(MIDDLE, np.uint8)))
        product = writer.node("MatMulInteger", [parts[0], codes, parts[2], middle], f"{matrix.name}.sums")
        product = writer.node("Cast", [product], f"{matrix.name}.steps_out", to=1)
        scale = writer.node("Mul", [parts[1], scales], f"{matrix.name}.step")
        return writer.node("Mul", [product, scale], f"{matrix.name}.product")


class StaticMatrices(Int8Matrices):
    """What is multiplied is rounded to uint8 with a scale that calibration has found: QuantizeLinear, DequantizeLinear.

    Args:
        ranges: the least and the greatest value that calibration has seen, by the name of what is multiplied.
    """

    compute = "uint8"
    QUANTIZER = AffineQuantizer(8, symmetric=False, signed=False)

    def __init__(self, ranges: dict[str, tuple[float, float]]) -> None:
        super().__init__()
        self.ranges = ranges

    def multiply(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """See :class:`Matrices`."""
        return self._product(writer, matrix, hidden, *self.store(writer, matrix))

    def multiply_embedding(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """See :class:`Matrices`."""
        return self._product(writer, matrix, hidden, *self.stored_embedding(writer, matrix))

    def _product(self, writer: OnnxWriter, matrix: Matrix, hidden: str, codes: str, scales: str) -> str:
        given = self.once(hidden, lambda: self._rounded(writer, hidden))
        weight = writer.node("DequantizeLinear", [codes, scales], f"{matrix.weight}.dequantized", axis=1)
        return writer.node("MatMul", [given, weight], f"{matrix.name}.product")

    def _rounded(self, writer: OnnxWriter, hidden: str) -> str:
        if hidden not in self.ranges:
            raise BadInput(
                f"the calibration text never reaches {hidden}",
                expected="a text that makes use of every expert",
                remedy="give a longer text to calibrate with, or use the type int8",
            )
        found = self.QUANTIZER.quantize(np.array(self.ranges[hidden], np.float32), where=hidden)
        scale = writer.constant(f"{hidden}.scale", found.scales)
        zero_point = writer.constant(f"{hidden}.zero_point", found.zero_points)
        codes = writer.node("QuantizeLinear", [hidden, scale, zero_point], f"{hidden}.codes")
        return writer.node("DequantizeLinear", [codes, scale, zero_point], f"{hidden}.rounded")


class NBitsMatrices(Matrices):
    """Weights of 8, 4 or 2 bits with a scale for each block of inputs, for ONNX Runtime's operator MatMulNBits.

    Args:
        quantizer: bits, block size, with zero points or without.
    """

    def __init__(self, quantizer: MatMulNBitsQuantizer) -> None:
        super().__init__()
        self.quantizer = quantizer
        self._shared: list[str] = []

    def multiply(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """See :class:`Matrices`."""
        return self._product(writer, matrix, hidden, self._store(writer, matrix, matrix.weight))

    def embed(self, writer: OnnxWriter, matrix: Matrix, tokens: str, shared: bool = False) -> str:
        """See :class:`Matrices`; in blocks if the matrix is shared and they divide its rows."""
        if not shared or matrix.inputs % self.quantizer.block_size:
            return super().embed(writer, matrix, tokens)
        self._shared = self._store(writer, matrix, matrix.weight)
        shape = writer.constant(f"{matrix.name}.shape", np.array([matrix.outputs, -1], INTEGER))
        rows = writer.node("Reshape", [matrix.weight, shape], f"{matrix.name}.rows")
        return writer.node(
            "GatherBlockQuantized",
            [rows, tokens, *self._shared[1:]],
            f"{matrix.name}.out",
            domain=CONTRIBUTED,
            bits=self.quantizer.bits,
            block_size=self.quantizer.block_size,
            gather_axis=0,
            quantize_axis=1,
        )

    def multiply_embedding(self, writer: OnnxWriter, matrix: Matrix, hidden: str) -> str:
        """See :class:`Matrices`; what :meth:`embed` had to store otherwise is stored once more."""
        stored = self._shared or self._store(writer, matrix, f"{matrix.weight}.output")
        return self._product(writer, matrix, hidden, stored)

    def _store(self, writer: OnnxWriter, matrix: Matrix, name: str) -> list[str]:
        """Write codes, scales and zero points, if there are some; returns their names."""
        quantizer, scales, zeros = self.quantizer, [], []

        def packed() -> Iterator[Array]:
            for part in matrix.rows():
                quantized = quantizer.quantize(part, where=matrix.weight)
                scales.append(quantized.scales)
                zeros.append(quantized.zero_points)
                yield quantized.packed

        blocks = -(-matrix.inputs // quantizer.block_size)
        shape = (matrix.outputs, blocks, quantizer.block_size * quantizer.bits // 8)
        stored = [writer.weight_in_pieces(name, np.dtype(np.uint8), shape, packed())]
        stored.append(writer.weight(f"{name}.scale", np.concatenate(scales)))
        if not quantizer.symmetric:
            given = np.concatenate([one for one in zeros if one is not None])
            stored.append(writer.weight(f"{name}.zero_point", given))
        return stored

    def _product(self, writer: OnnxWriter, matrix: Matrix, hidden: str, stored: list[str]) -> str:
        return writer.node(
            "MatMulNBits",
            [hidden, *stored],
            f"{matrix.name}.product",
            domain=CONTRIBUTED,
            K=matrix.inputs,
            N=matrix.outputs,
            bits=self.quantizer.bits,
            block_size=self.quantizer.block_size,
        )


def rounded(values: Array, element: np.dtype[Any], where: str) -> Array:
    """Values in another type.

    Raises:
        BadInput: if one is too large for it.
    """
    with np.errstate(over="ignore"):
        found = values.astype(element, copy=False)
    if element == HALF and not np.isfinite(found).all():
        raise BadInput(
            f"a weight of {float(np.abs(values).max()):g} does not fit float16",
            where=where,
            expected="at most 65504",
            remedy="use the type f32",
        )
    return found


def finite(values: Array, where: str) -> Array:
    """The values themselves.

    Raises:
        BadInput: if one is infinite or not a number.
    """
    if not np.isfinite(values).all():
        raise BadInput(
            "a weight is infinite or not a number",
            where=where,
            expected="numbers",
            remedy="use an undamaged checkpoint",
        )
    return values
