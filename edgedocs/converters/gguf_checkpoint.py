"""GGUFCheckpoint: a GGUF file as the checkpoint that it was made from, with its names, its rows' order and its config.

What is read back is checked by the way there: the metadata that the checkpoint would get must be those of the file, so
that nothing which is not understood is lost silently.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ml_dtypes
import numpy as np
from gguf.constants import Keys
from numpy.typing import NDArray

from edgedocs import quantizers
from edgedocs.architectures.base import Architecture, ModelSpec, TensorRole
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile, GGUFTensor
from edgedocs.containers.safetensors import Tensor
from edgedocs.converters import model_card
from edgedocs.converters.gguf_config import restored_config
from edgedocs.converters.gguf_model import model_fields, rotary_tensors, stacks
from edgedocs.converters.gguf_pooling import pooling_documents
from edgedocs.converters.tokenizer_from_gguf import tokenizer_documents
from edgedocs.core import files
from edgedocs.core.errors import BadInput

_FROM_ELSEWHERE = frozenset({Keys.General.NAME, Keys.General.SIZE_LABEL})
"""What a conversion takes from the folder's name and the weights."""
_PLAIN: Mapping[str, Any] = {"F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16}


@dataclass(frozen=True)
class RestoredTensor(Tensor):
    """A tensor of a GGUF file under its Hugging Face name; quantized ones are dequantized when they are read.

    Attributes:
        source: the tensor in the GGUF file.
        heads: how many heads its rows belong to, if GGUF has them in another order; else 0.
        added: what GGUF has in it beside the weights.
        place: which one of the source's stack it is; None where the source is no stack.
    """

    source: GGUFTensor
    heads: int
    added: float = 0.0
    place: int | None = None

    @property
    def is_mapped(self) -> bool:
        """Whether the weights are as GGUF has them."""
        return self.source.type in _PLAIN and not self.added and not self.heads

    def array(self) -> NDArray[Any]:
        """The weights with their rows in the checkpoint's order, in their own type, or float32 if quantized."""
        source = self.source
        data = source.data if self.place is None else source.data[self.place]
        if source.type in _PLAIN:
            weights = data.view(_PLAIN[source.type]).reshape(self.shape)
        else:
            weights = quantizers.get(source.type).dequantize(data, where=source.name)
        if self.added:
            weights = weights.astype(np.float32) - np.float32(self.added)
        return _in_halves(weights, self.heads) if self.heads else weights


class GGUFCheckpoint(Checkpoint):
    """A GGUF file, seen as a checkpoint.

    Attributes:
        documents: the files that stand beside the weights of a checkpoint, by name.
        files: the files that it is read from.
    """

    documents: dict[str, bytes]
    files: tuple[Path, ...]

    @classmethod
    def of(cls, file: GGUFFile) -> GGUFCheckpoint:
        """The checkpoint that a file was made from.

        Raises:
            BadInput: if its architecture or its tokenizer is none that can be turned back, or something in the file
                would be lost.
        """
        architecture, config = restored_config(file)
        spec = architecture.spec(config, file.path)
        needed = _needed(architecture, spec, file)
        computed = rotary_tensors(spec)
        if unknown := next((name for name in file.tensors if name not in needed and name not in computed), None):
            raise _lost(file, f"tensor {unknown!r} has no place in a {architecture.name} checkpoint")
        tensors = {
            role.name: restored
            for name, roles in needed.items()
            if name in file.tensors
            for role, restored in zip(roles, _restored(file.tensors[name], roles, spec), strict=True)
        }
        found = cls(file.path, config, MappingProxyType(tensors))
        architecture.check(spec, found.tensors, file.path)
        _check_computed(file, computed)
        _check_metadata(file, found)
        found.name = file.path.stem
        found.files = file.parts
        documents = tokenizer_documents(file) | pooling_documents(file, spec)
        found.documents = {name: files.json_bytes(one) for name, one in documents.items()}
        if card := _card(file):
            found.documents["README.md"] = card
        return found


def _needed(architecture: Architecture, spec: ModelSpec, file: GGUFFile) -> dict[str, tuple[TensorRole, ...]]:
    """The checkpoint's tensors by the names of those in GGUF, several where GGUF has a stack of them."""
    architecture.check_count(spec, sum(math.prod(one.shape[:-2]) for one in file.tensors.values()), file.path)
    return {roles[0].gguf: roles for roles in stacks(architecture.tensors(spec))}


def _restored(tensor: GGUFTensor, roles: tuple[TensorRole, ...], spec: ModelSpec) -> list[RestoredTensor]:
    """A tensor of the file, or those of a stack."""
    if tensor.type not in _PLAIN and tensor.type not in quantizers.registry:
        raise BadInput(
            f"tensor {tensor.name!r} is {tensor.type}", where=tensor.path, expected="a format that holds weights"
        )
    role, shape = roles[0], tensor.shape
    stacked = bool(role.stack)
    if stacked:
        if shape[:1] != (role.stack,):
            raise BadInput(
                f"tensor {tensor.name!r} has shape {list(shape)}",
                where=tensor.path,
                expected=f"a stack of {role.stack}, as the metadata say",
            )
        shape = shape[1:]
    heads = shape[0] // spec.head_size if role.permuted and shape else 0
    dtype = tensor.type if tensor.type in _PLAIN and not role.offset else "F32"
    size = tensor.nbytes // len(roles)
    return [
        RestoredTensor(
            tensor.path,
            one.name,
            dtype,
            shape,
            tensor.offset + place * size,
            size,
            tensor,
            heads,
            one.offset,
            place if stacked else None,
        )
        for place, one in enumerate(roles)
    ]


def _in_halves(weights: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows from neighbouring pairs back to two halves a head: what undoes ``LlamaModel.permute``."""
    pairs = weights.reshape(heads, weights.shape[0] // heads // 2, 2, *weights.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weights.shape)


def _check_metadata(file: GGUFFile, checkpoint: Checkpoint) -> None:
    """Raise if the way there would not write what the file says of the model's shape."""
    name = checkpoint.spec.architecture
    elsewhere = Keys.LLM.POOLING_TYPE.format(arch=name)
    expected = json.loads(json.dumps({key: field.value for key, field in model_fields(checkpoint).items()}))
    for key, value in file.metadata.items():
        if not key.startswith(f"{name}.") or key == elsewhere:
            continue
        if key not in expected:
            raise _lost(file, f"{key} is {str(value)[:40]}, which has no place in config.json here")
        if not _same(expected[key], value):
            raise _lost(file, f"{key} is {str(value)[:40]}, and config.json would mean {expected[key]}")


def _same(expected: Any, found: Any) -> bool:
    """Whether two values of metadata are the same, numbers as float32."""
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return bool(np.float32(expected) == np.float32(found))
    return bool(expected == found)


def _check_computed(file: GGUFFile, computed: Mapping[str, NDArray[np.float32]]) -> None:
    """Raise unless the tensors that follow from ``config.json`` are those of the file."""
    for name, values in computed.items():
        tensor = file.tensors.get(name)
        if tensor is None or tensor.type != "F32" or tensor.data.tobytes() != values.tobytes():
            raise _lost(file, f"tensor {name!r} is not what config.json would mean")


def _card(file: GGUFFile) -> bytes | None:
    """A model card with what the file says of licence, languages, origin and the like; None if it says nothing."""
    lines = []
    for key, names in model_card.TEXTS.items():
        value = file.metadata.get(key)
        if isinstance(value, str) and value and key not in _FROM_ELSEWHERE:
            lines.append(f"{names[0]}: {json.dumps(value)}")
    for key, names in model_card.LISTS.items():
        values = file.metadata.get(key)
        if isinstance(values, list) and values and all(isinstance(one, str) for one in values):
            lines.append(f"{names[0]}: {json.dumps(values)}")
    for names, count, kind in (
        (model_card.BASE_MODELS, Keys.General.BASE_MODEL_COUNT, "base_model"),
        (model_card.DATASETS, Keys.General.DATASET_COUNT, "dataset"),
    ):
        if sources := model_card.sources_of(file.metadata, count, kind):
            lines.append(f"{names[0]}: {json.dumps(sources)}")
    return "\n".join(["---", *lines, "---", ""]).encode() if lines else None


def _lost(file: GGUFFile, what: str) -> BadInput:
    return BadInput(
        what,
        where=file.path,
        expected="a model of which nothing is lost on the way back",
        remedy="use the checkpoint that the file was made from",
    )
