"""Converters: from a checkpoint to a file that a runtime loads.

A converter is one module with a ``CONVERTER``; see :mod:`edgedocs.converters.base` for what it provides.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgedocs.artifact import Artifact
from edgedocs.checkpoint import SHIPPED, Checkpoint
from edgedocs.containers.gguf import is_gguf
from edgedocs.containers.gguf_split import SplitLimit, open_gguf
from edgedocs.converters.base import Converter
from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.core.registry import Registry

registry: Registry[Converter] = Registry(
    "converter",
    __name__,
    "CONVERTER",
    helpers=frozenset(
        {
            "base",
            "chat_templates",
            "front_matter",
            "gguf_checkpoint",
            "gguf_config",
            "gguf_metadata",
            "gguf_model",
            "gguf_plan",
            "gguf_pooling",
            "gguf_source",
            "gguf_tokenizer",
            "mlx_config",
            "model_card",
            "onnx_calibration",
            "onnx_decoder",
            "onnx_encoder",
            "onnx_experts",
            "onnx_graph",
            "onnx_matrices",
            "onnx_model",
            "onnx_rotary",
            "openvino_model",
            "openvino_tokenizer",
            "openvino_weights",
            "qnn_static",
            "recoding",
            "sampling",
            "tokenizer_from_gguf",
            "tokenizer_json_from_gguf",
        }
    ),
)


def convert(
    source: str | Path | Checkpoint,
    target: str | Path,
    to: str = "gguf",
    type: str | None = None,  # noqa: A002 - the word that every tool of the field uses
    progress: Progress | None = None,
    split: SplitLimit | None = None,
    imatrix: str | Path | None = None,
    **options: Any,
) -> Artifact:
    """Convert a checkpoint, or a GGUF file back into one.

    Args:
        source: a checkpoint, its folder, or ``"tiny"``; for ``"safetensors"`` also a GGUF file.
        target: the file or folder to write; it appears when it is complete, and replaces what was there.
        to: the format, the name of a converter: ``"gguf"``, ``"onnx"``, ``"ort_genai"`` and so on; a hyphen is as good
            as an underscore.
        type: the precision, one of the converter's types; by default the converter's own.
        progress: called with how much is done and how much there is in all.
        split: write several files if the model does not fit one, GGUF or safetensors.
        imatrix: an importance matrix, GGUF or .dat, for the types of GGUF that need or use one.
        options: what the converter can be told beyond the type, such as ``block_size``.

    Returns:
        What was written, of several files the first; a manifest lies beside it.

    Raises:
        BadInput: if the source, the format, the type or an option cannot be right.
        CannotRun: if the target cannot be written, or a package that the converter needs is missing.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> convert("tiny", folder / "tiny.gguf", type="f16").recipe
        'f16'
    """
    to = to.replace("-", "_")
    converter = registry.get(to).configured(options)
    if to != "gguf" and imatrix is not None:
        raise BadInput(f"{to} takes no importance matrix", where=imatrix, expected="gguf as the format to write")
    type_name = converter.checked_type(type)
    if split is not None and not converter.splits:
        known = " or ".join(one.name for one in registry if one.splits)
        raise BadInput(f"{to} is not split", expected=f"{known}, where a model is to be split into several files")
    converter.require()
    if not isinstance(source, Checkpoint) and source != SHIPPED and is_gguf(Path(source)):
        return converter.convert_gguf(open_gguf(source), Path(target), type_name, progress, split)
    checkpoint = source if isinstance(source, Checkpoint) else Checkpoint.open(source)
    if imatrix is None:
        return converter.convert(checkpoint, Path(target), type_name, progress, split)
    from edgedocs.converters.gguf import quantize

    return quantize(checkpoint, target, type_name, progress, split=split, imatrix=imatrix)
