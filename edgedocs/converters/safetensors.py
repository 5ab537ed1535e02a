"""safetensors: a checkpoint folder that transformers loads, from a GGUF file or from a checkpoint in another type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.artifact import Artifact
from edgedocs.checkpoint import FLOATS, INDEX, SINGLE, Checkpoint
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.mapping import Bytes
from edgedocs.containers.safetensors import Tensor
from edgedocs.containers.safetensors_writer import NewTensor, write_safetensors
from edgedocs.converters.base import Converter
from edgedocs.converters.gguf_checkpoint import GGUFCheckpoint
from edgedocs.converters.gguf_pooling import MODULES, POOLING_FOLDER, pooling_files
from edgedocs.converters.recoding import recoded
from edgedocs.core import files
from edgedocs.core.digests import FileDigests
from edgedocs.core.errors import BadInput
from edgedocs.core.folders import atomic_folder
from edgedocs.core.progress import Progress

CONFIG = "config.json"
COPIED = (
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "README.md",
    "LICENSE",
)
"""What belongs to a checkpoint beside weights and configuration; copied byte for byte, where there is such a file."""
SHARD, SHARDS = "model-{:05d}-of-{:05d}.safetensors", "model-?????-of-?????.safetensors"
"""What transformers calls the files that the weights are split into, and a pattern for the names."""
LAYOUT = frozenset({SINGLE, INDEX, SHARDS, CONFIG, MODULES, POOLING_FOLDER, *COPIED})
DTYPES = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}


class Safetensors(Converter):
    """A folder with ``model.safetensors`` or shards, all weights of one type, the configuration and the tokenizer."""

    name = "safetensors"
    default_type = "f32"
    splits = True

    @property
    def types(self) -> tuple[str, ...]:
        """The floats."""
        return tuple(DTYPES)

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
            BadInput: if a weight cannot be stored in the type, or something else is at ``target``.
            CannotRun: if the target cannot be written.
        """
        tensors = [_planned(tensor, type.upper()) for tensor in checkpoint.tensors.values()]
        sources = _sources(checkpoint)
        if target.exists() and any(target.resolve() in path.resolve().parents for path in sources):
            raise BadInput("source and target are the same folder", where=target, expected="another folder to write")
        with FileDigests(sources) as digests:
            with atomic_folder(target, LAYOUT) as folder:
                hashes = _write(folder, tensors, split or SplitLimit(), progress)
                for name, content in _documents(checkpoint, DTYPES[type]).items():
                    (folder / name).parent.mkdir(exist_ok=True)
                    files.write_bytes(folder / name, content)
            origin = {"name": checkpoint.name, "files": {path.name: one for path, one in digests.result().items()}}
        found = {target / name: digest for name, digest in hashes.items()}
        return Artifact.record(target, type, origin, ("gguf", "numpy"), found)

    def convert_gguf(
        self,
        file: GGUFFile,
        target: Path,
        type: str,  # noqa: A002
        progress: Progress | None = None,
        split: SplitLimit | None = None,
    ) -> Artifact:
        """Write the checkpoint that a GGUF file was made from; see :class:`GGUFCheckpoint`."""
        return self.convert(GGUFCheckpoint.of(file), target, type, progress, split)


def _write(folder: Path, tensors: Sequence[NewTensor], limit: SplitLimit, progress: Progress | None) -> dict[str, str]:
    """Write the weights, in one file or in shards with an index; the SHA-256 of each file of weights by its name."""
    parts = limit.divide(tensors)
    if len(parts) == 1:
        return {SINGLE: write_safetensors(folder / SINGLE, tensors, progress)}
    names = [SHARD.format(number, len(parts)) for number in range(1, len(parts) + 1)]
    total, done, digests = sum(tensor.nbytes for tensor in tensors), 0, {}
    for name, part in zip(names, parts, strict=True):
        before = done
        report = None if progress is None else lambda now, _, before=before: progress(before + now, total)
        digests[name] = write_safetensors(folder / name, part, report)
        done += sum(tensor.nbytes for tensor in part)
    index = {
        "metadata": {"total_size": total},
        "weight_map": {tensor.name: name for name, part in zip(names, parts, strict=True) for tensor in part},
    }
    files.write_json(folder / INDEX, index)
    return digests


def _planned(tensor: Tensor, dtype: str) -> NewTensor:
    if tensor.dtype not in FLOATS:
        raise BadInput(
            f"tensor {tensor.name} is {tensor.dtype}",
            where=tensor.path,
            expected=f"weights in {', '.join(FLOATS)}",
            remedy="use the checkpoint that was not quantized",
        )
    return NewTensor(tensor.name, dtype, tensor.shape, partial(_encoded, tensor, dtype))


def _encoded(tensor: Tensor, dtype: str) -> Iterator[Bytes]:
    return recoded(np.atleast_1d(tensor.array()), dtype, where=tensor.name)


def _sources(checkpoint: Checkpoint) -> tuple[Path, ...]:
    if isinstance(checkpoint, GGUFCheckpoint):
        return checkpoint.files
    beside = [checkpoint.path / name for name in (CONFIG, *COPIED)] + pooling_files(checkpoint)
    weights = {tensor.path for tensor in checkpoint.tensors.values()}
    return tuple(sorted(weights | {path for path in beside if path.is_file()}))


def _documents(checkpoint: Checkpoint, dtype: str) -> dict[str, bytes]:
    config: dict[str, Any] = {key: value for key, value in checkpoint.config.items() if key != "torch_dtype"}
    documents = {CONFIG: files.json_bytes(config | {"dtype": dtype, "torch_dtype": dtype})}
    if isinstance(checkpoint, GGUFCheckpoint):
        return documents | checkpoint.documents
    beside = [path for path in (checkpoint.path / name for name in COPIED) if path.is_file()]
    beside += pooling_files(checkpoint)
    return documents | {path.relative_to(checkpoint.path).as_posix(): files.read_bytes(path) for path in beside}


CONVERTER = Safetensors()
