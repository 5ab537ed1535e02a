"""ONNX: a decoder with its key-value cache as inputs and outputs, or an encoder, in standard operators of opset 23.

Inputs of a decoder: ``input_ids`` [batch, length], ``attention_mask`` [batch, total] (1 for a token, 0 for padding;
total is the cache's length and the new tokens' together), ``position_ids`` [batch, length], all int64, and for each
layer N ``past_key_values.N.key`` and ``.value`` [batch, key-value heads, past, head size]. Outputs: ``logits``
[batch, length, vocabulary], float32, and ``present.N.key`` and ``.value``, to be given back as the past.

Inputs of an encoder: ``input_ids``, ``attention_mask`` and ``token_type_ids`` [batch, length], int64. Output:
``last_hidden_state`` [batch, length, hidden size], float32.

The types ``nbits8``, ``nbits4`` and ``nbits2`` use operators of ONNX Runtime's own: MatMulNBits, GatherBlockQuantized.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from edgedocs.artifact import Artifact
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.onnx_writer import DATA, MODEL
from edgedocs.converters.base import Converter
from edgedocs.converters.onnx_model import ALIASES, TYPES, Settings, copied_files, write_model
from edgedocs.core import files
from edgedocs.core.folders import atomic_folder
from edgedocs.core.progress import Progress

COPIED = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
"""What a runner needs besides the graph; copied byte for byte, where the checkpoint has it."""


def copy_beside(made: Path, folder: Path) -> None:
    """Copy to ``folder`` what lies beside the graph and its weights in ``made``, a folder that is written here."""
    for path in sorted(made.iterdir()):
        if path.name not in (MODEL, DATA):
            shutil.copyfile(path, folder / path.name)


@dataclass(frozen=True)
class Onnx(Converter, Settings):
    """A folder with ``model.onnx``, its weights in ``model.onnx.data``, the tokenizer and the configuration.

    Its fields are the options, see :class:`~edgedocs.converters.onnx_model.Settings`.

    Attributes:
        copied: the files that come along.
        made: the files that are made of the configuration.
    """

    name = "onnx"
    default_type = "f32"
    copied: ClassVar[tuple[str, ...]] = COPIED
    made: ClassVar[tuple[str, ...]] = ()

    @property
    def types(self) -> tuple[str, ...]:
        """Floats; int8 with scales found as it runs or before; 8, 4 and 2 bits in blocks."""
        return TYPES

    def checked_type(self, name: str | None) -> str:
        """See :meth:`edgedocs.converters.base.Converter.checked_type`; ``fp32`` is ``f32``, ``fp16`` is ``f16``."""
        return super().checked_type(ALIASES.get(name.lower(), name) if name is not None else None)

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
            BadInput: if the checkpoint cannot be converted, an option is missing or does not belong to the type, or
                something else is at ``target``.
            CannotRun: if the target cannot be written.
        """
        self.check(type)
        copied, documents = copied_files(checkpoint, self.copied), self.documents(checkpoint)
        with atomic_folder(target, frozenset({MODEL, DATA, *self.copied, *self.made})) as folder:
            sources = write_model(folder, checkpoint, type, self, progress)
            for path in copied:
                shutil.copyfile(path, folder / path.name)
            for name, document in documents.items():
                files.write_json(folder / name, document)
        return Artifact.record(
            target, type, self.origin(checkpoint, sources | set(copied)), ("onnx", "onnxruntime", "numpy")
        )

    def documents(self, checkpoint: Checkpoint) -> Mapping[str, Any]:
        """The content of the files :attr:`made`, JSON-ready."""
        return {}


CONVERTER = Onnx()
