"""Signals that end the process: when they may."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals for which Python code may raise wherever it is; Windows lacks the last."""


@contextmanager
def deferred() -> Iterator[None]:
    """Let these signals wait until the block ends.

    For native code that calls Python and does not survive an exception there, as that of Protocol Buffers. In other
    threads than the main one, which handle no signals, nothing is deferred. (Blocking a signal would not do: another
    thread then takes it, and Python handles it in the main one all the same.)
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        waiting.append(number)

    before = {}
    for name in NAMES:
        number = getattr(signal, name, None)
        handler = None if number is None else signal.getsignal(number)
        if number is not None and callable(handler):  # others end the process at once, or are ignored
            before[number] = signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in waiting:
            signal.raise_signal(number)
