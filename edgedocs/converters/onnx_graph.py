"""Graph: an ONNX model in the making, with the parts that decoders and encoders share.

Parts are asked for by their names in GGUF, which are the same in all families: ``blk.0.attn_q``, say. In the graph they
have the names of the checkpoint.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from edgedocs.architectures.base import TensorRole
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.onnx_writer import OnnxWriter
from edgedocs.converters.onnx_matrices import FLOAT, HALF, INTEGER, FloatMatrices, Matrices, Matrix, finite, rounded

ELEMENTS = {FLOAT: 1, HALF: 10, INTEGER: 7, np.dtype(bool): 9}
"""The types as nodes name them."""


class Graph:
    """Writes nodes and weights of one model; each method appends the nodes of one part and returns its output's name.

    Args:
        writer: takes nodes and weights.
        checkpoint: where the weights come from.
        matrices: how they are stored and multiplied.
        step: called after each weight is written.
    """

    def __init__(
        self, writer: OnnxWriter, checkpoint: Checkpoint, matrices: Matrices, step: Callable[[], None]
    ) -> None:
        self.writer = writer
        self.checkpoint = checkpoint
        self.matrices = matrices
        self.element = matrices.element
        self.step = step
        self._exact = FloatMatrices()
        self._roles: dict[str, list[TensorRole]] = defaultdict(list)
        for role in checkpoint.architecture.tensors(checkpoint.spec):
            self._roles[role.gguf].append(role)

    def __contains__(self, name: str) -> bool:
        return f"{name}.weight" in self._roles

    def matrix(self, name: str, number: int = 0) -> Matrix:
        """The weights of a projection; ``number`` is the expert's in a stack."""
        role = self._roles[f"{name}.weight"][number]
        return Matrix(role.name.removesuffix(".weight"), self.checkpoint.tensors[role.name])

    def embedded(self, name: str, numbers: str, *, shared: bool = False) -> str:
        """The rows of a table, [..., columns]; ``shared`` if :meth:`unembedded` will be asked for, too."""
        row = self.matrices.embed(self.writer, self.matrix(name), numbers, shared)
        self.step()
        return row

    def projected(self, name: str, hidden: str, number: int = 0, *, exact: bool = False) -> str:
        """A projection, with its bias if it has one; ``exact`` in float32, whatever the type."""
        matrix = self.matrix(name, number)
        product = (self._exact if exact else self.matrices).multiply(self.writer, matrix, hidden)
        self.step()
        if f"{name}.bias" not in self._roles:
            return product
        bias = self.vector(f"{name}.bias")
        return self.writer.node("Add", [product, bias], f"{matrix.name}.out")

    def unembedded(self, name: str, hidden: str) -> str:
        """A projection by a table that :meth:`embedded` has stored."""
        return self.matrices.multiply_embedding(self.writer, self.matrix(name), hidden)

    def vector(self, name: str) -> str:
        """A bias, or the weights of a norm."""
        role = self._roles[name][0]
        values = self.checkpoint.tensors[role.name].float32() + np.float32(role.offset)
        weight = self.writer.weight(role.name, rounded(finite(values, role.name), self.element, role.name))
        self.step()
        return weight

    def rms_normalized(self, name: str, hidden: str) -> str:
        """Each row divided by its root mean square, times weights."""
        weight = self.vector(f"{name}.weight")
        epsilon = self.checkpoint.spec.norm_epsilon
        return self.writer.node("RMSNormalization", [hidden, weight], f"{weight[:-7]}.out", axis=-1, epsilon=epsilon)

    def layer_normalized(self, name: str, hidden: str) -> str:
        """Each row less its mean, divided by its standard deviation, times weights, and a bias."""
        weight, bias = self.vector(f"{name}.weight"), self.vector(f"{name}.bias")
        epsilon = self.checkpoint.spec.norm_epsilon
        return self.writer.node(
            "LayerNormalization", [hidden, weight, bias], f"{weight[:-7]}.out", axis=-1, epsilon=epsilon
        )

    def number(self, name: str, value: float, element: np.dtype[Any] | None = None) -> str:
        """A constant in the type of what is computed, or in another."""
        return self.writer.constant(name, np.array(value, element or self.element))

    def cast(self, value: str, element: np.dtype[Any], source: np.dtype[Any] | None = None) -> str:
        """A value in another type, from ``source``, which is that of what is computed if not given."""
        if element == (source or self.element):
            return value
        return self.writer.node("Cast", [value], f"{value}.{element.name}", to=ELEMENTS[element])

    def extent(self, name: str, label: str) -> str:
        """The second dimension of an input, as a scalar."""
        shape = self.writer.node("Shape", [name], f"{label}.shape", start=1, end=2)
        return self.writer.node("Squeeze", [shape], label)
