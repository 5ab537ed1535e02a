"""Plans of GGUF files: what becomes of each tensor, how large the file will be, and the writing of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from gguf.constants import GGML_QUANT_VERSION, Keys

from edgedocs import quantizers
from edgedocs.artifact import Artifact
from edgedocs.containers.gguf_fields import TENSOR_TYPES, Field, text, uint32
from edgedocs.containers.gguf_split import SplitLimit, planned_parts
from edgedocs.containers.gguf_writer import PlannedTensor, write_parts
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.containers.mapping import Bytes
from edgedocs.converters.gguf_source import SourceModel, SourceTensor
from edgedocs.converters.recoding import recodings
from edgedocs.core.digests import FileDigests
from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.quantizers.recipes import FLOATS, Choice, Options, Recipe

IMPORTANCE_KEYS = (
    "quantize.imatrix.file",
    "quantize.imatrix.dataset",
    "quantize.imatrix.entries_count",
    "quantize.imatrix.chunks_count",
)


@dataclass(frozen=True)
class PlannedChoice:
    """What becomes of one tensor.

    Attributes:
        tensor: the tensor of the source.
        choice: its new format.
        importance: ``[experts, columns]``; None if there is none.
    """

    tensor: SourceTensor
    choice: Choice
    importance: np.ndarray[Any, Any] | None

    @property
    def nbytes(self) -> int:
        """The bytes that it will take."""
        return _nbytes(self.tensor.info.shape, self.choice.format)

    def encode(self) -> Bytes | Iterator[Callable[[], Bytes]]:
        """Its new bytes, uint8 in any shape: as they are stored, or what makes them, piece by piece.

        Raises:
            BadInput: if a weight cannot be stored.
        """
        if self.copied is not None:
            return self.copied()
        return recodings(self.tensor.weights(), self.choice.format, self.importance, where=self.tensor.label)

    @property
    def is_ahead(self) -> bool:
        """Whether to encode it takes little memory."""
        return self.copied is not None or self.tensor.is_mapped

    @property
    def copied(self) -> Callable[[], Bytes] | None:
        """What gives its bytes as they are stored; None if they change."""
        return self.tensor.stored if self.choice.format == self.tensor.info.type else None

    def expect(self) -> None:
        """Tell the quantizer what is to come, so that it can prepare for much."""
        quantizers.get(self.choice.format).expect(math.prod(self.tensor.info.shape), self.importance is not None)

    def row(self) -> tuple[str, str, str, str, int]:
        """Name, shape, type before and after, bytes: a line of a table."""
        info = self.tensor.info
        note = f"{self.choice.format} (for {self.choice.wanted})" if self.choice.wanted else self.choice.format
        return info.name, " x ".join(map(str, info.shape)), self.tensor.held, note, self.nbytes

    def as_dict(self) -> dict[str, Any]:
        """The choice as JSON-ready data."""
        info = self.tensor.info
        return {
            "name": info.name,
            "shape": list(info.shape),
            "from": self.tensor.held,
            "to": self.choice.format,
            "wanted": self.choice.wanted,
            "importance": self.importance is not None,
            "bytes": self.nbytes,
        }


@dataclass(frozen=True)
class Plan:
    """What is to be written.

    Attributes:
        model: the source.
        name: what the recipe is called.
        file_type: its number; None keeps that of the source.
        tensors: what becomes of each tensor.
        importance: the importance matrix; None if there is none.
    """

    model: SourceModel
    name: str
    file_type: int | None
    tensors: tuple[PlannedChoice, ...]
    importance: ImportanceMatrix | None

    @classmethod
    def make(
        cls,
        model: SourceModel,
        recipe: Recipe,
        options: Options | None = None,
        importance: ImportanceMatrix | None = None,
        *,
        allow_requantize: bool = False,
    ) -> Plan:
        """Choose a format for each tensor.

        Raises:
            BadInput: if llama.cpp would refuse: a tensor needs importance and has none, or would be quantized a second
                time, or an option does not fit.
        """
        options = options or Options()
        facts = replace(model.facts, has_importance=importance is not None)
        choices = recipe.plan([tensor.info for tensor in model.tensors], facts, options)
        planned = tuple(
            PlannedChoice(tensor, choices[tensor.info.name], _importance(tensor, choices[tensor.info.name], importance))
            for tensor in model.tensors
        )
        for one in planned:
            _check(one, recipe, allow_requantize, model.where)
        name, file_type = ("copy", None) if options.copy else (recipe.name, recipe.file_type)
        return cls(model, name, file_type, planned, importance)

    @property
    def nbytes(self) -> int:
        """The bytes of all tensors together."""
        return sum(one.nbytes for one in self.tensors)

    @property
    def bits_per_weight(self) -> float:
        """The mean over all tensors."""
        weights = sum(math.prod(one.tensor.info.shape) for one in self.tensors)
        return 8 * self.nbytes / weights if weights else 0.0

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON-ready data."""
        before = sum(_nbytes(one.tensor.info.shape, one.tensor.held) for one in self.tensors)
        return {
            "source": self.model.where,
            "type": self.name,
            "tensors": [one.as_dict() for one in self.tensors],
            "summary": {
                "tensors": len(self.tensors),
                "bytes_before": before,
                "bytes": self.nbytes,
                "bits_per_weight": round(self.bits_per_weight, 4),
                "fallbacks": sum(one.choice.wanted is not None for one in self.tensors),
            },
        }

    def write(
        self,
        target: Path,
        progress: Progress | None = None,
        threads: int | None = None,
        split: SplitLimit | None = None,
    ) -> Artifact:
        """Write the file, whole or not at all.

        Args:
            target: the GGUF file; what it held before stays until the new one is complete.
            progress: called with the bytes written so far and in all.
            threads: how many work at a time; by default as many as there are processors to run on.
            split: write several files, called ``target-00001-of-00003.gguf`` and so on, if it does not fit one.

        Returns:
            What was written; if that is several files, its path is that of the first.

        Raises:
            BadInput: if the target cannot be right, or a weight cannot be stored.
            CannotRun: if the target cannot be written.
        """
        check_target(target)
        planned = [
            PlannedTensor(one.tensor.info.name, one.choice.format, one.tensor.info.shape, one.encode, one.is_ahead)
            for one in self.tensors
        ]
        parts = planned_parts(target, self._fields(), planned, split or SplitLimit())
        _check_not_source([part.path for part in parts], self.model.files)
        for one in self.tensors:
            one.expect()
        with FileDigests(self.model.files) as sources:
            hashes = write_parts(parts, progress, threads)
            origin = self.model.origin | {"files": {path.name: one for path, one in sources.result().items()}}
        return Artifact.record(parts[0].path, self.name, origin, ("gguf", "numpy", "numba"), hashes)

    def _fields(self) -> dict[str, Field]:
        fields = self.model.fields | {Keys.General.QUANTIZATION_VERSION: uint32(GGML_QUANT_VERSION)}
        if self.file_type is not None:
            fields[Keys.General.FILE_TYPE] = uint32(self.file_type)
        if self.importance is not None:
            name, dataset, entries, chunks = IMPORTANCE_KEYS
            fields[name] = text(self.importance.path.name)
            if self.importance.datasets:
                fields[dataset] = text(self.importance.datasets[0])
            fields[entries] = uint32(len(self.importance.entries))
            if self.importance.chunks:
                fields[chunks] = uint32(self.importance.chunks)
        return fields


def check_target(target: Path) -> None:
    """Refuse a target that cannot be a GGUF file.

    Raises:
        BadInput: if it has another suffix, or is a folder.
    """
    if target.suffix != ".gguf":
        raise BadInput("the target has no .gguf suffix", where=target, expected="a name that ends in .gguf")
    if target.is_dir():
        raise BadInput("the target is a folder", where=target, expected="a file to write")


def _check_not_source(targets: Sequence[Path], sources: Sequence[Path]) -> None:
    for target in targets:
        if any(target.exists() and target.samefile(source) for source in sources):
            raise BadInput("source and target are the same file", where=target, expected="another file to write")


def _importance(tensor: SourceTensor, choice: Choice, matrix: ImportanceMatrix | None) -> np.ndarray[Any, Any] | None:
    if matrix is None or choice.format == tensor.info.type:
        return None
    return matrix.of(tensor.info.name, tensor.info.shape)


def _check(one: PlannedChoice, recipe: Recipe, allow_requantize: bool, where: str) -> None:
    info, chosen = one.tensor.info, one.choice.format
    if one.copied is not None:
        return
    if one.choice.needs_importance and one.importance is None:
        raise BadInput(
            f"tensor {one.tensor.label} would be {chosen}, which needs importance",
            where=where,
            expected="an importance matrix that has this tensor",
            remedy="use `edgedocs quantize` with --imatrix FILE, or choose a type with more bits",
        )
    if info.type not in FLOATS and not allow_requantize:
        raise BadInput(
            f"tensor {info.name} is {info.type} already",
            where=where,
            expected="weights in F32, F16 or BF16",
            remedy=f"quantize the unquantized file, convert the checkpoint to {recipe.name}, or lose quality with "
            "--allow-requantize",
        )


def _nbytes(shape: tuple[int, ...], name: str) -> int:
    kind = TENSOR_TYPES[name]
    return math.prod(shape) // kind.block_size * kind.block_bytes
