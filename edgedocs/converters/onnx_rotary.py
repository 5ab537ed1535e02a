"""Rotary positions in an ONNX graph: tables of cosines and sines, computed as transformers computes them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from edgedocs.architectures.base import DecoderSpec
from edgedocs.architectures.rotary import YARN_RAMP, RotaryScaling
from edgedocs.checkpoint import Checkpoint
from edgedocs.converters.onnx_graph import Graph
from edgedocs.converters.onnx_matrices import FLOAT, INTEGER
from edgedocs.core.errors import BadInput

Table = np.ndarray[Any, np.dtype[np.float32]]
SMALL_TABLES = 2**28
"""Bytes; rotary tables beyond it must be smaller than the weights, or a lying ``config.json`` could fill the memory."""
ROWS_AT_A_TIME = 2**14


class Rotary:
    """The rotary positions of a decoder: writes the tables, then rotates queries and keys.

    Args:
        graph: where to append.
        spec: the decoder.
        positions: the name of the position of each new token.
        total: the name of the number of tokens, those of the cache included.
    """

    def __init__(self, graph: Graph, spec: DecoderSpec, positions: str, total: str) -> None:
        self.graph = graph
        self.spec = spec
        self.size = rotary_size(spec)
        local, windows = within_window(spec), () if spec.window is None else spec.window.layers
        self._tables_of: dict[bool, list[str]] = {}
        if local is None or not all(windows):
            everywhere = [*self._tables("rotary", spec), self._places(positions, total)]
            self._tables_of = {False: everywhere, True: everywhere}
        if local is not None:
            self._tables_of[True] = [*self._tables("rotary.window", local), positions]

    def rotated(self, heads_of: str, heads: int, windowed: bool) -> str:
        """Queries or keys [batch, length, heads * head size], rotated."""
        partial: dict[str, Any] = {} if self.size == self.spec.head_size else {"rotary_embedding_dim": self.size}
        tables = self._tables_of[windowed]
        return self.graph.writer.node(
            "RotaryEmbedding", [heads_of, *tables], f"{heads_of}.rotated", num_heads=heads, **partial
        )

    def _tables(self, name: str, spec: DecoderSpec) -> list[str]:
        """Cosines and sines; of LongRoPE those for short texts first, then those for long ones."""
        scaling, context = spec.rotary_scaling, spec.context_length
        parts = [(frequencies(spec), context)]
        if scaling is not None and scaling.kind == "longrope":
            short = replace(scaling, divisors=scaling.short_divisors)
            parts.insert(0, (frequencies(replace(spec, rotary_scaling=short)), border(spec)))
        shape = (sum(rows for _, rows in parts), self.size // 2)
        magnitude = np.float32(1.0 if scaling is None else scaling.attention_factor)
        written = []
        for kind, function in (("cosine", np.cos), ("sine", np.sin)):
            pieces = (
                (function(np.outer(np.arange(first, min(first + ROWS_AT_A_TIME, rows), dtype=FLOAT), one)) * magnitude)
                for one, rows in parts
                for first in range(0, rows, ROWS_AT_A_TIME)
            )
            rounded = (piece.astype(self.graph.element) for piece in pieces)
            written.append(self.graph.writer.weight_in_pieces(f"{name}.{kind}", self.graph.element, shape, rounded))
        return written

    def _places(self, positions: str, total: str) -> str:
        """Where in the tables each token's row is: that of LongRoPE depends on how long the text is."""
        if self.spec.rotary_scaling is None or self.spec.rotary_scaling.kind != "longrope":
            return positions
        writer, short = self.graph.writer, self.graph.number("rotary.short", border(self.spec), INTEGER)
        long = writer.node("Greater", [total, short], "rotary.is_long")
        long = writer.node("Cast", [long], "rotary.long", to=7)
        skipped = writer.node("Mul", [long, short], "rotary.skipped")
        return writer.node("Add", [positions, skipped], "rotary.places")


def border(spec: DecoderSpec) -> int:
    """How long a text may be until LongRoPE takes other frequencies; 0 if it never does."""
    scaling = spec.rotary_scaling
    if scaling is None or scaling.kind != "longrope":
        return 0
    return min(scaling.original_context, spec.context_length)


def rotary_size(spec: DecoderSpec) -> int:
    """How many numbers of a head are rotated."""
    return spec.head_size if spec.rotary_size is None else spec.rotary_size


def within_window(spec: DecoderSpec) -> DecoderSpec | None:
    """The decoder with the rotary positions of the layers with a window; None if they have the same as the others."""
    if spec.window is None or spec.window.rope_theta is None:
        return None
    return replace(spec, rope_theta=spec.window.rope_theta, rotary_scaling=None)


def check_tables(checkpoint: Checkpoint, spec: DecoderSpec) -> None:
    """Refuse a context whose tables would be larger than all weights.

    Raises:
        BadInput: if they would.
    """
    rows = spec.context_length * (1 if within_window(spec) is None else 2) + border(spec)
    tables = rows * rotary_size(spec) * FLOAT.itemsize
    stored = sum(tensor.nbytes for tensor in checkpoint.tensors.values())
    if tables > max(stored, SMALL_TABLES):
        raise BadInput(
            f"max_position_embeddings is {spec.context_length}, whose rotary tables would take {tables} bytes",
            where=checkpoint.path / "config.json",
            expected="tables no larger than the weights",
            remedy="lower it to the context that you need",
        )


def rotary_tables(spec: DecoderSpec) -> tuple[Table, Table]:
    """Cosines and sines of rotary positions that are not scaled by the attention, for the whole context.

    Each float32 [context length, rotated size / 2], in float32 throughout, as transformers computes them.
    """
    angles = np.outer(np.arange(spec.context_length, dtype=np.float32), frequencies(spec))
    return np.cos(angles), np.sin(angles)


def frequencies(spec: DecoderSpec) -> Table:
    """The angle that each pair of numbers turns by from one position to the next, float32 [rotated size / 2]."""
    size, scaling = rotary_size(spec), spec.rotary_scaling
    exponents = np.arange(0, size, 2, dtype=np.float32) / np.float32(size)
    plain: Table = np.asarray(np.float32(1) / np.power(np.float32(spec.rope_theta), exponents), np.float32)
    if scaling is None:
        return plain
    if scaling.kind == "linear":
        return np.asarray(plain / np.float32(scaling.factor), np.float32)
    if scaling.kind == "yarn":
        return _yarn(plain, scaling, spec.rope_theta, size)
    return np.asarray(plain / np.array(scaling.divisors, np.float32), np.float32)


def _yarn(plain: Table, scaling: RotaryScaling, theta: float, size: int) -> Table:
    """As ``_compute_yarn_parameters`` of transformers."""
    ends = []
    for rotations, end in ((YARN_RAMP["beta_fast"], math.floor), (YARN_RAMP["beta_slow"], math.ceil)):
        turned = scaling.original_context / (rotations * 2 * math.pi)
        ends.append(end(size * math.log(turned) / (2 * math.log(theta))))
    low, high = max(ends[0], 0), min(ends[1], size - 1)
    places = np.arange(size // 2, dtype=np.float32)
    ramp = np.clip((places - np.float32(low)) / np.float32(high - low or 0.001), 0, 1)
    mixed: Table = plain / np.float32(scaling.factor) * ramp + plain * (1 - ramp)
    return mixed
