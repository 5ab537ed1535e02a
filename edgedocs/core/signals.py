"""Signals that end the process: when they may."""

from __future__ import annotations

import ctypes
import signal
import sys
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


class _Stack(ctypes.Structure):
    """``stack_t`` of Linux: the memory in which a thread's signals are handled, if not on its usual stack."""

    _fields_ = (("pointer", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@contextmanager
def stack_kept() -> Iterator[None]:
    """Give this thread the memory back in which it handled signals before the block.

    For OpenVINO: each of its CPU devices sets memory of its own, and puts back what was there before when it goes. When
    two of them go in the order in which they came, that is memory already freed, and the next signal ends the process.
    In the block another thread takes the signals, or they wait; Python handles them in the main thread all the same.
    """
    if sys.platform != "linux":
        yield
        return
    library = ctypes.CDLL(None)
    before = _Stack()
    library.sigaltstack(None, ctypes.byref(before))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, name) for name in NAMES])
    try:
        yield
    finally:
        library.sigaltstack(ctypes.byref(before), None)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
