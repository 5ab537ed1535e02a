"""Importance matrices: how much each column of a model's matrices matters, as ``llama-imatrix`` measures it.

Two kinds of files hold them: GGUF, with sums and counts for each matrix, and the older ``.dat``, with means times
calls. Both are read within the bounds of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgedocs.containers.gguf import GGUFFile, GGUFTensor, is_gguf
from edgedocs.containers.gguf_fields import text, uint32
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.containers.mapping import REMEDY, file_size, map_bytes
from edgedocs.core.errors import BadInput

SUMS, COUNTS = ".in_sum2", ".counts"
_METADATA = ("imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size")


@dataclass(frozen=True)
class ImportanceMatrix:
    """An importance matrix.

    Attributes:
        path: the file.
        entries: by the matrix' GGUF name, float32 ``[experts * columns]``: the mean square of the activations that a
            column is multiplied with, for one expert after the other; 1 for an expert that was never used.
        datasets: the names of the texts that it was measured with.
        chunks: how many chunks of text; 0 if the file does not say.
    """

    path: Path
    entries: dict[str, NDArray[np.float32]]
    datasets: tuple[str, ...] = ()
    chunks: int = 0

    @classmethod
    def open(cls, path: str | Path) -> ImportanceMatrix:
        """Read a file of either kind.

        Raises:
            BadInput: if it is missing, cut off, or cannot be an importance matrix; also if a value is not finite.
            CannotRun: if it cannot be read.
        """
        path = Path(path)
        file_size(path)
        found = _from_gguf(path) if is_gguf(path) else _from_dat(path)
        for name, values in found.entries.items():
            if not np.isfinite(values).all():
                raise BadInput(
                    f"the importance of {name} has a value that is infinite or no number",
                    where=path,
                    expected="finite values",
                    remedy="measure the importance matrix again",
                )
        return found

    def of(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
        """The importance of a matrix, ``[experts, columns]``; None if it was not measured.

        Args:
            name: its GGUF name.
            shape: its shape, rows first.

        Raises:
            BadInput: if it was measured for another shape; token embeddings have none then.
        """
        values = self.entries.get(name)
        if values is None:
            return None
        experts = shape[-3] if len(shape) > 2 else 1
        if values.size == experts * shape[-1]:
            return values.reshape(experts, shape[-1])
        if name in ("token_embd.weight", "per_layer_token_embd.weight"):
            return None
        raise BadInput(
            f"the importance of {name} has {values.size} values",
            where=self.path,
            expected=f"{experts * shape[-1]}, as the matrix has columns",
            remedy="use the importance matrix of this model",
        )


def write_imatrix(
    path: Path,
    sums: Mapping[str, NDArray[np.float32]],
    counts: Mapping[str, NDArray[np.float32]],
    datasets: Sequence[str],
    chunks: int,
    chunk_size: int,
) -> str:
    """Write a file as llama-imatrix does (``save_imatrix`` in ``tools/imatrix/imatrix.cpp``), whole or not at all.

    Args:
        path: the GGUF file.
        sums: by the matrix' GGUF name, ``[experts, columns]``: the squares of the activations, added up.
        counts: by the same names, ``[experts, 1]``: how many activations were added for each expert.
        datasets: the names of the texts.
        chunks: how many chunks of text there were.
        chunk_size: tokens a chunk.

    Returns:
        The file's SHA-256, in hexadecimal.

    Raises:
        CannotRun: if it cannot be written.
    """
    tensors = []
    for name in sorted(sums):
        for suffix, values in ((SUMS, sums[name]), (COUNTS, counts[name])):
            data = np.ascontiguousarray(values, "<f4")
            tensors.append(PlannedTensor(name + suffix, "F32", data.shape, data.copy))
    fields = {
        "general.type": text("imatrix"),
        _METADATA[0]: text(list(datasets)),
        _METADATA[1]: uint32(chunks),
        _METADATA[2]: uint32(chunk_size),
    }
    return write_gguf(path, fields, tensors)


def _from_gguf(path: Path) -> ImportanceMatrix:
    file = GGUFFile.open(path)
    metadata = file.metadata
    for key in _METADATA:
        if key not in metadata:
            raise _bad(path, f"no {key}", f"the metadata {', '.join(_METADATA)}")
    sums = {name.removesuffix(SUMS): one for name, one in file.tensors.items() if name.endswith(SUMS)}
    counts = {name.removesuffix(COUNTS): one for name, one in file.tensors.items() if name.endswith(COUNTS)}
    if sums.keys() != counts.keys() or not sums:
        odd = ", ".join(sorted(sums.keys() ^ counts.keys())) or "none at all"
        raise _bad(
            path, f"sums without counts, or counts without sums: {odd}", f"a {SUMS} and a {COUNTS} of each matrix"
        )
    entries = {name: _mean(path, name, sums[name], counts[name]) for name in sums}
    datasets, chunks = metadata[_METADATA[0]], metadata[_METADATA[1]]
    names = tuple(str(one) for one in datasets) if isinstance(datasets, list | tuple) else ()
    return ImportanceMatrix(path, entries, names, chunks if isinstance(chunks, int) else 0)


def _mean(path: Path, name: str, sums: GGUFTensor, counts: GGUFTensor) -> NDArray[np.float32]:
    for tensor in (sums, counts):
        if tensor.type != "F32":
            raise _bad(path, f"{tensor.name} is {tensor.type}", "F32")
    total = sums.data.reshape(-1).view(np.float32)
    # Counts are whole numbers stored as floats; halves away from zero, as C rounds.
    stored = counts.data.reshape(-1).view(np.float32)
    count = np.trunc(stored + np.copysign(np.float32(0.5), stored))
    if not count.size or total.size % count.size:
        raise _bad(path, f"{name}: {total.size} sums and {count.size} counts", "a whole number of sums for each count")
    columns = total.reshape(count.size, -1)
    with np.errstate(all="ignore"):
        return np.where(count[:, np.newaxis] > 0, columns / count[:, np.newaxis], np.float32(1)).reshape(-1)


def _from_dat(path: Path) -> ImportanceMatrix:
    reader = _Reader(path)
    count = reader.integer("the number of entries", at_least=1)
    entries: dict[str, NDArray[np.float32]] = {}
    for number in range(count):
        name = reader.text(f"the name of entry {number + 1}")
        calls = reader.integer(f"the calls of {name}")
        values = reader.floats(reader.integer(f"the number of values of {name}", at_least=1), name)
        entries[name] = values / np.float32(calls) if calls > 0 else values
    chunks = 0
    datasets: tuple[str, ...] = ()
    if reader.left:
        chunks = reader.integer("the number of chunks")
        datasets = (reader.text("the dataset"),) if reader.left else ()
    return ImportanceMatrix(path, entries, datasets, max(0, chunks))


class _Reader:
    """The bytes of a .dat file, one after another."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes: memoryview[Any] = map_bytes(path, 0, file_size(path)).data
        self.place = 0

    @property
    def left(self) -> int:
        return len(self.bytes) - self.place

    def take(self, count: int, noun: str) -> memoryview[Any]:
        if count > self.left:
            raise BadInput(
                f"{noun}: {count} bytes wanted at byte {self.place}, {self.left} left",
                where=self.path,
                expected="an importance matrix, GGUF or .dat",
                remedy=REMEDY,
            )
        self.place += count
        return self.bytes[self.place - count : self.place]

    def integer(self, noun: str, at_least: int = -(2**31)) -> int:
        (value,) = struct.unpack("<i", self.take(4, noun))
        if value < at_least:
            raise _bad(self.path, f"{noun} is {value}", f"{at_least} or more")
        return int(value)

    def text(self, noun: str) -> str:
        data = bytes(self.take(self.integer(f"the length of {noun}", at_least=0), noun))
        return data.partition(b"\0")[0].decode("utf-8", "replace")

    def floats(self, count: int, noun: str) -> NDArray[np.float32]:
        return np.frombuffer(self.take(4 * count, noun), "<f4").astype(np.float32)


def _bad(path: Path, what: str, expected: str) -> BadInput:
    return BadInput(what, where=path, expected=expected, remedy="use a file that llama-imatrix wrote")
