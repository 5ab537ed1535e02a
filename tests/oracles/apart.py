"""ggml in processes that it may end.

A process is forked for each request, and copying that of a test run, with all that it has loaded, takes 0.2 s; that of
this module, which has loaded NumPy and ggml alone, takes a millisecond. So one process of it stays, and forks.
"""

from __future__ import annotations

import atexit
import faulthandler
import io
import math
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NONE = np.empty(0, np.float32)
"""Stands for no importance, and for no answer where ggml ended the process."""


def quantize(
    name: str, weights: NDArray[np.float32], importance: NDArray[np.float32] | None
) -> NDArray[np.uint8] | None:
    """The bytes that ggml writes, or None if it ended its process."""
    process = _process()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{name}\n".encode())
    _write(process.stdin, weights, _NONE if importance is None else importance)
    encoded = _read(process.stdout)
    return encoded if encoded.ndim == 2 else None


@cache
def _process() -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import serve; serve()"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"GGML_NO_BACKTRACE": "1"},
    )
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.communicate()  # it ends where its requests do


def serve() -> None:
    """Answer the requests on standard input until it ends."""
    from tests.oracles import ggml

    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while name := requests.readline().decode().strip():
        weights, importance = _read(requests), _read(requests)
        # The tables of a format take seconds to make: here, once, and not in each process of its own.
        ggml.library().ggml_quantize_init(ggml.TYPES[name])
        given = importance if importance.size else None
        answers.write(_forked(lambda: ggml.quantize(name, weights, given)))  # noqa: B023 - called at once
        answers.flush()


def _forked(work: Callable[[], NDArray[np.uint8]]) -> bytes:
    """What ``_write`` writes of its result, or of ``_NONE`` if it ends the process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        faulthandler.disable()  # its report of an expected end would fill the tests' output
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)  # ggml prints before it ends; between the answers that would be read as one
        os.dup2(null, 2)
        with os.fdopen(writing, "wb") as stream:
            _write(stream, work())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        data = stream.read()
    if os.waitpid(child, 0)[1] == 0:
        return data
    nothing = io.BytesIO()
    _write(nothing, _NONE)
    return nothing.getvalue()


def _write(stream: IO[bytes], *given: NDArray[Any]) -> None:
    for array in given:
        stream.write(f"{array.dtype} {' '.join(map(str, array.shape))}\n".encode() + array.tobytes())
    stream.flush()


def _read(stream: IO[bytes]) -> NDArray[Any]:
    kind, *shape = stream.readline().decode().split()
    lengths = [int(length) for length in shape]
    data = stream.read(math.prod(lengths) * np.dtype(kind).itemsize)
    return np.frombuffer(data, kind).reshape(lengths)
