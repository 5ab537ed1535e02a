"""Output: bytes on their way to a file, written, hashed and flushed to disk while the next ones are computed."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from queue import Full, Queue
from types import TracebackType
from typing import IO, Any, Self

WAITING = 2
"""Pieces that may wait for a thread; more would only hold memory."""
FLUSHED_AT_A_TIME = 2**25
"""Bytes after which the disk is set to work, instead of getting everything at the end."""


class Stage:
    """A thread that works on pieces in the order in which they are given.

    Args:
        work: what to do with a piece; after the first error nothing more is done.
    """

    def __init__(self, work: Callable[[Any], object]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._pieces: Queue[Any] = Queue(WAITING)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def put(self, piece: Any) -> None:
        """Give the next piece; waits while too many wait already, and raises what went wrong with an earlier one."""
        self._check()
        self._pieces.put(piece)

    def offer(self, piece: Any) -> None:
        """Give the next piece unless too many wait already."""
        self._check()
        try:
            self._pieces.put_nowait(piece)
        except Full:
            return

    def finish(self) -> None:
        """Wait until all is done; raises what went wrong."""
        self.end()
        self._check()

    def end(self) -> None:
        """Wait until all is done, whatever became of it; a second call does nothing."""
        if self._thread.is_alive():
            self._pieces.put(None)
            self._thread.join()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (piece := self._pieces.get()) is not None:
            if self._error is None:
                try:
                    self._work(piece)
                except BaseException as error:
                    self._error = error


class Output:
    """A binary file that is written in the background; use it in a ``with`` block.

    Args:
        stream: the file, at its start.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._unflushed = 0
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        self._stages = [Stage(self._write), Stage(self._hash.update), Stage(self._flush)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stage in self._stages:
            stage.end()

    def write(self, piece: bytes | memoryview) -> None:
        """Write the next bytes, which must not change any more.

        Raises:
            OSError: if earlier ones could not be written.
        """
        for stage in self._stages[:2]:
            stage.put(piece)

    def finish(self) -> str:
        """Wait until all is written; the SHA-256 of it, in hexadecimal.

        Raises:
            OSError: if it could not be written.
        """
        for stage in self._stages:
            stage.finish()
        return self._hash.hexdigest()

    def _write(self, piece: bytes | memoryview) -> None:
        self._stream.write(piece)
        self._unflushed += len(piece)
        if self._unflushed >= FLUSHED_AT_A_TIME:
            self._unflushed = 0
            self._stages[2].offer(self._stream.fileno())

    @staticmethod
    def _flush(handle: int) -> None:
        getattr(os, "fdatasync", os.fsync)(handle)
