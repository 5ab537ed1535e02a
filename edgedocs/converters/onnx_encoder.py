"""The graph of an encoder: what it makes of each token, and of a text where the checkpoint says how."""

from __future__ import annotations

import numpy as np

from edgedocs.architectures.base import EncoderSpec
from edgedocs.converters.onnx_graph import Graph
from edgedocs.converters.onnx_matrices import FLOAT, INTEGER


class Encoder:
    """Writes one encoder's graph; each method appends the nodes of one part and returns its output's name.

    Args:
        graph: where to append.
        spec: the encoder's shape.
    """

    def __init__(self, graph: Graph, spec: EncoderSpec) -> None:
        self.graph = graph
        self.writer = graph.writer
        self.spec = spec
        self._tokens, self._padding, self._types = (
            self.writer.input(name, INTEGER, ["batch", "length"])
            for name in ("input_ids", "attention_mask", "token_type_ids")
        )

    def write(self) -> None:
        """Append the whole graph, its inputs and its output."""
        graph, writer, spec = self.graph, self.writer, self.spec
        writer.output("last_hidden_state", FLOAT, ["batch", "length", spec.hidden_size])
        mask = self._mask()
        hidden = graph.embedded("token_embd", self._tokens)
        placed = graph.embedded("position_embd", self._positions())
        hidden = writer.node("Add", [hidden, placed], "embeddings.placed")
        hidden = writer.node("Add", [hidden, graph.embedded("token_types", self._types)], "embeddings.typed")
        hidden = graph.layer_normalized("token_embd_norm", hidden)
        for layer in range(spec.layers):
            hidden = self._layer(layer, hidden, mask)
        writer.node("Identity", [graph.cast(hidden, FLOAT)], "last_hidden_state")

    def _mask(self) -> str:
        """Which tokens each token sees: all but padding. Boolean, [batch, 1, length, length]."""
        writer = self.writer
        real = writer.node("Cast", [self._padding], "mask.real", to=9)
        real = writer.node("Unsqueeze", [real, writer.constant("mask.axes", np.array([1, 2], INTEGER))], "mask.row")
        length = writer.node("Shape", [self._tokens], "mask.length", start=1, end=2)
        one = writer.constant("mask.one", np.array([1], INTEGER))
        shape = writer.node("Concat", [one, one, length, one], "mask.shape", axis=0)
        return writer.node("Expand", [real, shape], "mask")

    def _positions(self) -> str:
        """0, 1, 2 …, one for each token."""
        zero, one = (self.graph.number(f"positions.{number}", number, INTEGER) for number in (0, 1))
        length = self.graph.extent(self._tokens, "positions.length")
        return self.writer.node("Range", [zero, length, one], "positions")

    def _layer(self, layer: int, hidden: str, mask: str) -> str:
        """Attention and a feed-forward network, each added to what it is given and normalized."""
        graph, writer, name = self.graph, self.writer, f"blk.{layer}"
        query, key, value = (graph.projected(f"{name}.attn_{kind}", hidden) for kind in "qkv")
        mixed = writer.node(
            "Attention",
            [query, key, value, mask],
            f"layers.{layer}.mixed",
            q_num_heads=self.spec.heads,
            kv_num_heads=self.spec.key_value_heads,
            scale=self.spec.head_size**-0.5,
        )
        attended = graph.projected(f"{name}.attn_output", mixed)
        hidden = graph.layer_normalized(
            f"{name}.attn_output_norm", writer.node("Add", [hidden, attended], f"layers.{layer}.attended")
        )
        up = writer.node("Gelu", [graph.projected(f"{name}.ffn_up", hidden)], f"layers.{layer}.active")
        fed = graph.projected(f"{name}.ffn_down", up)
        return graph.layer_normalized(
            f"{name}.layer_output_norm", writer.node("Add", [hidden, fed], f"layers.{layer}.fed")
        )
