"""ggml itself, called through ctypes: the library that ships inside the ``llama_cpp`` package.

What it writes and reads is what a format *is*, so it is the oracle for ours. A test that needs it calls
:func:`require` first.
"""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests import requirements

if TYPE_CHECKING:
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


def require() -> None:
    """Skip or fail the calling test without llama_cpp; skip it where compilers fuse multiplications and additions.

    On x86-64 the package is built without fusing. Elsewhere ggml's own bytes depend on the compiler.
    """
    requirements.require("llama_cpp")
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip(f"ggml's bytes are the reference on x86-64, not on {platform.machine()}")


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
    base.ggml_blck_size.restype = ctypes.c_int64
    base.ggml_blck_size.argtypes = [ctypes.c_int]
    base.ggml_validate_row_data.restype = ctypes.c_bool
    base.ggml_validate_row_data.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    for name in DECODERS.values():
        function = getattr(base, name)
        function.restype = None
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    return base


def row_size(name: str, length: int) -> int:
    """The bytes of a row of ``length`` weights."""
    return int(library().ggml_row_size(TYPES[name], length))


def quantize(name: str, weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The bytes of ``weights`` ``[rows, n]`` in the format, ``[rows, bytes of a row]``."""
    weights = np.ascontiguousarray(weights, np.float32)
    rows, length = weights.shape
    encoded = np.empty((rows, row_size(name, length)), np.uint8)
    written = library().ggml_quantize_chunk(
        TYPES[name], weights.ctypes.data, encoded.ctypes.data, 0, rows, length, None
    )
    assert written == encoded.nbytes
    return encoded


def dequantize(name: str, encoded: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The weights ``[rows, n]`` in ``encoded`` ``[rows, bytes of a row]``."""
    encoded = np.ascontiguousarray(encoded)
    block = library().ggml_blck_size(TYPES[name])
    weights = np.empty((len(encoded), encoded.shape[1] // row_size(name, block) * block), np.float32)
    if name == "F32":
        weights.view(np.uint8)[:] = encoded
    else:
        getattr(library(), DECODERS[name])(encoded.ctypes.data, weights.ctypes.data, weights.size)
    return weights


def is_valid(name: str, encoded: NDArray[np.uint8]) -> bool:
    """Whether ggml accepts the bytes as a tensor's data (``ggml_validate_row_data``)."""
    encoded = np.ascontiguousarray(encoded)
    return bool(library().ggml_validate_row_data(TYPES[name], encoded.ctypes.data, encoded.nbytes))
