"""Kernels: the arithmetic of formats as machine code, many times as fast as NumPy's and the same to the byte.

NumPy is the reference of every format, and all that the base install needs. With Numba (extra ``fast``) a format that
has a module here is encoded and decoded by it, once that is worth compiling it. The environment variable
``EDGEDOCS_ENGINE`` forces the choice: ``numpy`` or ``numba``.

* :mod:`.vectors` — what kernels are written with, and how to write one; :mod:`.memory`, :mod:`.reductions` — more of
  it; :mod:`.lanes` — the type behind it.
* :mod:`.choosing` — when they are used.
* :mod:`.compiling` — the contract of a kernel, and how Numba compiles it; :mod:`.linking` — how that becomes part of
  the process, now and in later runs; :mod:`.machine_code` — where it is kept; :mod:`.calling` — how it is called.
* :mod:`.rounding`, :mod:`.ranged` and others — what kernels share, each as the NumPy module of that name.
* one module a format, named as its NumPy module.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.quantizers.kernels.calling import Function

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Blocks, Weights
    from edgedocs.quantizers.kernels.compiling import Compiled

VARIABLE = "EDGEDOCS_ENGINE"
ENGINES = ("numpy", "numba")
TASKS = ("encode", "encode_with", "decode")
CHUNK_WEIGHTS = 1 << 18
"""How many weights a kernel encodes at a time, unless its module says otherwise."""
DECODED_WEIGHTS = 1 << 20
"""How many a kernel decodes at a time: with fewer it is done before another thread has begun."""

_NO_MEANS = np.empty(0, np.float32)


_lock = threading.RLock()


class Code:
    """A kernel, whose machine code is loaded, or compiled, when it is first called.

    Args:
        module: the module of kernels that has it.
        name: the function's name.
    """

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name
        self._function: Function | None = None
        self._compiled: Compiled | None = None

    def __call__(self, *arguments: Any) -> bool:
        """Call it; see :class:`.calling.Function`."""
        return (self._function or self.loaded())(*arguments)

    def loaded(self) -> Function:
        """The compiled function."""
        from edgedocs.quantizers.kernels import linking, machine_code

        with _lock:
            if self._function is None:
                place = f"{linking.processor()}/{self.module}.{self.name}.o"
                kept = machine_code.kept(place)
                if kept is not None:
                    self._function = Function(self.name, linking.linked(kept))
                else:
                    self._function = self._made(place)
            return self._function

    def _made(self, place: str) -> Function:
        from edgedocs.quantizers.kernels import compiling, linking, machine_code

        compiled = compiling.compiled(self.module, self.name)
        made = compiled.object_file()
        if made is None:
            self._compiled = compiled
            return Function(self.name, compiled.address)
        machine_code.keep(place, made)
        return Function(self.name, linking.linked(made))


class Kernels:
    """The kernels of one format.

    Attributes:
        chunk_weights: how many weights to encode at a time.
        finds_non_finite: whether the encoders themselves answer False to weights that are infinite or not a number.
        tasks: those of :data:`TASKS` that it has kernels for; see :mod:`.compiling`.
        decode: the one that writes weights.
    """

    def __init__(self, name: str) -> None:
        facts = _facts(name)
        self.chunk_weights: int = facts["chunk_weights"]
        self.finds_non_finite: bool = facts["finds_non_finite"]
        self.tasks = {task: Code(name, task) for task in facts["tasks"]}
        self.decode = self.tasks["decode"]

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
        if not self.finds_non_finite and not all_finite(flat):
            return False
        if importance is None:
            return self.tasks["encode"](flat, written)
        return self.tasks["encode_with"](flat, written, importance, first, _NO_MEANS if means is None else means)

    def compile(self) -> None:
        """Compile all of them, or load them from the cache."""
        for code in self.tasks.values():
            code.loaded()


def _facts(name: str) -> dict[str, Any]:
    """What the module of a format says of its kernels, kept so that it need not be imported, nor Numba with it."""
    from edgedocs.quantizers.kernels import machine_code

    kept = machine_code.kept(f"{name}.json")
    if kept is not None:
        found: dict[str, Any] = json.loads(kept)
        return found
    module = importlib.import_module(f"{__name__}.{name}")
    facts = {
        "chunk_weights": getattr(module, "CHUNK_WEIGHTS", CHUNK_WEIGHTS),
        "finds_non_finite": getattr(module, "FINDS_NON_FINITE", False),
        "tasks": [task for task in TASKS if hasattr(module, task)],
    }
    machine_code.keep(f"{name}.json", json.dumps(facts).encode())
    return facts


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


all_finite = Code("finite", "all_finite")
"""Whether all weights of a chunk are finite."""

mean_squares = Code("rows", "mean_squares")
"""Writes the mean square of each row, ``[rows]``; rows ``[rows, columns]``."""

_WIDENING = {name: Code("widening", f"widen_{name}") for name in ("float16", "bfloat16")}

SHARED = (all_finite, mean_squares, *_WIDENING.values())
"""What all formats need."""


_room = threading.local()


def widened(values: NDArray[Any]) -> Weights:
    """float16 or bfloat16 without gaps as float32, in memory that this thread uses again the next time."""
    if getattr(_room, "weights", _NO_MEANS).size < values.size:
        _room.weights = np.empty(values.size, np.float32)
    wide: Weights = _room.weights[: values.size].reshape(values.shape)
    _WIDENING[values.dtype.name](values.reshape(-1).view(np.uint16), wide.reshape(-1))
    return wide


@cache
def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def load(name: str) -> Kernels:
    """The kernels of a format that has some, by its name in lower case; needs Numba."""
    with _lock:  # of a cache alone, two threads could get one each
        return _kernels(name)


@cache
def _kernels(name: str) -> Kernels:
    return Kernels(name)
