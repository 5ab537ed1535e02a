"""ONNX: a decoder in standard operators of opset 23, float32, with its key-value cache as inputs and outputs.

Inputs: ``input_ids`` [batch, length], ``attention_mask`` [batch, total] (1 for a token, 0 for padding; total is the
cache's length and the new tokens' together), ``position_ids`` [batch, length], all int64, and for each layer N
``past_key_values.N.key`` and ``.value`` [batch, key-value heads, past, head size], float32. Outputs: ``logits``
[batch, length, vocabulary], float32, and ``present.N.key`` and ``.value``, to be given back as the past.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.architectures.base import DecoderSpec
from edgedocs.artifact import Artifact, source_of
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.onnx_writer import DATA, MODEL, OnnxWriter
from edgedocs.converters.base import Converter
from edgedocs.core.errors import BadInput
from edgedocs.core.folders import atomic_folder
from edgedocs.core.progress import Progress

FLOAT, INTEGER = np.dtype(np.float32), np.dtype(np.int64)
COPIED = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
"""What a runner needs besides the graph; copied byte for byte, where the checkpoint has it."""
LAYOUT = frozenset({MODEL, DATA, *COPIED})
SMALL_TABLES = 2**28
"""Bytes; rotary tables beyond it must be smaller than the weights, or a lying ``config.json`` could fill the memory."""


class Onnx(Converter):
    """A folder with ``model.onnx``, its weights in ``model.onnx.data``, the tokenizer and the configuration."""

    name = "onnx"
    default_type = "f32"

    @property
    def types(self) -> tuple[str, ...]:
        """Float32 alone."""
        return ("f32",)

    def checked_type(self, name: str | None) -> str:
        """See :meth:`edgedocs.converters.base.Converter.checked_type`; ``fp32`` is another word for ``f32``."""
        return super().checked_type("f32" if name is not None and name.lower() == "fp32" else name)

    def convert(
        self,
        checkpoint: Checkpoint,
        target: Path,
        type: str,  # noqa: A002 - the word that every tool of the field uses
        progress: Progress | None = None,
        split: SplitLimit | None = None,
    ) -> Artifact:
        """Write ``checkpoint`` to the folder ``target``, which is replaced only if it is an earlier conversion.

        Raises:
            BadInput: if the checkpoint cannot be converted, or something else is at ``target``.
            CannotRun: if the target cannot be written.
        """
        spec = plain_decoder(checkpoint)
        roles = checkpoint.architecture.tensors(spec)
        _check_tables(checkpoint, spec)
        sources = [checkpoint.tensors[role.name] for role in roles]
        copied = [checkpoint.tokenizer_json.with_name(name) for name in COPIED]
        copied = [path for path in copied if path.is_file()]
        with atomic_folder(target, LAYOUT) as folder:
            with OnnxWriter(folder) as writer:
                Decoder(writer, checkpoint, spec, _stepper(progress, len(sources))).write()
                writer.save(spec.architecture, producer="edgedocs")
            for path in copied:
                shutil.copyfile(path, folder / path.name)
        paths = sorted({tensor.path for tensor in sources} | set(copied))
        return Artifact.record(target, type, {"name": checkpoint.name} | source_of(*paths), ("onnx", "numpy"))


def plain_decoder(checkpoint: Checkpoint) -> DecoderSpec:
    """The checkpoint's shape, if it is that of a plain Llama, which is all that is written here so far.

    Raises:
        BadInput: if it has anything that a plain Llama has not.
    """
    spec, path = checkpoint.spec, checkpoint.path / "config.json"
    expected, remedy = "a decoder as Llama is, without any of that", "convert it to GGUF, which llama.cpp runs"
    if not isinstance(spec, DecoderSpec):
        raise BadInput(
            f"{spec.architecture} models cannot be converted to ONNX yet", where=path, expected=expected, remedy=remedy
        )
    if features := spec.features():
        raise BadInput(
            f"a model with {', '.join(features)} cannot be converted to ONNX yet",
            where=path,
            expected=expected,
            remedy=remedy,
        )
    return spec


def _check_tables(checkpoint: Checkpoint, spec: DecoderSpec) -> None:
    tables = spec.context_length * spec.head_size * FLOAT.itemsize
    stored = sum(tensor.nbytes for tensor in checkpoint.tensors.values())
    if tables > max(stored, SMALL_TABLES):
        raise BadInput(
            f"max_position_embeddings is {spec.context_length}, whose rotary tables would take {tables} bytes",
            where=checkpoint.path / "config.json",
            expected="tables no larger than the weights",
            remedy="lower it to the context that you need",
        )


def _stepper(progress: Progress | None, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    return step


class Decoder:
    """Writes one decoder's graph; each method appends the nodes of one part and returns its output's name.

    Args:
        writer: takes nodes and weights.
        checkpoint: where the weights come from.
        spec: its shape.
        step: called after each weight is written.
    """

    def __init__(self, writer: OnnxWriter, checkpoint: Checkpoint, spec: DecoderSpec, step: Callable[[], None]) -> None:
        self.writer = writer
        self.checkpoint = checkpoint
        self.spec = spec
        self.step = step

    def write(self) -> None:
        """Append the whole graph, its inputs and its outputs."""
        writer, spec = self.writer, self.spec
        tokens = writer.input("input_ids", INTEGER, ["batch", "length"])
        padding = writer.input("attention_mask", INTEGER, ["batch", "total"])
        positions = writer.input("position_ids", INTEGER, ["batch", "length"])
        embedding = self._weight("model.embed_tokens")
        mask = self._mask(tokens, padding)
        rotary = [*self._rotary_tables(), positions]
        hidden = writer.node("Gather", [embedding, tokens], "embedded")
        writer.output("logits", FLOAT, ["batch", "length", spec.vocabulary])
        for layer in range(spec.layers):
            hidden = self._layer(layer, hidden, mask, rotary)
        hidden = self._norm("model.norm", hidden)
        if spec.tied_embeddings:
            output = writer.node("Transpose", [embedding], "output.weight", perm=[1, 0])
        else:
            output = self._weight("lm_head", transposed=True)
        writer.node("MatMul", [hidden, output], "logits")

    def _layer(self, layer: int, hidden: str, mask: str, rotary: list[str]) -> str:
        name = f"model.layers.{layer}"
        attended = self._attention(layer, self._norm(f"{name}.input_layernorm", hidden), mask, rotary)
        hidden = self.writer.node("Add", [hidden, attended], f"{name}.attended")
        fed = self._feed_forward(f"{name}.mlp", self._norm(f"{name}.post_attention_layernorm", hidden))
        return self.writer.node("Add", [hidden, fed], f"{name}.out")

    def _norm(self, name: str, hidden: str) -> str:
        weight = self._weight(name)
        return self.writer.node(
            "RMSNormalization", [hidden, weight], f"{name}.out", axis=-1, epsilon=self.spec.norm_epsilon
        )

    def _attention(self, layer: int, hidden: str, mask: str, rotary: list[str]) -> str:
        writer, spec, name = self.writer, self.spec, f"model.layers.{layer}.self_attn"
        query = self._rotated(self._projected(f"{name}.q_proj", hidden), spec.heads, rotary)
        key = self._rotated(self._projected(f"{name}.k_proj", hidden), spec.key_value_heads, rotary)
        value = self._projected(f"{name}.v_proj", hidden)
        past, present = [], []
        for part in ("key", "value"):
            shape: list[int | str] = ["batch", spec.key_value_heads, "past", spec.head_size]
            past.append(writer.input(f"past_key_values.{layer}.{part}", FLOAT, shape))
            present.append(f"present.{layer}.{part}")
            writer.output(present[-1], FLOAT, ["batch", spec.key_value_heads, "total", spec.head_size])
        mixed = writer.node(
            "Attention",
            [query, key, value, mask, *past],
            f"{name}.mixed",
            *present,
            q_num_heads=spec.heads,
            kv_num_heads=spec.key_value_heads,
            scale=spec.head_size**-0.5,
        )
        return self._projected(f"{name}.o_proj", mixed)

    def _rotated(self, projected: str, heads: int, rotary: list[str]) -> str:
        return self.writer.node("RotaryEmbedding", [projected, *rotary], f"{projected}.rotated", num_heads=heads)

    def _feed_forward(self, name: str, hidden: str) -> str:
        writer = self.writer
        gate = self._projected(f"{name}.gate_proj", hidden)
        up = self._projected(f"{name}.up_proj", hidden)
        sigmoid = writer.node("Sigmoid", [gate], f"{name}.sigmoid")
        silu = writer.node("Mul", [gate, sigmoid], f"{name}.silu")
        return self._projected(f"{name}.down_proj", writer.node("Mul", [silu, up], f"{name}.gated"))

    def _projected(self, name: str, hidden: str) -> str:
        return self.writer.node("MatMul", [hidden, self._weight(name, transposed=True)], f"{name}.out")

    def _weight(self, module: str, transposed: bool = False) -> str:
        """Write a module's weight; ``transposed`` gives [inputs, outputs], as MatMul wants it."""
        array = self.checkpoint.tensors[f"{module}.weight"].float32()
        self.writer.weight(f"{module}.weight", array.T if transposed else array)
        self.step()
        return f"{module}.weight"

    def _rotary_tables(self) -> list[str]:
        tables = zip(("rotary.cosine", "rotary.sine"), rotary_tables(self.spec), strict=True)
        return [self.writer.weight(name, table) for name, table in tables]

    def _mask(self, tokens: str, padding: str) -> str:
        """Which of all tokens each new token may see: those up to itself, without padding.

        Boolean, [batch, 1, length, total]: the new tokens are the last of all.
        """
        writer = self.writer
        zero = writer.constant("zero", np.array(0, INTEGER))
        one = writer.constant("one", np.array(1, INTEGER))
        total = self._extent(padding, "total")
        seen = writer.node("Range", [zero, total, one], "mask.seen")
        first = writer.node("Sub", [total, self._extent(tokens, "length")], "mask.first")
        looking = writer.node("Range", [first, total, one], "mask.looking")
        looking = writer.node("Unsqueeze", [looking, one], "mask.looking.column")
        earlier = writer.node("LessOrEqual", [seen, looking], "mask.earlier")
        real = writer.node("Cast", [padding], "mask.real", to=9)
        axes = writer.constant("mask.axes", np.array([1, 2], INTEGER))
        real = writer.node("Unsqueeze", [real, axes], "mask.real.rows")
        return writer.node("And", [earlier, real], "mask")

    def _extent(self, name: str, label: str) -> str:
        """The second dimension of an input, as a scalar."""
        shape = self.writer.node("Shape", [name], f"mask.{label}.shape", start=1, end=2)
        return self.writer.node("Squeeze", [shape], f"mask.{label}")


def rotary_tables(spec: DecoderSpec) -> tuple[np.ndarray[Any, np.dtype[np.float32]], ...]:
    """Cosines and sines of the rotary embedding, each float32 [context length, head size / 2].

    In float32 throughout, as ``LlamaRotaryEmbedding`` of transformers computes them.
    """
    exponents = np.arange(0, spec.head_size, 2, dtype=np.float32) / np.float32(spec.head_size)
    frequencies = np.float32(1) / np.float32(spec.rope_theta) ** exponents
    angles = np.outer(np.arange(spec.context_length, dtype=np.float32), frequencies)
    return np.cos(angles), np.sin(angles)


CONVERTER = Onnx()
