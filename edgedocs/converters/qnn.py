"""QNN: a decoder for Qualcomm's neural processors, with fixed shapes and whole numbers throughout (QDQ).

The model takes ``length`` tokens at once and has no cache. Activations become unsigned 16-bit numbers and weights
unsigned 8-bit ones, by ONNX Runtime's own tools for QNN, with ranges found by running a text.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.architectures.base import DecoderSpec
from edgedocs.artifact import Artifact
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers import layouts
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.onnx_writer import MODEL
from edgedocs.converters import onnx
from edgedocs.converters.base import Converter
from edgedocs.converters.qnn_static import static_model
from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.folders import atomic_folder
from edgedocs.core.progress import Progress, with_steps

LAYOUT = frozenset({layouts.QNN, *onnx.COPIED})
STEPS = 4
"""What progress counts beside the weights of the ONNX conversion."""
WINDOWS = 16
"""Pieces of the text that are run to find ranges."""


@dataclass(frozen=True)
class QNN(Converter):
    """A folder with ``model.qdq.onnx``, the tokenizer and the configuration. The whole model is held in memory.

    Args:
        length: how many tokens the model takes, prompt and answer together.
        calibration: a UTF-8 text of the kind that the model will see; by default the English one that comes along.
    """

    length: int = 64
    calibration: str | Path | None = None

    name = "qnn"
    default_type = "a16w8"

    @property
    def types(self) -> tuple[str, ...]:
        """Activations of 16 bits and weights of 8."""
        return (self.default_type,)

    def convert(
        self,
        checkpoint: Checkpoint,
        target: Path,
        type: str,  # noqa: A002 - the contract's name
        progress: Progress | None = None,
        split: SplitLimit | None = None,
    ) -> Artifact:
        """Write ``checkpoint`` to the folder ``target``, which is replaced only if it is an earlier conversion.

        Raises:
            BadInput: if the checkpoint cannot be converted, an option cannot be right, or something else is at
                ``target``.
            CannotRun: if the target cannot be written, or ONNX Runtime fails.
        """
        if not isinstance(checkpoint.spec, DecoderSpec):
            raise BadInput(
                f"{checkpoint.spec.architecture} models are no decoders",
                where=checkpoint.path / "config.json",
                expected="a decoder",
                remedy="convert it to ONNX, or to GGUF, which llama.cpp runs",
            )
        if not 2 <= self.length <= checkpoint.spec.context_length:
            raise BadInput(f"length is {self.length}", expected=f"2 to {checkpoint.spec.context_length} tokens")
        windows = self._windows(checkpoint)
        weights, step = with_steps(progress, STEPS)
        with atomic_folder(target, LAYOUT) as folder:
            with tempfile.TemporaryDirectory(dir=folder, prefix="onnx.") as name:
                scratch = Path(name)
                between = onnx.CONVERTER.convert(checkpoint, scratch / "onnx", "f32", weights)
                source = between.manifest()["source"]
                step()
                _save(static_model(between.path / MODEL, self.length, scratch), scratch / "static.onnx")
                step()
                _quantize(scratch / "static.onnx", scratch / layouts.QNN, windows)
                step()
                (scratch / layouts.QNN).replace(folder / layouts.QNN)
                onnx.copy_beside(between.path, folder)
            step()
        text = None if self.calibration is None else Path(self.calibration)
        options = {"length": self.length, "calibration": None if text is None else {text.name: files.sha256(text)}}
        return Artifact.record(target, type, source | {"options": options}, ("onnx", "onnxruntime", "numpy"))

    def _windows(self, checkpoint: Checkpoint) -> list[np.ndarray[Any, Any]]:
        """The tokens to find ranges with, each int64 [1, length]."""
        from edgedocs.runners.folder import read_tokenizer
        from edgedocs.tiny import held_out

        text = held_out("en") if self.calibration is None else files.read_text(Path(self.calibration))
        tokens = read_tokenizer(checkpoint.tokenizer_json, "get the checkpoint's tokenizer.json").encode(text).ids
        starts = range(0, min(len(tokens) - self.length + 1, WINDOWS * self.length), self.length)
        if not starts:
            raise BadInput(
                f"the calibration text has {len(tokens)} tokens",
                where=None if self.calibration is None else Path(self.calibration),
                expected=f"at least {self.length}, the length",
            )
        return [np.array([tokens[start : start + self.length]], np.int64) for start in starts]


def _save(model: Any, path: Path) -> None:
    path.write_bytes(model.SerializeToString(deterministic=True))


def _quantize(source: Path, target: Path, windows: list[np.ndarray[Any, Any]]) -> None:
    try:
        from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize
        from onnxruntime.quantization.execution_providers.qnn import get_qnn_qdq_config

        class Reader(CalibrationDataReader):  # type: ignore[misc]
            """Gives the windows, one after the other."""

            def __init__(self) -> None:
                self.left = list(windows)

            def get_next(self) -> dict[str, Any] | None:
                """The next window; None after the last."""
                return {"input_ids": self.left.pop(0)} if self.left else None

        with _without_advice():
            settings = get_qnn_qdq_config(
                str(source), Reader(), activation_type=QuantType.QUInt16, weight_type=QuantType.QUInt8
            )
            quantize(str(source), str(target), settings)
    except Exception as error:  # what it raises is not specified
        raise CannotRun(f"ONNX Runtime does not quantize the model: {error}", where=source) from error


@contextmanager
def _without_advice() -> Iterator[None]:
    """The tools advise to do what has been done, on the root logger."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


CONVERTER = QNN()
