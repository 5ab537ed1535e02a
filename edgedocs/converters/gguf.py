"""GGUF: checkpoints into the file that llama.cpp loads, and such files into smaller ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from gguf.constants import GGML_QUANT_VERSION, Keys

from edgedocs import quantizers
from edgedocs.architectures.base import DecoderSpec, TensorRole
from edgedocs.artifact import Artifact, source_of
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile, GGUFTensor
from edgedocs.containers.gguf_fields import uint32
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.containers.mapping import Bytes
from edgedocs.containers.safetensors import Tensor
from edgedocs.converters.base import Converter
from edgedocs.converters.gguf_metadata import decoder_fields, general_fields
from edgedocs.converters.gguf_tokenizer import tokenizer_fields
from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.quantizers import recipes

FLOATS = frozenset({"F32", "F16", "BF16"})
"""The types that may be quantized; the others have lost what a second rounding would need."""
OUTPUT = "output.weight"


class GGUFConverter(Converter):
    """Writes GGUF files, tensor by tensor."""

    name = "gguf"
    default_type = "f16"

    @property
    def types(self) -> tuple[str, ...]:
        """The recipes."""
        return tuple(recipes.names())

    def convert(
        self,
        checkpoint: Checkpoint,
        target: Path,
        type: str,  # noqa: A002 - the contract's name
        progress: Progress | None = None,
    ) -> Artifact:
        """Write a checkpoint as GGUF; see :class:`~edgedocs.converters.base.Converter`.

        Raises:
            BadInput: if the checkpoint is malformed, is of a kind that llama.cpp would read otherwise, or holds weights
                that the type cannot store.
            CannotRun: if the target cannot be written.
        """
        _check_target(target)
        recipe, spec = recipes.recipe(type), checkpoint.spec
        fields = (
            general_fields(checkpoint, recipe.file_type) | decoder_fields(checkpoint) | tokenizer_fields(checkpoint)
        )
        planned = []
        for role in checkpoint.architecture.tensors(spec):
            chosen = recipe.tensor_type(role.gguf, role.shape, spec.tied_embeddings, architecture=spec.architecture)
            encode = partial(_encode_role, checkpoint.tensors[role.name], role, spec, chosen)
            planned.append(PlannedTensor(role.gguf, chosen, role.shape, encode))
        write_gguf(target, fields, planned, progress)
        sources = {tensor.path for tensor in checkpoint.tensors.values()}
        sources |= {checkpoint.path / "config.json", checkpoint.tokenizer_json}
        return Artifact.record(target, type, {"name": checkpoint.name} | source_of(*sorted(sources)), ("gguf", "numpy"))


CONVERTER = GGUFConverter()


def quantize(
    source: str | Path,
    target: str | Path,
    type: str,  # noqa: A002 - the word that every tool of the field uses
    progress: Progress | None = None,
) -> Artifact:
    """Quantize a GGUF file.

    Every tensor gets the type and the bytes that llama.cpp's ``llama_model_quantize`` gives it; the metadata stays, but
    for the recipe.

    Args:
        source: a GGUF file of F32, F16 or BF16 weights.
        target: the GGUF file to write; it appears when it is complete.
        type: the recipe, such as ``"q4_0"``.
        progress: called with the bytes written so far and in all.

    Raises:
        BadInput: if the source is malformed or would have to be quantized a second time, the recipe is unknown, or a
            weight cannot be stored.
        CannotRun: if the target cannot be written.
    """
    source, target = Path(source), Path(target)
    _check_target(target)
    recipe = recipes.recipe(type)
    file = GGUFFile.open(source)
    if target.exists() and target.samefile(source):
        raise BadInput("source and target are the same file", where=target, expected="another file to write")
    fields = file.fields | {
        Keys.General.QUANTIZATION_VERSION: uint32(GGML_QUANT_VERSION),
        Keys.General.FILE_TYPE: uint32(recipe.file_type),
    }
    planned = [_planned(tensor, recipe, file) for tensor in file.tensors.values()]
    write_gguf(target, fields, planned, progress)
    return Artifact.record(target, recipe.name, source_of(source), ("gguf", "numpy"))


def _planned(tensor: GGUFTensor, recipe: recipes.Recipe, file: GGUFFile) -> PlannedTensor:
    architecture = str(file.metadata.get(Keys.General.ARCHITECTURE, ""))
    experts = file.metadata.get(Keys.LLM.EXPERT_COUNT.format(arch=architecture), 0)
    chosen = recipe.tensor_type(
        tensor.name,
        tensor.shape,
        OUTPUT not in file.tensors,
        source_type=tensor.type,
        experts=experts if isinstance(experts, int) else 0,
        architecture=architecture,
    )
    if chosen != tensor.type and tensor.type not in FLOATS:
        raise BadInput(
            f"tensor {tensor.name} is {tensor.type} already",
            where=file.path,
            expected="weights in F32, F16 or BF16",
            remedy=f"quantize the unquantized file, or convert the checkpoint to {recipe.name}",
        )
    return PlannedTensor(tensor.name, chosen, tensor.shape, partial(_encode_tensor, tensor, chosen))


def _encode_tensor(tensor: GGUFTensor, chosen: str) -> Bytes:
    if chosen == tensor.type:
        if chosen in quantizers.registry:
            quantizers.get(chosen).validate(tensor.data, tensor.name)
        return tensor.data
    weights = quantizers.get(tensor.type).dequantize(tensor.data, where=tensor.name)
    return _encode(weights, chosen, tensor.name)


def _encode_role(tensor: Tensor, role: TensorRole, spec: DecoderSpec, chosen: str) -> Bytes:
    weights = tensor.array()
    if role.permuted:
        weights = _permuted(weights, role.shape[0] // spec.head_size)
    return _encode(weights, chosen, role.name)


def _encode(weights: np.ndarray[Any, Any], chosen: str, name: str) -> Bytes:
    quantizer = quantizers.get(chosen)
    encoded = quantizer.quantize(weights, where=name)
    quantizer.validate(encoded, where=name)
    return encoded


def _permuted(weights: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """Rows reordered from two halves a head to neighbouring pairs (``LlamaModel.permute`` in llama.cpp's converter)."""
    halves = weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:])
    return halves.swapaxes(1, 2).reshape(weights.shape)


def _check_target(target: Path) -> None:
    if target.suffix != ".gguf":
        raise BadInput("the target has no .gguf suffix", where=target, expected="a name that ends in .gguf")
    if target.is_dir():
        raise BadInput("the target is a folder", where=target, expected="a file to write")
