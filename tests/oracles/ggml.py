"""ggml itself, called through ctypes: the library that ships inside the ``llama_cpp`` package.

What it writes and reads is what a format *is*, so it is the oracle for ours. It is built without fused multiply-add
on x86-64; on other processors its bytes may differ in the last place.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# enum ggml_type, include/ggml.h
TYPES = {"F32": 0, "F16": 1, "Q4_0": 2, "Q8_0": 8, "Q6_K": 14, "BF16": 30}

DECODERS = {
    "F16": "ggml_fp16_to_fp32_row",
    "BF16": "ggml_bf16_to_fp32_row",
    "Q8_0": "dequantize_row_q8_0",
    "Q4_0": "dequantize_row_q4_0",
    "Q6_K": "dequantize_row_q6_K",
}

FILE_NAMES = {"win32": "ggml-base.dll", "darwin": "libggml-base.dylib"}


@cache
def library() -> ctypes.CDLL:
    """libggml-base of the installed llama_cpp package, with the functions' types declared."""
    found = importlib.util.find_spec("llama_cpp")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "lib"
    base = ctypes.CDLL(str(folder / FILE_NAMES.get(sys.platform, "libggml-base.so")))
    base.ggml_quantize_chunk.restype = ctypes.c_size_t
    base.ggml_quantize_chunk.argtypes = [
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_int64,
        ctypes.c_int64,
        ctypes.c_int64,
        ctypes.c_void_p,
    ]
    base.ggml_row_size.restype = ctypes.c_size_t
    base.ggml_row_size.argtypes = [ctypes.c_int, ctypes.c_int64]
    base.ggml_validate_row_data.restype = ctypes.c_bool
    base.ggml_validate_row_data.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    for name in DECODERS.values():
        function = getattr(base, name)
        function.restype = None
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    return base


def quantize(name: str, weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The bytes of ``weights`` ``[rows, n]`` in the format, ``[rows, bytes of a row]``."""
    weights = np.ascontiguousarray(weights, np.float32)
    rows, length = weights.shape
    encoded = np.empty((rows, library().ggml_row_size(TYPES[name], length)), np.uint8)
    quantize_into(name, weights, encoded)
    return encoded


def quantize_into(name: str, weights: NDArray[np.float32], encoded: NDArray[np.uint8]) -> None:
    """As :func:`quantize`, into an array that exists, so that a benchmark times nothing else."""
    rows, length = weights.shape
    written = library().ggml_quantize_chunk(
        TYPES[name], weights.ctypes.data, encoded.ctypes.data, 0, rows, length, None
    )
    assert written == encoded.nbytes


def dequantize(name: str, encoded: NDArray[np.uint8], length: int) -> NDArray[np.float32]:
    """The weights ``[rows, length]`` in ``encoded`` ``[rows, bytes of a row]``."""
    encoded = np.ascontiguousarray(encoded)
    weights = np.empty((len(encoded), length), np.float32)
    dequantize_into(name, encoded, weights)
    return weights


def dequantize_into(name: str, encoded: NDArray[np.uint8], weights: NDArray[np.float32]) -> None:
    """As :func:`dequantize`, into an array that exists."""
    if name == "F32":
        weights.view(np.uint8)[:] = encoded
        return
    getattr(library(), DECODERS[name])(encoded.ctypes.data, weights.ctypes.data, weights.size)


def is_valid(name: str, encoded: NDArray[np.uint8]) -> bool:
    """Whether ggml accepts the bytes as a tensor's data (``ggml_validate_row_data``)."""
    encoded = np.ascontiguousarray(encoded)
    return bool(library().ggml_validate_row_data(TYPES[name], encoded.ctypes.data, encoded.nbytes))
