"""Sources of GGUF files: checkpoints and other GGUF files, as named tensors that are read when their turn comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from gguf.constants import Keys

from edgedocs import quantizers, tokenizers
from edgedocs.architectures.base import DecoderSpec, ModelSpec, TensorRole
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile, GGUFTensor
from edgedocs.containers.gguf_fields import Field
from edgedocs.containers.gguf_split import open_gguf
from edgedocs.containers.mapping import Bytes
from edgedocs.containers.safetensors import Tensor
from edgedocs.converters.gguf_metadata import general_fields
from edgedocs.converters.gguf_model import model_fields, rotary_tensors, stacks
from edgedocs.converters.gguf_pooling import pooling_files
from edgedocs.converters.gguf_tokenizer import tokenizer_fields
from edgedocs.quantizers.recipes import ModelFacts, TensorInfo

_DTYPES: Mapping[str, Any] = {"F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16}


@dataclass(frozen=True)
class SourceTensor:
    """A tensor of the source.

    Attributes:
        info: its GGUF name, its shape and the type that it has if it is not quantized.
        label: what messages call it: its name in the source.
        held: the type that the source holds it in; llama.cpp wants a checkpoint's small tensors as F32 all the same.
        weights: reads it as floats, in the type that they are stored in where that is one of floats.
        stored: gives its bytes as they are; None where GGUF would want them otherwise.
        is_mapped: whether ``weights`` leaves them in the file until they are touched, and makes none in memory.
    """

    info: TensorInfo
    label: str
    held: str
    weights: Callable[[], np.ndarray[Any, Any]]
    stored: Callable[[], Bytes] | None = None
    is_mapped: bool = False


@dataclass(frozen=True)
class SourceModel:
    """A model to write as GGUF.

    Attributes:
        where: what messages call it.
        fields: its metadata, without the recipe.
        tensors: its tensors, in the order in which they are written.
        facts: what the choice of formats depends on.
        origin: what the manifest says of it, beside the hashes of its files.
        files: the files that it is read from, which must not be written to.
    """

    where: str
    fields: dict[str, Field]
    tensors: tuple[SourceTensor, ...]
    facts: ModelFacts
    origin: dict[str, Any]
    files: tuple[Path, ...]

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> SourceModel:
        """A checkpoint, with the names, the order of rows and the metadata that llama.cpp wants."""
        spec = checkpoint.spec
        fields = general_fields(checkpoint, 0) | model_fields(checkpoint) | tokenizer_fields(checkpoint)
        tensors = tuple(_made(name, values) for name, values in rotary_tensors(spec).items())
        tensors += tuple(
            _from_roles(checkpoint, roles, spec) for roles in stacks(checkpoint.architecture.tensors(spec))
        )
        experts = spec.experts if isinstance(spec, DecoderSpec) else None
        facts = ModelFacts(
            architecture=spec.architecture,
            layers=spec.layers,
            experts=experts.count if experts else 0,
            heads=spec.heads,
            key_heads=spec.key_value_heads,
        )
        paths = {tensor.path for tensor in checkpoint.tensors.values()}
        read = {checkpoint.path / "config.json", *tokenizers.files_of(checkpoint.path), *pooling_files(checkpoint)}
        files = tuple(sorted(paths | read))
        return cls(str(checkpoint.path), fields, tensors, facts, {"name": checkpoint.name}, files)

    @classmethod
    def from_gguf(cls, path: Path) -> SourceModel:
        """A GGUF file; its metadata stay as they are.

        Raises:
            BadInput: if it is malformed.
        """
        file = open_gguf(path)
        tensors = tuple(
            SourceTensor(
                TensorInfo(tensor.name, tensor.shape, tensor.type),
                tensor.name,
                tensor.type,
                partial(_gguf_weights, tensor),
                partial(_checked_bytes, tensor),
                is_mapped=tensor.type in _DTYPES,
            )
            for tensor in file.tensors.values()
        )
        return cls(str(file.path), dict(file.fields), tensors, _facts(file), {}, file.parts)


def _made(name: str, values: np.ndarray[Any, Any]) -> SourceTensor:
    """A tensor that follows from ``config.json``."""
    return SourceTensor(TensorInfo(name, values.shape), name, "F32", lambda: values)


def _from_roles(checkpoint: Checkpoint, roles: tuple[TensorRole, ...], spec: ModelSpec) -> SourceTensor:
    """A tensor of the checkpoint, or several as a stack."""
    first = roles[0]
    tensors = [checkpoint.tensors[role.name] for role in roles]
    shape, label = first.shape, first.name
    if first.stack:
        shape, label = (first.stack, *shape), f"{first.name} and {first.stack - 1} more of its kind"
    weights = partial(_role_weights, tensors, roles, spec)
    is_mapped = tensors[0].is_mapped and not (first.stack or first.offset or first.permuted)
    return SourceTensor(TensorInfo(first.gguf, shape), label, tensors[0].dtype, weights, is_mapped=is_mapped)


def _role_weights(tensors: list[Tensor], roles: tuple[TensorRole, ...], spec: ModelSpec) -> np.ndarray[Any, Any]:
    if roles[0].stack:
        return np.stack([tensor.array() for tensor in tensors])
    weights, role = tensors[0].array(), roles[0]
    if role.offset:
        weights = weights.astype(np.float32) + np.float32(role.offset)
    return _permuted(weights, role.shape[0] // spec.head_size) if role.permuted else weights


def _permuted(weights: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """Rows reordered from two halves a head to neighbouring pairs (``LlamaModel.permute`` in llama.cpp's converter)."""
    halves = weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:])
    return halves.swapaxes(1, 2).reshape(weights.shape)


def _gguf_weights(tensor: GGUFTensor) -> np.ndarray[Any, Any]:
    if tensor.type in _DTYPES:
        return tensor.data.view(_DTYPES[tensor.type])
    return quantizers.get(tensor.type).dequantize(tensor.data, where=tensor.name)


def _checked_bytes(tensor: GGUFTensor) -> Bytes:
    """The stored bytes, checked as llama.cpp checks them before it writes them again."""
    if tensor.type in quantizers.registry:
        quantizers.get(tensor.type).validate(tensor.data, tensor.name)
    return tensor.data


def _facts(file: GGUFFile) -> ModelFacts:
    metadata = file.metadata
    architecture = str(metadata.get(Keys.General.ARCHITECTURE, ""))

    def number(key: str) -> int:
        value = metadata.get(key.format(arch=architecture), 0)
        first = value[0] if isinstance(value, list | tuple) and value else value
        return first if isinstance(first, int) and not isinstance(first, bool) else 0

    heads = number(Keys.Attention.HEAD_COUNT)
    return ModelFacts(
        architecture=architecture,
        layers=number(Keys.LLM.BLOCK_COUNT),
        experts=number(Keys.LLM.EXPERT_COUNT),
        heads=heads,
        key_heads=number(Keys.Attention.HEAD_COUNT_KV) or heads,
    )
