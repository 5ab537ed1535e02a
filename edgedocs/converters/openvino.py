"""OpenVINO: a folder with the model, its tokenizer and its detokenizer, as OpenVINO GenAI's ``LLMPipeline`` loads it.

The network is that of the ONNX conversion, so every family that becomes ONNX becomes OpenVINO. A decoder's key-value
cache is state inside the model: its inputs are ``input_ids``, ``attention_mask``, ``position_ids`` and ``beam_idx``.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgedocs.artifact import Artifact
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.layouts import OPENVINO
from edgedocs.containers.onnx_writer import MODEL
from edgedocs.converters import onnx, openvino_model
from edgedocs.converters.base import Converter
from edgedocs.converters.openvino_tokenizer import DETOKENIZER, TOKENIZER, write_tokenizer
from edgedocs.converters.openvino_weights import INT4, INT8, Compression
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.core.folders import atomic_folder
from edgedocs.core.progress import Progress, with_steps

FLOATS = ("f32", "f16")
PACKAGES = ("openvino", "openvino-tokenizers", "nncf", "onnx", "numpy")
STEPS = 4
"""What progress counts beside the weights of the ONNX conversion."""


def _pair(name: str) -> tuple[str, str]:
    return name, name.removesuffix(".xml") + ".bin"


LAYOUT = frozenset({*_pair(OPENVINO), *_pair(TOKENIZER), *_pair(DETOKENIZER), *onnx.COPIED})


@dataclass(frozen=True)
class OpenVINO(Converter):
    """A folder with ``openvino_model.xml`` and ``.bin``, the tokenizer in the same form, and the configuration.

    OpenVINO and NNCF hold the whole model in memory.

    Args:
        symmetric: for ``int8`` and ``int4``, whether there is no zero point.
        group_size: for ``int4``, neighbours in a row that share a scale, -1 for whole rows; by default 128, or what is
            nearest to it and divides the rows.
        ratio: for ``int4``, the share of the weights that gets 4 bits; the others get 8. Embeddings and the output
            always get 8.
        calibration: for ``int4``, a text file: which weights matter is then found by running it (mixed precision by
            sensitivity, and AWQ).
    """

    symmetric: bool | None = None
    group_size: int | None = None
    ratio: float | None = None
    calibration: str | Path | None = None

    name = "openvino"
    default_type = "f16"
    requires = ("openvino", "openvino_tokenizers", "transformers", "nncf")
    extra = "openvino"

    @property
    def types(self) -> tuple[str, ...]:
        """Floats, and whole numbers of 8 and 4 bits."""
        return (*FLOATS, INT8, INT4)

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
            CannotRun: if the target cannot be written, or OpenVINO fails.
        """
        compression = self._compression(type)
        weights, step = with_steps(progress, STEPS)
        with atomic_folder(target, LAYOUT) as folder:
            with tempfile.TemporaryDirectory(dir=folder, prefix="onnx.") as scratch:
                between = onnx.CONVERTER.convert(checkpoint, Path(scratch) / "onnx", "f32", weights)
                source = between.manifest()["source"]
                model = openvino_model.read_stateful(between.path / MODEL)
                step()
                if compression is not None:
                    model = compression.apply(model, checkpoint)
                step()
                openvino_model.save(model, folder / OPENVINO, half=type != "f32")
                del model  # it maps the file of weights
                step()
                onnx.copy_beside(between.path, folder)
            write_tokenizer(checkpoint, folder)
            step()
        return Artifact.record(target, type, source | {"options": self._options()}, PACKAGES)

    def _compression(self, kind: str) -> Compression | None:
        """How the weights are compressed; None if they are not.

        Raises:
            BadInput: if an option does not belong to the type, or cannot be right.
        """
        if kind in FLOATS:
            for name, value in self._options().items():
                if value is not None:
                    raise BadInput(f"{name} is {value} for {kind}", expected=f"none, or {INT8} or {INT4}")
            return None
        text = None if self.calibration is None else Path(self.calibration)
        return Compression(kind, bool(self.symmetric), self.group_size, self.ratio, text)

    def _options(self) -> dict[str, Any]:
        """The options as a manifest names them; of the text, its hash."""
        options: dict[str, Any] = {name: getattr(self, name) for name in ("symmetric", "group_size", "ratio")}
        text = None if self.calibration is None else Path(self.calibration)
        return options | {"calibration": None if text is None else {text.name: files.sha256(text)}}


CONVERTER = OpenVINO()
