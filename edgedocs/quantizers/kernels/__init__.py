"""Kernels: the arithmetic of formats as machine code, many times as fast as NumPy's and the same to the byte.

NumPy is the reference of every format, and all that the base install needs. With Numba (extra ``fast``) a format that
has a module here is encoded and decoded by it, once that is worth compiling it. The environment variable
``EDGEDOCS_ENGINE`` forces the choice: ``numpy`` or ``numba``.

* :mod:`.vectors` — what kernels are written with, and how to write one; :mod:`.memory`, :mod:`.reductions` — more of
  it; :mod:`.lanes` — the type behind it.
* :mod:`.choosing` — when they are used.
* :mod:`.compiling` — the contract of a kernel; when it is compiled, and where the machine code is kept.
* :mod:`.rounding`, :mod:`.ranged` and others — what kernels share, each as the NumPy module of that name.
* one module a format, named as its NumPy module.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.core.errors import BadInput, CannotRun

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Blocks, Weights

VARIABLE = "EDGEDOCS_ENGINE"
ENGINES = ("numpy", "numba")
CHUNK_WEIGHTS = 1 << 17
"""How many weights a kernel works on at a time, unless its module says otherwise."""

_NO_MEANS = np.empty(0, np.float32)


class Kernels:
    """The kernels of one format.

    Attributes:
        chunk_weights: how many weights to work on at a time.
        finds_non_finite: whether the encoders themselves answer False to weights that are infinite or not a number.
        encode: see :mod:`.compiling`, like the two that follow; None if the format needs importance.
        encode_with: None if the format does not use importance.
        decode: writes weights.
    """

    def __init__(self, name: str) -> None:
        module = importlib.import_module(f"{__name__}.{name}")
        self.chunk_weights: int = getattr(module, "CHUNK_WEIGHTS", CHUNK_WEIGHTS)
        self.finds_non_finite: bool = getattr(module, "FINDS_NON_FINITE", False)
        self.encode: Any = getattr(module, "encode", None)
        self.encode_with: Any = getattr(module, "encode_with", None)
        self.decode: Any = module.decode

    def encodes(
        self, weights: Weights, blocks: Blocks, importance: Weights | None, first: int, means: Weights | None
    ) -> bool:
        """Encode a chunk; False, with nothing of use in ``blocks``, if NumPy must say what is wrong with it.

        Args:
            weights: ``[m, block_size]``.
            blocks: ``[m]`` of the format's layout, to be written.
            importance: of the columns, ``[blocks of a row, block_size]``, or None.
            first: which block of the tensor the first is.
            means: the mean square of each row of the tensor, if the format wants it.
        """
        flat, written = weights.reshape(-1), blocks.view(np.uint8)
        if not self.finds_non_finite and not all_finite()(flat):
            return False
        if importance is None:
            return bool(self.encode(flat, written))
        return bool(self.encode_with(flat, written, importance, first, _NO_MEANS if means is None else means))

    def compile(self) -> None:
        """Compile all of them, or load them from the cache."""
        for kernel in (self.encode, self.encode_with, self.decode):
            if kernel is not None:
                kernel.compiled  # noqa: B018 - a property that works


def engine() -> str:
    """The engine to use: ``"numpy"`` or ``"numba"``.

    Raises:
        BadInput: if the environment asks for one that does not exist.
        CannotRun: if it asks for Numba, which is not installed.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", *ENGINES):
        raise BadInput(f"unknown engine {wanted!r}", where=VARIABLE, expected=f"{' or '.join(ENGINES)}, or nothing")
    if wanted == "numba" and not _has_numba():
        raise CannotRun("Numba is not installed", where=VARIABLE, remedy="python -m pip install 'edgedocs[fast]'")
    return wanted or ("numba" if _has_numba() else "numpy")


def is_forced() -> bool:
    """Whether the environment says which engine to use."""
    return bool(os.environ.get(VARIABLE))


@cache
def available() -> frozenset[str]:
    """The formats that have kernels, in lower case."""
    import edgedocs.quantizers

    names = edgedocs.quantizers.names()
    return frozenset(name for name in names if importlib.util.find_spec(f"{__name__}.{name}"))


@cache
def all_finite() -> Any:
    """The kernel that tells whether all weights of a chunk are finite."""
    from edgedocs.quantizers.kernels import finite

    return finite.all_finite


@cache
def mean_squares() -> Any:
    """The kernel that writes the mean square of each row, whose length is a multiple of 16."""
    from edgedocs.quantizers.kernels import rows

    return rows.mean_squares


def widened(values: NDArray[Any]) -> Weights:
    """float16 or bfloat16 without gaps as float32, a new array."""
    wide = np.empty(values.shape, np.float32)
    _widening()[values.dtype.name](values.reshape(-1).view(np.uint16), wide.reshape(-1))
    return wide


@cache
def _widening() -> dict[str, Any]:
    from edgedocs.quantizers.kernels import widening

    return {"float16": widening.widen_float16, "bfloat16": widening.widen_bfloat16}


@cache
def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


@cache
def load(name: str) -> Kernels:
    """The kernels of a format that has some, by its name in lower case; needs Numba."""
    return Kernels(name)
