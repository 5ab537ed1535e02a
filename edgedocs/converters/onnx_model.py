"""An ONNX model on disk: types and their options, and the file that a checkpoint becomes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gguf.constants import PoolingType

from edgedocs.architectures.base import DecoderSpec, EncoderSpec
from edgedocs.artifact import source_of
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.onnx_writer import OnnxWriter
from edgedocs.converters.gguf_pooling import pooling_fields, pooling_files
from edgedocs.converters.onnx_calibration import observe, ranges
from edgedocs.converters.onnx_decoder import Decoder
from edgedocs.converters.onnx_encoder import Encoder
from edgedocs.converters.onnx_graph import Graph
from edgedocs.converters.onnx_matrices import (
    FLOAT,
    HALF,
    DynamicMatrices,
    FloatMatrices,
    Matrices,
    NBitsMatrices,
    StaticMatrices,
)
from edgedocs.converters.onnx_rotary import border, check_tables
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.quantizers.matmul_nbits import MatMulNBitsQuantizer

NBITS = {"nbits8": 8, "nbits4": 4, "nbits2": 2}
CALIBRATED = "int8_static"
TYPES = ("f32", "f16", "int8", CALIBRATED, *NBITS)
ALIASES = {"fp32": "f32", "fp16": "f16"}
BLOCK_SIZE = 32
COMPUTE_NOTE, BORDER_NOTE, POOLING_NOTE = "edgedocs.compute", "edgedocs.rotary_border", "edgedocs.pooling"
"""What the file tells a runner: what products are rounded to, how long a text may be until it must be computed anew
(LongRoPE), how an encoder makes one vector of a text."""


@dataclass(frozen=True)
class Settings:
    """What some types can be told.

    Attributes:
        block_size: for ``nbits8``, ``nbits4`` and ``nbits2``: how many weights share a scale; None is 32.
        zero_points: for the same: whether blocks have zero points, so that their codes need not lie around 0.
        calibration: for ``int8_static``: a UTF-8 text; the ranges of what is multiplied are those that it causes.
    """

    block_size: int | None = None
    zero_points: bool = False
    calibration: Path | str | None = None

    def check(self, type_name: str) -> None:
        """Refuse options that the type does not have, and a missing one that it needs.

        Raises:
            BadInput: at the first.
        """
        for option, given in (("block_size", self.block_size is not None), ("zero_points", self.zero_points)):
            if given and type_name not in NBITS:
                raise BadInput(f"{option} for the type {type_name}", expected=f"one of the types {', '.join(NBITS)}")
        if self.calibration is not None and type_name != CALIBRATED:
            raise BadInput(f"a calibration text for the type {type_name}", expected=f"the type {CALIBRATED}")
        if self.calibration is None and type_name == CALIBRATED:
            raise BadInput(
                f"{CALIBRATED} needs a calibration text",
                remedy="give one, such as --calibration book.txt, or use the type int8, which needs none",
            )
        if type_name in NBITS:
            self.quantizer(type_name)

    def quantizer(self, type_name: str) -> MatMulNBitsQuantizer:
        """What makes the blocks of a type of few bits."""
        size = BLOCK_SIZE if self.block_size is None else self.block_size
        return MatMulNBitsQuantizer(NBITS[type_name], size, symmetric=not self.zero_points)

    def origin(self, checkpoint: Checkpoint, sources: Iterable[Path]) -> dict[str, Any]:
        """What a model is made from, for its manifest: the files and the options."""
        found: dict[str, Any] = {"name": checkpoint.name} | source_of(*sorted(sources))
        if self.block_size is not None or self.zero_points:
            found["options"] = {"block_size": self.block_size or BLOCK_SIZE, "zero_points": self.zero_points}
        if self.calibration is not None:
            found["calibration"] = source_of(Path(self.calibration))["files"]
        return found


def copied_files(checkpoint: Checkpoint, names: Iterable[str]) -> list[Path]:
    """Those of the files that lie beside the tokenizer.

    Raises:
        BadInput: if there is no ``tokenizer.json``.
    """
    beside = (checkpoint.tokenizer_json.with_name(name) for name in names)
    return [path for path in beside if path.is_file()]


def write_model(
    folder: Path, checkpoint: Checkpoint, type_name: str, settings: Settings, progress: Progress | None = None
) -> set[Path]:
    """Write ``model.onnx`` and its weights into a folder; returns the files that they come from.

    Raises:
        BadInput: if the checkpoint cannot be converted to this type.
    """
    spec = checkpoint.spec
    if isinstance(spec, DecoderSpec):
        check_tables(checkpoint, spec)
    roles = checkpoint.architecture.tensors(spec)
    sources = {checkpoint.tensors[role.name].path for role in roles} | set(pooling_files(checkpoint))
    matrices = _matrices(checkpoint, type_name, settings)
    with OnnxWriter(folder) as writer:
        _write_graph(writer, checkpoint, matrices, _stepper(progress, len(roles)))
        writer.save(spec.architecture, producer="edgedocs", notes=_notes(checkpoint, matrices))
    return sources


def _notes(checkpoint: Checkpoint, matrices: Matrices) -> dict[str, str]:
    notes, spec = {COMPUTE_NOTE: matrices.compute}, checkpoint.spec
    if isinstance(spec, DecoderSpec) and border(spec):
        notes[BORDER_NOTE] = str(border(spec))
    for pooling in pooling_fields(checkpoint).values():
        notes[POOLING_NOTE] = PoolingType(pooling.value).name.lower()
    return notes


def _matrices(checkpoint: Checkpoint, type_name: str, settings: Settings) -> Matrices:
    if type_name in NBITS:
        return NBitsMatrices(settings.quantizer(type_name))
    if type_name == CALIBRATED:
        assert settings.calibration is not None
        return StaticMatrices(_calibrated(checkpoint, Path(settings.calibration)))
    return DynamicMatrices() if type_name == "int8" else FloatMatrices(HALF if type_name == "f16" else FLOAT)


def _calibrated(checkpoint: Checkpoint, path: Path) -> dict[str, tuple[float, float]]:
    """The ranges that a text causes in the model in float32, which is written to a temporary folder and run."""
    text = files.read_text(path)
    with tempfile.TemporaryDirectory(prefix="edgedocs-") as name:
        folder, matrices = Path(name), FloatMatrices()
        with OnnxWriter(folder) as writer:
            _write_graph(writer, checkpoint, matrices, lambda: None)
            observe(writer, matrices.multiplied)
            writer.save(checkpoint.spec.architecture, producer="edgedocs")
        return ranges(folder, checkpoint, text, matrices.multiplied, where=path)


def _write_graph(writer: OnnxWriter, checkpoint: Checkpoint, matrices: Matrices, step: Callable[[], None]) -> None:
    graph, spec = Graph(writer, checkpoint, matrices, step), checkpoint.spec
    if isinstance(spec, DecoderSpec):
        Decoder(graph, spec).write()
        return
    if not isinstance(spec, EncoderSpec):
        raise BadInput(f"{spec.architecture} models cannot be converted to ONNX", where=checkpoint.path)
    Encoder(graph, spec).write()


def _stepper(progress: Progress | None, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    return step
