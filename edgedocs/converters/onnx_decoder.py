"""The graph of a decoder, from its spec alone: embedding, layers, output."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgedocs.architectures.base import DecoderSpec
from edgedocs.converters.onnx_experts import Experts
from edgedocs.converters.onnx_graph import Graph
from edgedocs.converters.onnx_matrices import FLOAT, INTEGER
from edgedocs.converters.onnx_rotary import Rotary


class Decoder:
    """Writes one decoder's graph; each method appends the nodes of one part and returns its output's name.

    Args:
        graph: where to append.
        spec: the decoder's shape.
    """

    def __init__(self, graph: Graph, spec: DecoderSpec) -> None:
        self.graph = graph
        self.writer = graph.writer
        self.spec = spec
        tokens = self.writer.input("input_ids", INTEGER, ["batch", "length"])
        padding = self.writer.input("attention_mask", INTEGER, ["batch", "total"])
        positions = self.writer.input("position_ids", INTEGER, ["batch", "length"])
        self._total = graph.extent(padding, "mask.total")
        self._masks = self._both_masks(tokens, padding)
        self.writer.output("logits", FLOAT, ["batch", "length", spec.vocabulary])
        self._embedded = graph.embedded("token_embd", tokens, shared=spec.tied_embeddings)
        self.rotary = Rotary(graph, spec, positions, self._total)
        self._experts = Experts(graph, spec) if spec.experts is not None else None

    def write(self) -> None:
        """Append the whole graph, its inputs and its outputs."""
        graph, writer, spec = self.graph, self.writer, self.spec
        hidden = self._embedded
        if spec.scaled_embeddings:
            hidden = writer.node("Mul", [hidden, graph.number("scale", spec.hidden_size**0.5)], "embeddings.scaled")
        for layer in range(spec.layers):
            hidden = self._layer(layer, hidden)
        hidden = graph.rms_normalized("output_norm", hidden)
        logits = graph.unembedded("token_embd", hidden) if spec.tied_embeddings else graph.projected("output", hidden)
        logits = graph.cast(logits, FLOAT)
        if spec.output_soft_cap is not None:
            cap = graph.number("logits.cap", spec.output_soft_cap, FLOAT)
            logits = writer.node("Div", [logits, cap], "logits.divided")
            logits = writer.node("Tanh", [logits], "logits.squeezed")
            logits = writer.node("Mul", [logits, cap], "logits.capped")
        writer.node("Identity", [logits], "logits")

    def _layer(self, layer: int, hidden: str) -> str:
        """Attention and a feed-forward network, each added to what it is given, normalized before and perhaps after."""
        graph, name, spec = self.graph, f"blk.{layer}", self.spec
        attended = self._attention(layer, graph.rms_normalized(f"{name}.attn_norm", hidden))
        if spec.post_norms:
            attended = graph.rms_normalized(f"{name}.post_attention_norm", attended)
        hidden = self.writer.node("Add", [hidden, attended], f"layers.{layer}.attended")
        fed = self._feed_forward(name, graph.rms_normalized(f"{name}.ffn_norm", hidden))
        if spec.post_norms:
            fed = graph.rms_normalized(f"{name}.post_ffw_norm", fed)
        return self.writer.node("Add", [hidden, fed], f"layers.{layer}.out")

    def _attention(self, layer: int, hidden: str) -> str:
        spec, name = self.spec, f"blk.{layer}"
        windowed = spec.window is not None and spec.window.layers[layer]
        squeezed: dict[str, Any] = {} if spec.attention_soft_cap is None else {"softcap": spec.attention_soft_cap}
        query, key, value = self._queries_keys_values(name, hidden)
        if spec.head_norms:
            query = self._normalized_heads(f"{name}.attn_q_norm", query, spec.heads)
            key = self._normalized_heads(f"{name}.attn_k_norm", key, spec.key_value_heads)
        query = self.rotary.rotated(query, spec.heads, windowed)
        key = self.rotary.rotated(key, spec.key_value_heads, windowed)
        past, present = [], []
        for part in ("key", "value"):
            shape: list[int | str] = ["batch", spec.key_value_heads, "past", spec.head_size]
            past.append(self.writer.input(f"past_key_values.{layer}.{part}", self.graph.element, shape))
            present.append(f"present.{layer}.{part}")
            self.writer.output(
                present[-1], self.graph.element, ["batch", spec.key_value_heads, "total", spec.head_size]
            )
        mixed = self.writer.node(
            "Attention",
            [query, key, value, self._masks[windowed], *past],
            f"layers.{layer}.mixed",
            *present,
            q_num_heads=spec.heads,
            kv_num_heads=spec.key_value_heads,
            scale=spec.head_size**-0.5,
            **squeezed,
        )
        return self.graph.projected(f"{name}.attn_output", mixed)

    def _queries_keys_values(self, name: str, hidden: str) -> tuple[str, str, str]:
        graph, spec = self.graph, self.spec
        if not spec.fused_projections:
            query, key, value = (graph.projected(f"{name}.attn_{kind}", hidden) for kind in "qkv")
            return query, key, value
        sizes = [spec.heads * spec.head_size, *[spec.key_value_heads * spec.head_size] * 2]
        query, key, value = self._split(graph.projected(f"{name}.attn_qkv", hidden), "qkv", sizes)
        return query, key, value

    def _split(self, fused: str, parts: str, sizes: list[int]) -> list[str]:
        names = [f"{fused}.{part}" for part in parts]
        self.writer.node(
            "Split", [fused, self.writer.constant(f"{fused}.sizes", np.array(sizes, INTEGER))], *names, axis=-1
        )
        return names

    def _normalized_heads(self, name: str, heads_of: str, heads: int) -> str:
        """Queries or keys, the numbers of each head normalized by themselves."""
        apart = self.writer.constant(f"{heads_of}.apart", np.array([0, 0, heads, self.spec.head_size], INTEGER))
        together = self.writer.constant(f"{heads_of}.together", np.array([0, 0, -1], INTEGER))
        each = self.writer.node("Reshape", [heads_of, apart], f"{heads_of}.heads")
        each = self.graph.rms_normalized(name, each)
        return self.writer.node("Reshape", [each, together], f"{heads_of}.normalized")

    def _feed_forward(self, name: str, hidden: str) -> str:
        if self._experts is not None:
            return self._experts.fed(name, hidden, self._gated)
        graph = self.graph
        if self.spec.fused_projections:
            size = self.spec.feed_forward_size
            gate, up = self._split(graph.projected(f"{name}.ffn_up", hidden), "gu", [size, size])
        else:
            gate, up = (graph.projected(f"{name}.ffn_{kind}", hidden) for kind in ("gate", "up"))
        return graph.projected(f"{name}.ffn_down", self._gated(gate, up))

    def _gated(self, gate: str, up: str) -> str:
        writer = self.writer
        if self.spec.activation == "silu":
            sigmoid = writer.node("Sigmoid", [gate], f"{gate}.sigmoid")
            active = writer.node("Mul", [gate, sigmoid], f"{gate}.active")
        else:
            how = "tanh" if self.spec.activation == "gelu_tanh" else "none"
            active = writer.node("Gelu", [gate], f"{gate}.active", approximate=how)
        return writer.node("Mul", [active, up], f"{up}.gated")

    def _both_masks(self, tokens: str, padding: str) -> dict[bool, str]:
        """Which of all tokens each new token may see: those up to itself, without padding; within windows only the
        latest of them.

        Boolean, [batch, 1, length, total]: the new tokens are the last of all.
        """
        writer, total = self.writer, self._total
        zero, one = (self.graph.number(f"mask.{number}", number, INTEGER) for number in (0, 1))
        seen = writer.node("Range", [zero, total, one], "mask.seen")
        first = writer.node("Sub", [total, self.graph.extent(tokens, "mask.length")], "mask.first")
        looking = writer.node("Range", [first, total, one], "mask.looking")
        looking = writer.node("Unsqueeze", [looking, one], "mask.looking.column")
        earlier = writer.node("LessOrEqual", [seen, looking], "mask.earlier")
        real = writer.node("Cast", [padding], "mask.real", to=9)
        axes = writer.constant("mask.axes", np.array([1, 2], INTEGER))
        real = writer.node("Unsqueeze", [real, axes], "mask.real.rows")
        masks = {False: writer.node("And", [earlier, real], "mask")}
        if self.spec.window is not None:
            size = self.graph.number("mask.window.size", self.spec.window.size, INTEGER)
            start = writer.node("Sub", [looking, size], "mask.window.start")
            late = writer.node("Greater", [seen, start], "mask.late")
            masks[True] = writer.node("And", [masks[False], late], "mask.window")
        return masks
