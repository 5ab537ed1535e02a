"""The contract of a kernel; when it is compiled, and where the machine code is kept.

A module of kernels defines functions of these names, each decorated with :func:`kernel`. All arrays are flat, and what
is written has room for all blocks:

* ``encode(weights, blocks) -> bool``: encode float32 ``[m * block_size]`` to uint8 ``[m * block_bytes]``.
* ``encode_with(weights, blocks, importance, first, row_mean_squares) -> bool``: the same with importance, of formats
  that use it. ``importance`` is float32 ``[blocks of a row, block_size]``; the first block given is number ``first`` of
  its tensor, so block ``b`` has the importance of place ``(first + b) % len(importance)``; ``row_mean_squares`` is as
  :attr:`edgedocs.quantizers.base.Importance.row_mean_square`, for each row of the tensor, or empty.
* ``decode(blocks, weights) -> None``: the way back.

An encoder that answers False leaves the work to the NumPy code, which then says what is wrong. It must answer so
whenever NumPy's would raise an error; for weights that are infinite or not a number only where the module says
``FINDS_NON_FINITE = True``. The module may also set ``CHUNK_WEIGHTS``, how many weights it wants at a time.
"""

from __future__ import annotations

import logging
import pickle
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from numba import njit
from numba.core import config, types

from edgedocs.quantizers.kernels import machine_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)
_lock = threading.RLock()

PATIENCE = 0.5
"""After so many seconds it is told that a kernel is being compiled; loading one takes less."""


def _given(dtype: Any, dimensions: int = 1) -> Any:
    return types.Array(dtype, dimensions, "C", readonly=True)


def _written(dtype: Any) -> Any:
    return types.Array(dtype, 1, "C")


_WEIGHTS = _given(types.float32)

SIGNATURES = {
    "encode": types.boolean(_WEIGHTS, _written(types.uint8)),
    "encode_with": types.boolean(_WEIGHTS, _written(types.uint8), _given(types.float32, 2), types.int64, _WEIGHTS),
    "decode": types.void(_given(types.uint8), _written(types.float32)),
    "all_finite": types.boolean(_WEIGHTS),
    "mean_squares": types.void(_given(types.float32, 2), _written(types.float32)),
    "widen_float16": types.void(_given(types.uint16), _written(types.float32)),
    "widen_bfloat16": types.void(_given(types.uint16), _written(types.float32)),
}


class Kernel:
    """A function that is compiled when it is first called, or its machine code loaded."""

    def __init__(self, function: Callable[..., Any], signature: Any) -> None:
        self.function, self.signature = function, signature
        self._compiled: Any = None

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        return (self._compiled or self.compiled)(*arguments)

    @property
    def compiled(self) -> Any:
        """The compiled function."""
        with _lock:
            if self._compiled is None:
                what = f"{self.function.__module__.rpartition('.')[2].upper()} ({self.function.__name__})"
                with _told(what):
                    self._compiled = self._from_cache() or self._compile(is_kept=False)
            return self._compiled

    def _from_cache(self) -> Any:
        """The compiled function, kept for the next run; None if it cannot be kept or what was kept is damaged."""
        folder = machine_code.folder()
        if folder is None:
            return None
        with _kept_in(folder):
            try:
                return self._compile(is_kept=True)
            except (EOFError, OSError, ValueError, LookupError, AttributeError, ImportError, pickle.UnpicklingError):
                return None

    def _compile(self, *, is_kept: bool) -> Any:
        return njit(self.signature, nogil=True, error_model="numpy", cache=is_kept)(self.function)


def kernel(function: Callable[..., Any]) -> Kernel:
    """Make a kernel of a function, whose name says what it is called with."""
    return Kernel(function, SIGNATURES[function.__name__])


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Tell the log what is being compiled, if it takes long."""
    timer = threading.Timer(PATIENCE, _log.info, ("compiling fast code for %s, this once ...", what))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Have Numba keep machine code in a folder."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before
