"""llama.cpp's own quantizer, ``llama_model_quantize``, on GGUF files that a test writes."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gguf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np


@dataclass(frozen=True)
class QuantizedTensor:
    """A tensor as llama.cpp wrote it: the format's name and the bytes, rows first."""

    type: str
    data: np.ndarray[Any, Any]


@dataclass(frozen=True)
class QuantizedFile:
    """What a test looks at in a file that llama.cpp wrote."""

    file_type: int
    tensors: dict[str, QuantizedTensor]


def write_model(
    path: Path, tensors: Mapping[str, np.ndarray[Any, Any]], architecture: str = "llama", experts: int = 0
) -> None:
    """Write a GGUF file with the least metadata that llama.cpp wants before it quantizes."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(64)
    writer.add_embedding_length(256)
    writer.add_block_count(2)
    writer.add_feed_forward_length(256)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_layer_norm_eps(1e-5)
    if experts:
        writer.add_expert_count(experts)
        writer.add_expert_used_count(2)
    for name, values in tensors.items():
        if values.dtype.name == "bfloat16":
            writer.add_tensor(name, values.view("u1"), raw_dtype=gguf.GGMLQuantizationType.BF16)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantize(source: Path, target: Path, file_type: int) -> bool:
    """Have llama.cpp quantize ``source``; False if it refuses."""
    import llama_cpp

    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    try:
        parameters = llama_cpp.llama_model_quantize_default_params()
        parameters.ftype = file_type
        parameters.nthread = 1
        status = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(parameters))
    finally:
        from llama_cpp import _logger

        llama_cpp.llama_log_set(_logger.llama_log_callback, ctypes.c_void_p(0))
    return status == 0


def read(path: Path) -> QuantizedFile:
    """The file type and the tensors of a GGUF file."""
    reader = gguf.GGUFReader(path)
    field = reader.get_field("general.file_type")
    assert field is not None
    tensors = {
        tensor.name: QuantizedTensor(tensor.tensor_type.name, tensor.data.copy().view("u1").reshape(-1))
        for tensor in reader.tensors
    }
    return QuantizedFile(int(field.contents()), tensors)
