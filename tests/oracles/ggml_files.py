"""ggml's own reader of GGUF files, through ctypes. A test that needs it calls :func:`tests.requirements.require`."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING

from tests.oracles import ggml

if TYPE_CHECKING:
    from pathlib import Path


class InitParameters(ctypes.Structure):
    """``struct gguf_init_params``: read the header only, make no tensors."""

    _fields_ = (("no_alloc", ctypes.c_bool), ("context", ctypes.c_void_p))


@cache
def library() -> ctypes.CDLL:
    base = ggml.library()
    base.gguf_init_from_file.restype = ctypes.c_void_p
    base.gguf_init_from_file.argtypes = [ctypes.c_char_p, InitParameters]
    base.gguf_free.argtypes = [ctypes.c_void_p]
    base.gguf_get_n_tensors.restype = ctypes.c_int64
    base.gguf_get_n_tensors.argtypes = [ctypes.c_void_p]
    base.gguf_get_tensor_name.restype = ctypes.c_char_p
    base.gguf_get_tensor_name.argtypes = [ctypes.c_void_p, ctypes.c_int64]
    base.gguf_get_tensor_size.restype = ctypes.c_size_t
    base.gguf_get_tensor_size.argtypes = [ctypes.c_void_p, ctypes.c_int64]
    base.ggml_type_name.restype = ctypes.c_char_p
    base.ggml_type_name.argtypes = [ctypes.c_int]
    base.ggml_type_size.restype = ctypes.c_size_t
    base.ggml_type_size.argtypes = [ctypes.c_int]
    return base


def tensor_sizes(path: Path) -> dict[bytes, int] | None:
    """The bytes of every tensor by its name, in the file's order; None where ggml refuses the file."""
    context = library().gguf_init_from_file(str(path).encode(), InitParameters(no_alloc=True, context=None))
    if context is None:
        return None
    try:
        count = library().gguf_get_n_tensors(context)
        return {
            library().gguf_get_tensor_name(context, place): library().gguf_get_tensor_size(context, place)
            for place in range(count)
        }
    finally:
        library().gguf_free(context)


def type_layout(code: int) -> tuple[str, int, int]:
    """ggml's name of a tensor type, its weights a block and its bytes a block."""
    name = library().ggml_type_name(code).decode()
    return name, library().ggml_blck_size(code), library().ggml_type_size(code)
