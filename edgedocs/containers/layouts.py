"""Layouts: the files by which the folder of a converted model is known."""

from __future__ import annotations

from pathlib import Path

from edgedocs.containers.safetensors import is_mlx

ONNX, ONNX_WEIGHTS = "model.onnx", "model.onnx.data"
GENAI = "genai_config.json"
"""Beside ``model.onnx``, what onnxruntime-genai wants to know."""
OPENVINO, OPENVINO_WEIGHTS = "openvino_model.xml", "openvino_model.bin"
QNN = "model.qdq.onnx"


def format_of(folder: Path) -> str | None:
    """The name of the converter that writes such a folder; None for a checkpoint, or anything else."""
    if (folder / ONNX).is_file():
        return "ort_genai" if (folder / GENAI).is_file() else "onnx"
    if (folder / OPENVINO).is_file():
        return "openvino"
    if (folder / QNN).is_file():
        return "qnn"
    return "mlx" if is_mlx(folder) else None
