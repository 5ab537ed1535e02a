"""Digests: SHA-256 of files, in a thread of its own while other work goes on; hashing releases the GIL."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

PIECE = 2**18
"""Bytes read at a time; between two pieces the thread can be stopped."""


class FileDigests:
    """SHA-256 of files, read one after another; use it in a ``with`` block, whose end stops the reading.

    Args:
        paths: the files.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._found: dict[Path, str] = {}
        self._error: OSError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def result(self) -> dict[Path, str]:
        """The digests in hexadecimal; waits until all files are read.

        Raises:
            OSError: if one could not be read.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        return dict(self._found)

    def _work(self) -> None:
        try:
            for path in self._paths:
                digest = self._digest(path)
                if self._stop.is_set():
                    return
                self._found[path] = digest
        except OSError as error:
            self._error = error

    def _digest(self, path: Path) -> str:
        found, piece = hashlib.sha256(), memoryview(bytearray(PIECE))
        with path.open("rb", buffering=0) as stream:
            while not self._stop.is_set() and (size := stream.readinto(piece)):
                found.update(piece[:size])
        return found.hexdigest()
