"""Experts in an ONNX graph: each computes for those tokens alone that have chosen it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgedocs.architectures.base import DecoderSpec
from edgedocs.converters.onnx_graph import Graph
from edgedocs.converters.onnx_matrices import FLOAT, INTEGER


class Experts:
    """Writes the feed-forward networks of a decoder with experts.

    Args:
        graph: where to append.
        spec: the decoder, which has experts.
    """

    def __init__(self, graph: Graph, spec: DecoderSpec) -> None:
        assert spec.experts is not None
        self.graph = graph
        self.experts = spec.experts
        writer = graph.writer
        self._used = writer.constant("experts.used", np.array([self.experts.used], INTEGER))
        self._flat = writer.constant("experts.flat", np.array([-1, spec.hidden_size], INTEGER))
        self._first = writer.constant("experts.first", np.array([0], INTEGER))
        self._last = writer.constant("experts.last", np.array([-1], INTEGER))

    def fed(self, name: str, hidden: str, gated: Callable[[str, str], str]) -> str:
        """What the experts make of ``hidden`` [batch, length, hidden size].

        Args:
            name: the layer's name in GGUF.
            hidden: what they are given.
            gated: appends the activation between their projections, of gate and up.
        """
        graph, writer = self.graph, self.graph.writer
        rows = writer.node("Reshape", [hidden, self._flat], f"{hidden}.rows")
        weights = self._weights(name, rows)
        shape = writer.node("Shape", [rows], f"{rows}.shape")
        total = writer.node("ConstantOfShape", [shape], f"{rows}.none")
        for expert in range(self.experts.count):
            total = self._added(name, expert, rows, weights, total, gated)
        shape = writer.node("Shape", [hidden], f"{hidden}.shape")
        total = graph.cast(total, graph.element, FLOAT)
        return writer.node("Reshape", [total, shape], f"{hidden}.fed")

    def _weights(self, name: str, rows: str) -> str:
        """How much of each expert a token takes: float32 [tokens, experts], 0 for those that it has not chosen.

        The weights of the chosen ones add up to one, so the softmax is over these alone.
        """
        graph, writer = self.graph, self.graph.writer
        scores = graph.projected(f"{name}.ffn_gate_inp", graph.cast(rows, FLOAT), exact=True)
        best = writer.node("TopK", [scores, self._used], f"{scores}.best", f"{scores}.chosen", axis=-1)
        best = writer.node("Softmax", [best], f"{scores}.weights", axis=-1)
        shape = writer.node("Shape", [scores], f"{scores}.shape")
        nothing = writer.node("ConstantOfShape", [shape], f"{scores}.none")
        return writer.node("ScatterElements", [nothing, f"{scores}.chosen", best], f"{scores}.all_weights", axis=-1)

    def _added(
        self, name: str, expert: int, rows: str, weights: str, total: str, gated: Callable[[str, str], str]
    ) -> str:
        """``total`` [tokens, hidden size] with what one expert makes of the tokens that have chosen it."""
        graph, writer, prefix = self.graph, self.graph.writer, f"{rows}.{expert}"
        number = writer.constant(f"{prefix}.number", np.array(expert, INTEGER))
        share = writer.node("Gather", [weights, number], f"{prefix}.share", axis=1)
        places = writer.node("NonZero", [share], f"{prefix}.places")
        chosen = writer.node("Squeeze", [places, self._first], f"{prefix}.chosen")
        given = writer.node("Gather", [rows, chosen], f"{prefix}.given")
        gate, up = (graph.projected(f"{name}.ffn_{kind}_exps", given, expert) for kind in ("gate", "up"))
        made = graph.cast(graph.projected(f"{name}.ffn_down_exps", gated(gate, up), expert), FLOAT)
        share = writer.node("Gather", [share, chosen], f"{prefix}.shares")
        share = writer.node("Unsqueeze", [share, self._last], f"{prefix}.shares.column")
        made = writer.node("Mul", [made, share], f"{prefix}.weighed")
        places = writer.node("Unsqueeze", [chosen, self._last], f"{prefix}.rows")
        return writer.node("ScatterND", [total, places, made], f"{prefix}.total", reduction="add")
