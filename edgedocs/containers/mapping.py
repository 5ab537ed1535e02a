"""Mapping a file's bytes into memory, read-only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.core.errors import BadInput, CannotRun

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

REMEDY = "check that the download is complete, and download it again if not"
"""The remedy for a file that is cut off or garbled."""


def file_size(path: Path) -> int:
    """The size in bytes of a regular file.

    Raises:
        BadInput: if there is none.
        CannotRun: if it cannot be looked at.
    """
    try:
        if path.is_dir():
            raise BadInput("a folder, not a file", where=path)
        if not path.is_file():
            raise BadInput("no such file", where=path)
        return path.stat().st_size
    except ValueError as error:
        raise BadInput(f"no file can be called that: {error}", where=repr(str(path))) from error
    except OSError as error:
        raise CannotRun(f"cannot read: {error.strerror}", where=path) from error


def map_bytes(path: Path, offset: int, nbytes: int) -> Bytes:
    """``nbytes`` bytes of the file from ``offset``, read-only, loaded from disk when they are touched.

    Raises:
        BadInput: if the file has become shorter since it was opened.
        CannotRun: if it cannot be read.
    """
    if nbytes == 0:
        empty = np.empty(0, np.uint8)
        empty.flags.writeable = False
        return empty
    if file_size(path) < offset + nbytes:
        raise BadInput("the file has become shorter since it was opened", where=path, remedy="open it again")
    try:
        return np.memmap(path, np.uint8, mode="r", offset=offset, shape=(nbytes,)).view(np.ndarray)
    except OSError as error:
        raise CannotRun(f"cannot read: {error.strerror}", where=path) from error
