"""What differs between two models on disk: tensors, metadata, tokenizer. Weights are read some rows at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from gguf.constants import GGUFValueType as ValueType
from gguf.constants import Keys
from numpy.typing import NDArray

from edgedocs import quantizers
from edgedocs.checkpoint import SHIPPED, Checkpoint
from edgedocs.containers.gguf import GGUFTensor, is_gguf
from edgedocs.containers.gguf_fields import Field
from edgedocs.containers.gguf_split import open_gguf
from edgedocs.containers.safetensors import DTYPES, SafetensorsFile, Tensor
from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.core.threads import slices

WEIGHTS_AT_A_TIME = 2**21
LEAST_SQNR = 0.0
"""Decibels; below this the error is greater than the weights: another model, or rows in another order."""
SHOWN_ITEMS = 3
"""Items of a list that are named where it differs."""

Rows = Callable[[slice], NDArray[np.float32]]


@dataclass(frozen=True)
class Weights:
    """A tensor of one of the models.

    Attributes:
        type: how it is stored.
        shape: rows first.
        open: gives a function that reads some rows, ``[rows, columns]``.
    """

    type: str
    shape: tuple[int, ...]
    open: Callable[[], Rows]


@dataclass(frozen=True)
class Side:
    """One of the two models.

    Attributes:
        path: its file or folder.
        tensors: by name, the name that the format in common gives them.
        metadata: what else it says.
    """

    path: Path
    tensors: Mapping[str, Weights]
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class TensorDifference:
    """How a tensor of the second model differs from the first's.

    Attributes:
        name: its name.
        types: how each model stores it.
        max_error: the greatest difference of two weights.
        relative_error: the same as a part of the first's greatest magnitude.
        sqnr: signal to quantization noise ratio in decibels: infinite where nothing differs, not a number where a
            weight of either is not finite.
    """

    name: str
    types: tuple[str, str]
    max_error: float
    relative_error: float
    sqnr: float

    @property
    def identical(self) -> bool:
        """Whether both have the same weights."""
        return self.sqnr == math.inf

    def row(self) -> tuple[str, str, str, str, str, str]:
        """The difference as a row of a table."""
        if self.identical:
            return self.name, *self.types, "identical", "", ""
        return self.name, *self.types, f"{self.max_error:.3g}", f"{self.relative_error:.3g}", f"{self.sqnr:.2f}"

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON-ready data; what is no number is null."""
        numbers = {"max_error": self.max_error, "relative_error": self.relative_error, "sqnr_db": self.sqnr}
        return {
            "name": self.name,
            "types": list(self.types),
            "identical": self.identical,
            **{key: value if math.isfinite(value) else None for key, value in numbers.items()},
        }


@dataclass(frozen=True)
class Difference:
    """What :func:`diff` found.

    Attributes:
        paths: the two models.
        tensors: those that both have in the same shape, the worst first.
        missing: tensors of the first model that the second lacks.
        extra: tensors of the second that the first lacks.
        reshaped: tensors whose shapes differ, with both shapes.
        lost: metadata of the first that the second lacks.
        added: metadata of the second that the first lacks.
        changed: metadata that both have otherwise, with both values, long ones shortened.
    """

    paths: tuple[Path, Path]
    tensors: tuple[TensorDifference, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    reshaped: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]
    lost: tuple[str, ...]
    added: tuple[str, ...]
    changed: dict[str, tuple[Any, Any]]

    def findings(self, max_error: float | None = None, min_sqnr: float = LEAST_SQNR) -> list[str]:
        """Why the models are not the same within bounds; empty if they are. Metadata are no finding.

        Args:
            max_error: the greatest relative error allowed.
            min_sqnr: the least ratio of signal to noise allowed, in decibels.
        """
        found = [f"tensor {name} is missing" for name in self.missing]
        found += [f"tensor {name} is not in the first" for name in self.extra]
        found += [f"tensor {name} has the shape {list(b)}, not {list(a)}" for name, (a, b) in self.reshaped.items()]
        for one in self.tensors:
            if math.isnan(one.sqnr):
                found.append(f"tensor {one.name} has weights that are not finite")
            elif one.sqnr < min_sqnr:
                found.append(f"tensor {one.name} has {one.sqnr:.2f} dB, less than {min_sqnr:g}")
            elif max_error is not None and one.relative_error > max_error:
                found.append(f"tensor {one.name} has the error {one.relative_error:.3g}, more than {max_error:g}")
        return found

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON-ready data."""
        return {
            "paths": [str(path) for path in self.paths],
            "tensors": [one.as_dict() for one in self.tensors],
            "missing": list(self.missing),
            "extra": list(self.extra),
            "reshaped": {name: [list(shape) for shape in both] for name, both in self.reshaped.items()},
            "metadata": {
                "lost": list(self.lost),
                "added": list(self.added),
                "changed": {key: list(both) for key, both in self.changed.items()},
            },
        }


def diff(first: str | Path, second: str | Path, progress: Progress | None = None) -> Difference:
    """Compare two models: checkpoint folders, ``tiny``, safetensors files, GGUF files.

    A checkpoint is compared with a GGUF file as its conversion: under GGUF's names, with the rows in GGUF's order.

    Args:
        first: what the other is measured by.
        second: the other.
        progress: called with the weights compared so far and in all.

    Raises:
        BadInput: if there is no such model, a file is malformed, or the two have no names in common.
        CannotRun: if a file cannot be read.
    """
    one, other = (_open(source, as_gguf=_is_gguf(first) or _is_gguf(second)) for source in (first, second))
    common = [name for name in one.tensors if name in other.tensors]
    if not common:
        raise BadInput(
            "the models have no tensor in common", where=f"{one.path}, {other.path}", expected="the same architecture"
        )
    shapes = {name: (one.tensors[name].shape, other.tensors[name].shape) for name in common}
    same = [name for name in common if shapes[name][0] == shapes[name][1]]
    differences = list(_compared(one, other, same, progress))
    differences.sort(key=lambda found: (not math.isnan(found.sqnr), found.sqnr, found.name))
    keys = [key for key in one.metadata if key in other.metadata]
    return Difference(
        (one.path, other.path),
        tuple(differences),
        tuple(name for name in one.tensors if name not in other.tensors),
        tuple(name for name in other.tensors if name not in one.tensors),
        {name: both for name, both in shapes.items() if both[0] != both[1]},
        tuple(key for key in one.metadata if key not in other.metadata),
        tuple(key for key in other.metadata if key not in one.metadata),
        {
            key: _shortened(one.metadata[key], other.metadata[key])
            for key in keys
            if one.metadata[key] != other.metadata[key]
        },
    )


def _is_gguf(source: str | Path) -> bool:
    return source != SHIPPED and is_gguf(Path(source))


def _open(source: str | Path, as_gguf: bool) -> Side:
    path = Path(source)
    if _is_gguf(source):
        file = open_gguf(path)
        tensors = {name: Weights(one.type, one.shape, _gguf_rows(one)) for name, one in file.tensors.items()}
        return Side(file.path, tensors, file.metadata)
    if source != SHIPPED and path.is_file() and path.suffix == ".safetensors":
        plain = SafetensorsFile.open(path)
        return Side(path, _plain(plain.tensors), plain.metadata)
    checkpoint = Checkpoint.open(source)
    return _converted(checkpoint) if as_gguf else Side(checkpoint.path, _plain(checkpoint.tensors), checkpoint.config)


def _converted(checkpoint: Checkpoint) -> Side:
    """A checkpoint as it would be in GGUF."""
    from edgedocs.converters.gguf_source import SourceModel

    model = SourceModel.from_checkpoint(checkpoint)
    tensors = {
        one.info.name: Weights(one.held, one.info.shape, partial(_array_rows, one.weights)) for one in model.tensors
    }
    # The file type is that of the recipe, which a checkpoint does not have.
    fields = {key: field for key, field in model.fields.items() if key != Keys.General.FILE_TYPE}
    return Side(checkpoint.path, tensors, {key: _as_stored(field) for key, field in fields.items()})


def _as_stored(field: Field) -> Any:
    """A value as it is read back from a file: float32 is rounded."""
    if field.type != ValueType.FLOAT32:
        return field.value
    return np.asarray(field.value, np.float32).tolist()


def _plain(tensors: Mapping[str, Tensor]) -> dict[str, Weights]:
    return {
        name: Weights(one.stored_type, one.shape, partial(_array_rows, one.array))
        for name, one in tensors.items()
        if DTYPES[one.dtype].kind != "b"
    }


def _array_rows(read: Callable[[], NDArray[Any]]) -> Rows:
    array = read()
    rows = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    return lambda part: np.asarray(rows[part], np.float32)


def _gguf_rows(tensor: GGUFTensor) -> Callable[[], Rows]:
    def open_rows() -> Rows:
        if tensor.type not in quantizers.registry:
            raise BadInput(
                f"tensor {tensor.name!r} is {tensor.type}", where=tensor.path, expected="a format that holds weights"
            )
        quantizer = quantizers.get(tensor.type)
        rows = tensor.data.reshape(-1, tensor.data.shape[-1])
        return lambda part: quantizer.dequantize(rows[part], where=tensor.name)

    return open_rows


def _compared(one: Side, other: Side, names: list[str], progress: Progress | None) -> Iterator[TensorDifference]:
    total = sum(math.prod(one.tensors[name].shape) for name in names)
    done = 0
    for name in names:
        first, second = one.tensors[name], other.tensors[name]
        yield _difference(name, first, second)
        done += math.prod(first.shape)
        if progress is not None:
            progress(done, total)


def _difference(name: str, first: Weights, second: Weights) -> TensorDifference:
    types = (first.type, second.type)
    weights = math.prod(first.shape)
    if weights == 0:
        return TensorDifference(name, types, 0.0, 0.0, math.inf)
    columns = first.shape[-1] if first.shape else 1
    theirs, ours = first.open(), second.open()
    signal = noise = largest = error = 0.0
    for part in slices(weights // columns, WEIGHTS_AT_A_TIME // columns):
        a = theirs(part)
        with np.errstate(all="ignore"):
            difference = a - ours(part)
            largest, error = _greater(largest, a), _greater(error, difference)
            signal += float(np.square(a, dtype=np.float64).sum())
            noise += float(np.square(difference, dtype=np.float64).sum())
    if not (math.isfinite(largest) and math.isfinite(error)):
        return TensorDifference(name, types, error, math.nan, math.nan)
    return TensorDifference(name, types, error, error / largest if largest else error, _decibels(signal, noise))


def _greater(before: float, values: NDArray[np.float32]) -> float:
    """The greatest magnitude so far; not a number if one is none."""
    largest = float(np.maximum(values.max(), -values.min()))
    return largest if math.isnan(largest) or largest > before else before


def _decibels(signal: float, noise: float) -> float:
    if noise == 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal else -math.inf


def _shortened(first: Any, second: Any) -> tuple[Any, Any]:
    """Two values that differ; of long lists and texts, how long they are and where they differ first."""
    if isinstance(first, list) and isinstance(second, list) and max(len(first), len(second)) > 2 * SHOWN_ITEMS:
        places = [place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b]
        return _items(first, places), _items(second, places)
    return _brief(first), _brief(second)


def _items(values: list[Any], places: list[int]) -> str:
    shown = ", ".join(f"[{place}] {_brief(values[place])!r}" for place in places[:SHOWN_ITEMS])
    return f"{len(values)} values" + (f", {len(places)} differ: {shown}" if places else "")


def _brief(value: Any) -> Any:
    text = value if isinstance(value, str) else None
    return f"{text[:60]}… ({len(text)} characters)" if text is not None and len(text) > 80 else value
