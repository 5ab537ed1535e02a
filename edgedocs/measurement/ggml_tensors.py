"""ggml's tensors as NumPy arrays, for looking at what llama.cpp computes while it does."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.core.errors import CannotRun

FILE_NAMES = {"win32": "ggml-base.dll", "darwin": "libggml-base.dylib"}
DTYPES = {0: np.dtype(np.float32), 26: np.dtype(np.int32)}
"""``GGML_TYPE_F32`` and ``GGML_TYPE_I32``."""


class Tensor(ctypes.Structure):
    """``struct ggml_tensor`` of ggml.h; dimensions are listed with the innermost first."""


Tensor._fields_ = [
    ("type", ctypes.c_int),
    ("buffer", ctypes.c_void_p),
    ("ne", ctypes.c_int64 * 4),
    ("nb", ctypes.c_size_t * 4),
    ("op", ctypes.c_int),
    ("op_params", ctypes.c_int32 * 16),
    ("flags", ctypes.c_int32),
    ("src", ctypes.POINTER(Tensor) * 10),
    ("view_src", ctypes.c_void_p),
    ("view_offs", ctypes.c_size_t),
    ("data", ctypes.c_void_p),
    ("name", ctypes.c_char * 64),
]


@cache
def library() -> ctypes.CDLL:
    """libggml-base of the installed llama-cpp-python.

    Raises:
        CannotRun: if it cannot be loaded.
    """
    import llama_cpp

    folder = Path(llama_cpp.__file__).parent / "lib"
    try:
        base = ctypes.CDLL(str(folder / FILE_NAMES.get(sys.platform, "libggml-base.so")))
    except OSError as error:
        raise CannotRun(
            f"ggml does not load: {error}", where=folder, remedy="install llama-cpp-python again"
        ) from error
    for name, result in (("ggml_get_name", ctypes.c_void_p), ("ggml_get_data", ctypes.c_void_p)):
        getattr(base, name).restype = result
        getattr(base, name).argtypes = [ctypes.c_void_p]
    base.ggml_op_desc.restype, base.ggml_op_desc.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    return base


def tensor_at(address: int) -> Any:
    """The tensor at an address that llama.cpp gave.

    Raises:
        CannotRun: if ggml lays tensors out otherwise than is known here, as it may from version to version.
    """
    found = Tensor.from_address(address)
    if (
        library().ggml_get_name(address) != address + Tensor.name.offset
        or library().ggml_get_data(address) != found.data
    ):
        raise CannotRun(
            "this version of llama-cpp-python lays tensors out in a way that is not known here",
            remedy="install a version that EdgeDocs is tested with: python -m pip install 'llama-cpp-python==0.3.36'",
        )
    return found


def operation(address: int) -> str:
    """What computes a tensor, such as ``MUL_MAT``."""
    described: bytes = library().ggml_op_desc(address)
    return described.decode("ascii")


def name_of(tensor: Any) -> str:
    """The tensor's name, without what schedulers add to that of a copy (``CPU#name#0``)."""
    name: str = tensor.name.decode("utf-8", "replace")
    return name.split("#")[1] if name.count("#") >= 2 else name


def values(tensor: Any) -> np.ndarray[Any, Any]:
    """A tensor's numbers where they lie, outermost dimension first; F32 and I32 only.

    Raises:
        CannotRun: if it is of another type.
    """
    if tensor.type not in DTYPES:
        raise CannotRun(f"{name_of(tensor)} has type {tensor.type}", expected="32-bit numbers")
    dtype = DTYPES[tensor.type]
    shape, strides = tuple(tensor.ne)[::-1], tuple(tensor.nb)[::-1]
    if 0 in shape:
        return np.empty(shape, dtype)
    length = sum((size - 1) * step for size, step in zip(shape, strides, strict=True)) + dtype.itemsize
    memory = (ctypes.c_char * length).from_address(tensor.data)
    return np.ndarray(shape, dtype, memory, strides=strides)
