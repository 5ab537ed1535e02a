"""What a model on disk holds, whatever its format: tensors, types, true bits per weight, what runs it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from edgedocs.checkpoint import SHIPPED, Checkpoint
from edgedocs.containers import layouts
from edgedocs.containers.gguf import is_gguf
from edgedocs.containers.gguf_split import open_gguf
from edgedocs.containers.layouts import GENAI, ONNX, QNN
from edgedocs.containers.mapping import REMEDY
from edgedocs.containers.safetensors import SafetensorsFile
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.inspection import mlx, openvino, qnn
from edgedocs.inspection.tensors import TensorSummary, add_bytes, without
from edgedocs.precision import bits_per_weight

ROTARY_TABLES = "rotary."
"""How the names of computed tables start in an ONNX graph of ours; they are no weights."""
BELONGING = (".output.scale", ".output.zero_point", ".output", ".scale", ".zero_point")
"""How the names end of what an ONNX graph of ours stores of a weight beside its codes."""


@dataclass(frozen=True)
class Inspection:
    """What :func:`inspect` found.

    Attributes:
        path: the model's file or folder.
        format: ``checkpoint``, ``safetensors`` (a file alone), or the name of a converter, such as ``gguf``.
        architecture: the model family, as the file names it.
        tensors: every stored tensor, in the file's order.
        metadata: what else the file says; long lists are given by their length.
        runners: the runners that load this format.
        tokenizer: kind and number of tokens; None if there is none.
        chat_template: the template that makes a prompt of messages; None if there is none.
        files: the files that hold the weights.
        note: what keeps it from being converted; None if nothing is known to.
    """

    path: Path
    format: str
    architecture: str
    tensors: tuple[TensorSummary, ...]
    metadata: dict[str, Any]
    runners: tuple[str, ...]
    tokenizer: str | None = None
    chat_template: str | None = None
    files: int = 1
    note: str | None = None

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
        template = self.chat_template
        lines = {
            "path": self.path.name,
            "format": self.format + (f", {self.files} files" if self.files > 1 else ""),
            "architecture": self.architecture,
            "weights": f"{self.weights:,}",
            "tensors": f"{len(self.tensors)}, {self.tensor_bytes:,} bytes",
            "bits per weight": f"{self.bits_per_weight:.4f}",
            "tokenizer": self.tokenizer or "none",
            "chat template": "none" if template is None else f"{len(template):,} characters",
            "runs on": ", ".join(self.runners) or "no runner of EdgeDocs",
        }
        return lines | ({"note": self.note} if self.note else {})

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
            "tokenizer": self.tokenizer,
            "chat_template": self.chat_template,
            "files": self.files,
            "note": self.note,
            "runners": list(self.runners),
        }


def inspect(source: str | Path) -> Inspection:
    """Look into a checkpoint folder (or ``tiny``) or any converted model, without its weights.

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
    if kind := layouts.format_of(path):
        return _inspect_converted(path, kind)
    if path.suffix.lower() == ".onnx" and path.is_file():
        return _inspect_onnx(path.parent, path)
    if path.suffix.lower() == ".safetensors" and path.is_file():
        return _inspect_safetensors(path)
    return _inspect_checkpoint(source)


def _inspect_converted(path: Path, kind: str) -> Inspection:
    """The folder of a converted model."""
    if kind == "openvino":
        return _inspect_folder(path, kind, openvino.weights_of(path))
    if kind == "qnn":
        constants = [_initializer(one, path) for one in _onnx_model(path / QNN).graph.initializer]
        return _inspect_folder(path, kind, qnn.weights_of(constants))
    if kind == "mlx":
        config = files.read_json_object(path / "config.json", REMEDY)
        return _inspect_folder(path, kind, mlx.weights_of(_stored(path), config, path))
    return _inspect_onnx(path, path / ONNX)


def _inspect_gguf(path: Path) -> Inspection:
    file = open_gguf(path)
    found = file.metadata
    template = found.get("tokenizer.chat_template")
    return Inspection(
        file.path,
        "gguf",
        str(found.get("general.architecture", "unknown")),
        tuple(TensorSummary(t.name, t.type, t.shape, t.nbytes) for t in file.tensors.values()),
        {key: _shortened(value) for key, value in found.items()},
        _runners_of("gguf"),
        _gguf_tokenizer(found),
        template if isinstance(template, str) else None,
        len(file.parts),
    )


def _gguf_tokenizer(metadata: dict[str, Any]) -> str | None:
    kind, tokens = metadata.get("tokenizer.ggml.model"), metadata.get("tokenizer.ggml.tokens")
    if not isinstance(kind, str):
        return None
    pre = metadata.get("tokenizer.ggml.pre")
    name = f"{kind} ({pre})" if isinstance(pre, str) else kind
    return f"{name}, {len(tokens):,} tokens" if isinstance(tokens, list) else name


def _stored(folder: Path) -> list[TensorSummary]:
    """The tensors of all safetensors files of a folder."""
    parts = [SafetensorsFile.open(path) for path in sorted(folder.glob("model*.safetensors"))]
    return [TensorSummary(t.name, t.dtype, t.shape, t.nbytes) for part in parts for t in part.tensors.values()]


def _inspect_folder(path: Path, kind: str, tensors: tuple[TensorSummary, ...]) -> Inspection:
    """A folder whose ``config.json`` and tokenizer are those of the checkpoint."""
    config = files.read_json_object(path / "config.json", REMEDY) if (path / "config.json").is_file() else {}
    return Inspection(
        path,
        kind,
        str(config.get("model_type", "unknown")),
        tensors,
        config,
        _runners_of(kind),
        _json_tokenizer(path / "tokenizer.json"),
        Checkpoint(path, {}, {}).chat_template,
    )


def _inspect_safetensors(path: Path) -> Inspection:
    file = SafetensorsFile.open(path)
    tensors = tuple(TensorSummary(t.name, t.dtype, t.shape, t.nbytes) for t in file.tensors.values())
    return Inspection(path, "safetensors", "unknown", tensors, dict(file.metadata), ())


def _onnx_model(path: Path) -> Any:
    import onnx

    try:
        return onnx.load(path, load_external_data=False)
    except Exception as error:  # protobuf's own error classes differ between its implementations
        raise BadInput(f"no ONNX model: {error}", where=path, remedy=REMEDY) from error


def _inspect_onnx(path: Path, model_file: Path) -> Inspection:
    model = _onnx_model(model_file)
    tensors = _onnx_tensors(model.graph, path)
    metadata = {"opset": {entry.domain or "ai.onnx": entry.version for entry in model.opset_import}}
    metadata["inputs"] = {"names": [value.name for value in model.graph.input]}
    config = files.read_json(path / "config.json") if (path / "config.json").is_file() else {}
    architecture = str(config.get("model_type", "unknown")) if isinstance(config, dict) else "unknown"
    runners = _runners_of("onnx") if model_file.name == ONNX and isinstance(config, dict) and config else ()
    kind = "onnx"
    if model_file.name == ONNX and (path / GENAI).is_file():
        kind, runners = "ort_genai", runners + _runners_of("ort_genai")
    shown = path if model_file.name == ONNX else model_file
    tokenizer = path / "tokenizer.json"
    return Inspection(
        shown,
        kind,
        architecture,
        tensors,
        metadata,
        runners,
        _json_tokenizer(tokenizer),
        Checkpoint(path, {}, {}).chat_template,
    )


def _onnx_tensors(graph: Any, folder: Path) -> tuple[TensorSummary, ...]:
    """The weights of an ONNX graph, each with the bytes of its scales, its zero points and its copy as the output."""
    found = [_initializer(one, folder) for one in graph.initializer if not one.name.startswith(ROTARY_TABLES)]
    packed = {node.input[1]: node for node in graph.node if node.op_type == "MatMulNBits"}
    tensors: dict[str, TensorSummary] = {}
    for one in found:
        base = without(one.name, BELONGING)
        if base != one.name and base in tensors:
            add_bytes(tensors, base, one.size_bytes)
        elif one.name in packed:
            sizes = {entry.name: entry.i for entry in packed[one.name].attribute}
            shape = (sizes.get("N", 0), sizes.get("K", 0))
            tensors[one.name] = replace(one, type=f"NBITS{sizes.get('bits', 4)}", shape=shape)
        else:
            tensors[one.name] = one
    return tuple(tensors.values())


def _initializer(tensor: Any, folder: Path) -> TensorSummary:
    """A weight of an ONNX graph; raises if the file that it says holds its bytes ends before them."""
    import onnx

    try:
        type_name = onnx.TensorProto.DataType.Name(tensor.data_type)
        element = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
    except (KeyError, ValueError) as error:
        raise BadInput(
            f"tensor {tensor.name!r} has the unknown type {tensor.data_type}", where=folder / ONNX
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
    tensors = tuple(TensorSummary(t.name, t.stored_type, t.shape, t.stored_bytes) for t in checkpoint.tensors.values())
    note = _obstacle(checkpoint)
    return Inspection(
        checkpoint.path,
        "checkpoint",
        str(checkpoint.config.get("model_type", "unknown")),
        tensors,
        dict(checkpoint.config),
        _runners_of("checkpoint") if note is None else (),
        _checkpoint_tokenizer(checkpoint.path),
        checkpoint.chat_template,
        len({tensor.path for tensor in checkpoint.tensors.values()}),
        note,
    )


def _obstacle(checkpoint: Checkpoint) -> str | None:
    """Why the checkpoint cannot be converted; None if nothing is known to keep it from that."""
    try:
        _ = checkpoint.spec
    except BadInput as error:
        return str(error).partition("\n")[0]
    return None


def _checkpoint_tokenizer(folder: Path) -> str | None:
    if found := _json_tokenizer(folder / "tokenizer.json"):
        return found
    names = {"tokenizer.model": "SentencePiece", "vocab.txt": "WordPiece"}
    return next((kind for name, kind in names.items() if (folder / name).is_file()), None)


def _json_tokenizer(path: Path) -> str | None:
    """Kind and size of the tokenizer in a ``tokenizer.json``, as far as it can be read; nothing is checked here."""
    if not path.is_file():
        return None
    model = files.read_json_object(path, REMEDY).get("model")
    if not isinstance(model, dict):
        return "unknown"
    tokens = model.get("vocab")
    size = f", {len(tokens):,} tokens" if isinstance(tokens, dict | list) else ""
    return f"{str(model.get('type', 'unknown'))[:40]}{size}"


def _runners_of(artifact_format: str) -> tuple[str, ...]:
    from edgedocs import runners

    return tuple(runner.name for runner in runners.registry if artifact_format in runner.formats)


def _shortened(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) > 16:
        return f"{len(value)} values"
    return value
