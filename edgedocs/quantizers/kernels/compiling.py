"""The contract of a kernel, and how Numba compiles one.

A module of kernels defines functions of these names, each made a kernel by :func:`kernel`. All arrays are flat, and
what is written has room for all blocks:

* ``encode(weights, blocks) -> bool``: encode float32 ``[m * block_size]`` to uint8 ``[m * block_bytes]``.
* ``encode_with(weights, blocks, importance, first, row_mean_squares) -> bool``: the same with importance, of formats
  that use it. ``importance`` is float32 ``[blocks of a row, block_size]``; the first block given is number ``first`` of
  its tensor, so block ``b`` has the importance of place ``(first + b) % len(importance)``; ``row_mean_squares`` is as
  :attr:`edgedocs.quantizers.base.Importance.row_mean_square`, for each row of the tensor, or empty.
* ``decode(blocks, weights) -> None``: the way back.

An encoder that answers False leaves the work to the NumPy code, which then says what is wrong. It must answer so
whenever NumPy's would raise an error; for weights that are infinite or not a number only where the module says
``FINDS_NON_FINITE = True``. The module may also set ``CHUNK_WEIGHTS``, how many weights it wants to encode at a time.
"""

from __future__ import annotations

import importlib
import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from numba import carray, cfunc, njit
from numba.core import types
from numba.core.types import CPointer  # type: ignore[attr-defined] # its star imports are not followed

from edgedocs.quantizers.kernels import linking
from edgedocs.quantizers.kernels.calling import KINDS, Argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_log = logging.getLogger(__name__)

PATIENCE = 0.5
"""After so many seconds it is told that a kernel is being compiled."""


class Kernel:
    """A function that is compiled on its own.

    Attributes:
        function: the function.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function


def kernel(function: Callable[..., Any]) -> Kernel:
    """Make a kernel of a function; the name that it gets in its module says what it is called with."""
    return Kernel(getattr(function, "py_func", function))


class Compiled:
    """A function, compiled by Numba.

    Args:
        kind: one of :data:`edgedocs.quantizers.kernels.calling.KINDS`.
        function: the function.
    """

    def __init__(self, kind: str, function: Callable[..., Any]) -> None:
        self._callback = _callback(kind, function)

    @property
    def address(self) -> int:
        """Where Numba put it, as long as this object lives."""
        address: int = self._callback.address
        return address

    def object_file(self) -> bytes | None:
        """It as an object file that can be linked without Numba; None if it cannot be."""
        try:
            return linking.object_file(self._callback.inspect_llvm(), self._callback.native_name)
        except linking.NotSelfContainedError as error:
            _log.debug("cannot be kept: %s", error)
            return None


def compiled(module: str, name: str) -> Compiled:
    """A function of a module of kernels, compiled."""
    with _told(f"{module.upper()} ({name})"):
        kernels = importlib.import_module(f"{__package__}.{module}")
        return Compiled(name, getattr(kernels, name).function)


def _callback(kind: str, function: Callable[..., Any]) -> Any:
    options = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    called = njit(error_model="numpy", **options)(function)
    signature = types.boolean(*[one for argument in KINDS[kind].arguments for one in _types(argument)])
    return cfunc(signature, error_model="numpy")(_WRAPPERS.get(kind, _two_arrays)(called))


def _types(argument: Argument) -> list[Any]:
    if argument.dtype is None:
        return [types.intp]
    return [CPointer(getattr(types, argument.dtype)), *[types.intp] * argument.dimensions]


def _two_arrays(called: Any) -> Any:
    def call(source, size, target, room):
        called(carray(source, size), carray(target, room))
        return True

    return call


def _encode(called: Any) -> Any:
    def call(weights, count, blocks, size):
        return called(carray(weights, count), carray(blocks, size))

    return call


def _encode_with(called: Any) -> Any:
    def call(weights, count, blocks, size, importance, rows, columns, first, means, number):
        given = carray(importance, (rows, columns))
        return called(carray(weights, count), carray(blocks, size), given, first, carray(means, number))

    return call


def _all_finite(called: Any) -> Any:
    def call(weights, count):
        return called(carray(weights, count))

    return call


def _mean_squares(called: Any) -> Any:
    def call(weights, rows, columns, means, number):
        called(carray(weights, (rows, columns)), carray(means, number))
        return True

    return call


_WRAPPERS = {
    "encode": _encode,
    "encode_with": _encode_with,
    "all_finite": _all_finite,
    "mean_squares": _mean_squares,
}
"""What makes of a function one that is called with pointers; by the kinds that are not two arrays."""


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
