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
from tests.oracles import apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

# enum ggml_type, include/ggml.h
TYPES = {
    "F32": 0,
    "F16": 1,
    "Q4_0": 2,
    "Q4_1": 3,
    "Q5_0": 6,
    "Q5_1": 7,
    "Q8_0": 8,
    "Q2_K": 10,
    "Q3_K": 11,
    "Q4_K": 12,
    "Q5_K": 13,
    "Q6_K": 14,
    "IQ2_XXS": 16,
    "IQ2_XS": 17,
    "IQ3_XXS": 18,
    "IQ1_S": 19,
    "IQ4_NL": 20,
    "IQ3_S": 21,
    "IQ2_S": 22,
    "IQ4_XS": 23,
    "IQ1_M": 29,
    "BF16": 30,
    "TQ1_0": 34,
    "TQ2_0": 35,
    "MXFP4": 39,
    "NVFP4": 40,
    "Q1_0": 41,
    "Q2_0": 42,
}

MAY_ABORT = frozenset({"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"})
"""Formats with a table of codes, for which ggml ends the process when the search for a code fails."""

DECODERS = {
    "F16": "ggml_fp16_to_fp32_row",
    "BF16": "ggml_bf16_to_fp32_row",
    **{
        name: "dequantize_row_" + (name if name.endswith("_K") else name.lower()).replace("Q", "q", 1)
        for name in TYPES
        if name not in ("F32", "F16", "BF16")
    },
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
    base.ggml_quantize_init.restype = None
    base.ggml_quantize_init.argtypes = [ctypes.c_int]
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


def quantize(
    name: str, weights: NDArray[np.float32], importance: NDArray[np.float32] | None = None
) -> NDArray[np.uint8]:
    """The bytes of ``weights`` ``[rows, n]`` in the format, ``[rows, bytes of a row]``; importance ``[n]``."""
    weights = np.ascontiguousarray(weights, np.float32)
    rows, length = weights.shape
    given = None
    if importance is not None:
        importance = np.ascontiguousarray(importance, np.float32)
        assert importance.shape == (length,)
        given = importance.ctypes.data
    encoded = np.empty((rows, row_size(name, length)), np.uint8)
    written = library().ggml_quantize_chunk(
        TYPES[name], weights.ctypes.data, encoded.ctypes.data, 0, rows, length, given
    )
    assert written == encoded.nbytes
    return encoded


def outcome(
    name: str, weights: NDArray[np.float32], importance: NDArray[np.float32] | None = None
) -> NDArray[np.uint8] | None:
    """As :func:`quantize`; None if ggml ends its process, as it does on some weights."""
    return (apart.quantize if name in MAY_ABORT else quantize)(name, weights, importance)


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
