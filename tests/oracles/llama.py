"""llama.cpp's own quantizer, ``llama_model_quantize``, on GGUF files that a test writes."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np

from edgedocs.containers.gguf import GGUFFile
from tests.oracles.ggml import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


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
    path: Path,
    tensors: Mapping[str, np.ndarray[Any, Any]],
    architecture: str = "llama",
    experts: int = 0,
    *,
    layers: int = 2,
    heads: int = 4,
    key_heads: int = 2,
) -> None:
    """Write a GGUF file with the least metadata that llama.cpp wants before it quantizes."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(64)
    writer.add_embedding_length(256)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(256)
    writer.add_head_count(heads)
    writer.add_head_count_kv(key_heads)
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


def quantize(
    source: Path,
    target: Path,
    file_type: int,
    *,
    importance: Mapping[str, np.ndarray[Any, Any]] | None = None,
    tensor_types: Sequence[tuple[str, str]] = (),
    **parameters: Any,
) -> bool:
    """Have llama.cpp quantize ``source``; False if it refuses.

    Args:
        source: a GGUF file.
        target: the file to write.
        file_type: the recipe's number.
        importance: mean squares by the matrices' names.
        tensor_types: regular expressions and names of types.
        parameters: further fields of ``llama_model_quantize_params``; types by their names.
    """
    import llama_cpp

    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    try:
        given = llama_cpp.llama_model_quantize_default_params()
        given.ftype = file_type
        given.nthread = 1
        for name, value in parameters.items():
            setattr(given, name, TYPES[value] if name.endswith("_type") else value)
        kept: list[Any] = []
        if importance is not None:
            entries = [(name.encode(), np.ascontiguousarray(one, np.float32)) for name, one in importance.items()]
            pointer = ctypes.POINTER(ctypes.c_float)
            matrix = (llama_cpp.llama_model_imatrix_data * (len(entries) + 1))()
            for place, (name, one) in enumerate(entries):
                matrix[place].name, matrix[place].size = name, one.size
                matrix[place].data = one.ctypes.data_as(pointer)
            kept += [entries, matrix]
            given.imatrix = matrix
        if tensor_types:
            overrides = (llama_cpp.llama_model_tensor_override * (len(tensor_types) + 1))()
            for place, (pattern, name) in enumerate(tensor_types):
                overrides[place].pattern, overrides[place].type = pattern.encode(), TYPES[name]
            overrides[len(tensor_types)].type = max(TYPES.values()) + 1
            kept.append(overrides)
            given.tt_overrides = overrides
        status = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(given))
    finally:
        from llama_cpp import _logger

        llama_cpp.llama_log_set(_logger.llama_log_callback, ctypes.c_void_p(0))
    return status == 0


def read(path: Path) -> QuantizedFile:
    """The file type and the tensors of a GGUF file.

    By our own reader: that of the package gguf lacks types that llama.cpp writes.
    """
    file = GGUFFile.open(path)
    tensors = {
        name: QuantizedTensor(tensor.type, np.array(tensor.data).reshape(-1)) for name, tensor in file.tensors.items()
    }
    return QuantizedFile(int(file.metadata.get("general.file_type", -1)), tensors)
