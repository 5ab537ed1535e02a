"""Rate limiter: the pace of all threads together."""

from __future__ import annotations

import threading
import time

from edgedocs.core.errors import CannotRun


class RateLimiter:
    """Spaces requests evenly, so that no minute has more of them than allowed, wherever it begins.

    Args:
        requests_per_minute: 0 for no limit.
    """

    def __init__(self, requests_per_minute: float = 0) -> None:
        self._interval = 60 / requests_per_minute if requests_per_minute > 0 else 0.0
        self._next = 0.0
        self._closed = False
        self._changed = threading.Condition()

    def wait(self) -> None:
        """Wait for this thread's turn.

        Raises:
            CannotRun: if the limiter is closed.
        """
        with self._changed:
            while (left := self._next - time.monotonic()) > 0 or self._closed:
                self._require_open()
                self._changed.wait(left)
            self._next = time.monotonic() + self._interval

    def pause(self, seconds: float) -> None:
        """Let nobody begin for so long, those included who wait already: the server asked for it."""
        with self._changed:
            self._next = max(self._next, time.monotonic() + seconds)

    def sleep(self, seconds: float) -> None:
        """Sleep, but not beyond :meth:`close`.

        Raises:
            CannotRun: if the limiter is closed.
        """
        end = time.monotonic() + seconds
        with self._changed:
            while (left := end - time.monotonic()) > 0:
                self._require_open()
                self._changed.wait(left)

    def close(self) -> None:
        """Wake everyone who waits; nobody begins from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._closed

    def _require_open(self) -> None:
        if self._closed:
            raise CannotRun("the translator was closed while a request waited")
