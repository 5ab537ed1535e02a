"""What a model on disk holds, whatever its format: tensors, types, true bits per weight, what runs it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from edgedocs.checkpoint import SHIPPED, Checkpoint
from edgedocs.containers.gguf import GGUFFile, is_gguf
from edgedocs.containers.mapping import REMEDY
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.precision import bits_per_weight

MODEL = "model.onnx"
ROTARY_TABLES = "rotary."
"""How the names of computed tables start in an ONNX graph of ours; they are no weights."""


@dataclass(frozen=True)
class TensorSummary:
    """One tensor: its name, storage type, shape (rows first) and stored bytes."""

    name: str
    type: str
    shape: tuple[int, ...]
    size_bytes: int

    @property
    def weights(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    def row(self) -> tuple[str, str, str, int]:
        """The tensor as a row of a table."""
        return self.name, self.type, " × ".join(map(str, self.shape)), self.size_bytes


@dataclass(frozen=True)
class Inspection:
    """What :func:`inspect` found.

    Attributes:
        path: the model's file or folder.
        format: ``checkpoint``, ``gguf`` or ``onnx``.
        architecture: the model family, as the file names it.
        tensors: every stored tensor, in the file's order.
        metadata: what else the file says; long lists are given by their length.
        runners: the runners that load this format.
    """

    path: Path
    format: str
    architecture: str
    tensors: tuple[TensorSummary, ...]
    metadata: dict[str, Any]
    runners: tuple[str, ...]

    @property
    def weights(self) -> int:
        """Weights in all tensors together."""
        return sum(tensor.weights for tensor in self.tensors)

    @property
    def tensor_bytes(self) -> int:
        """Bytes of all tensors together, without headers and metadata."""
        return sum(tensor.size_bytes for tensor in self.tensors)

    @property
    def bits_per_weight(self) -> float:
        """Bits a weight really takes, scales and unquantized tensors included."""
        return bits_per_weight(self.tensor_bytes, self.weights)

    def summary(self) -> dict[str, str]:
        """The inspection as labelled lines."""
        return {
            "path": self.path.name,
            "format": self.format,
            "architecture": self.architecture,
            "weights": f"{self.weights:,}",
            "tensors": f"{len(self.tensors)}, {self.tensor_bytes:,} bytes",
            "bits per weight": f"{self.bits_per_weight:.4f}",
            "runs on": ", ".join(self.runners) or "no runner of EdgeDocs",
        }

    def by_type(self) -> list[tuple[str, int, int, int]]:
        """Per storage type, largest first: its name, tensors, weights, bytes."""
        groups: dict[str, list[TensorSummary]] = defaultdict(list)
        for tensor in self.tensors:
            groups[tensor.type].append(tensor)
        rows = [(name, len(g), sum(t.weights for t in g), sum(t.size_bytes for t in g)) for name, g in groups.items()]
        return sorted(rows, key=lambda row: -row[3])

    def as_dict(self) -> dict[str, Any]:
        """The inspection as JSON-ready data."""
        return {
            "path": str(self.path),
            "format": self.format,
            "architecture": self.architecture,
            "weights": self.weights,
            "tensor_bytes": self.tensor_bytes,
            "bits_per_weight": self.bits_per_weight,
            "types": {name: {"tensors": n, "weights": w, "bytes": b} for name, n, w, b in self.by_type()},
            "tensors": [
                {"name": t.name, "type": t.type, "shape": list(t.shape), "bytes": t.size_bytes} for t in self.tensors
            ],
            "metadata": self.metadata,
            "runners": list(self.runners),
        }


def inspect(source: str | Path) -> Inspection:
    """Look into a checkpoint folder (or ``tiny``), a GGUF file or an ONNX folder, without loading its weights.

    Raises:
        BadInput: if there is no such model, its file is damaged, or it holds no weights.
    """
    found = _found(source)
    if found.weights == 0:
        raise BadInput("holds no weights", where=found.path, expected="a model, not a vocabulary alone", remedy=REMEDY)
    return found


def _found(source: str | Path) -> Inspection:
    path = Path(source)
    if source == SHIPPED:
        return _inspect_checkpoint(source)
    if is_gguf(path) or (path.suffix.lower() == ".gguf" and not path.is_dir()):
        return _inspect_gguf(path)
    if (path / MODEL).is_file():
        return _inspect_onnx(path)
    return _inspect_checkpoint(source)


def _inspect_gguf(path: Path) -> Inspection:
    file = GGUFFile.open(path)
    tensors = tuple(TensorSummary(t.name, t.type, t.shape, t.nbytes) for t in file.tensors.values())
    metadata = {key: _shortened(value) for key, value in file.metadata.items()}
    architecture = str(file.metadata.get("general.architecture", "unknown"))
    return Inspection(path, "gguf", architecture, tensors, metadata, _runners_of("gguf"))


def _inspect_onnx(path: Path) -> Inspection:
    import onnx

    try:
        model = onnx.load(path / MODEL, load_external_data=False)
    except Exception as error:  # protobuf's own error classes differ between its implementations
        raise BadInput(f"no ONNX model: {error}", where=path / MODEL, remedy=REMEDY) from error
    weights = [one for one in model.graph.initializer if not one.name.startswith(ROTARY_TABLES)]
    tensors = tuple(_initializer(one, path) for one in weights)
    metadata = {"opset": {entry.domain or "ai.onnx": entry.version for entry in model.opset_import}}
    metadata["inputs"] = {"names": [value.name for value in model.graph.input]}
    config = files.read_json(path / "config.json") if (path / "config.json").is_file() else {}
    architecture = str(config.get("model_type", "unknown")) if isinstance(config, dict) else "unknown"
    return Inspection(path, "onnx", architecture, tensors, metadata, _runners_of("onnx"))


def _initializer(tensor: Any, folder: Path) -> TensorSummary:
    """A weight of an ONNX graph; raises if the file that it says holds its bytes ends before them."""
    import onnx

    try:
        type_name = onnx.TensorProto.DataType.Name(tensor.data_type)
        element = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
    except (KeyError, ValueError) as error:
        raise BadInput(
            f"tensor {tensor.name!r} has the unknown type {tensor.data_type}", where=folder / MODEL
        ) from error
    nbytes = prod(tensor.dims) * element.itemsize
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        place = {entry.key: entry.value for entry in tensor.external_data}
        data = folder / place.get("location", "")
        offset, length = (_number(place.get(key), default) for key, default in (("offset", 0), ("length", nbytes)))
        if not data.is_file() or offset + length > data.stat().st_size:
            raise BadInput(
                f"tensor {tensor.name!r} is not whole",
                where=data,
                expected=f"{length} bytes from byte {offset}",
                remedy=REMEDY,
            )
    return TensorSummary(tensor.name, type_name, tuple(tensor.dims), nbytes)


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default


def _inspect_checkpoint(source: str | Path) -> Inspection:
    checkpoint = Checkpoint.open(source)
    tensors = tuple(TensorSummary(t.name, t.dtype, t.shape, t.nbytes) for t in checkpoint.tensors.values())
    return Inspection(
        checkpoint.path,
        "checkpoint",
        checkpoint.architecture.name,
        tensors,
        dict(checkpoint.config),
        _runners_of("checkpoint"),
    )


def _runners_of(artifact_format: str) -> tuple[str, ...]:
    from edgedocs import runners

    return tuple(runner.name for runner in runners.registry if artifact_format in runner.formats)


def _shortened(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) > 16:
        return f"{len(value)} values"
    return value
