"""Workers: the same work on many things in several processes, in order, with nothing left behind.

A worker ends with the process that started it, however that ends; Ctrl-C reaches that process alone.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from edgedocs.core.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

_CHUNKS = 32
"""Parts for each process: few things at a time, so that all processes end at nearly the same time."""

_LARGEST_CHUNK = 16

_MANY_PAIRS = 24
"""Pairs of pages, from which on several processes are worth their start."""


def mapped(work: Callable[[Item], Result], items: Sequence[Item], processes: int) -> Iterator[Result]:
    """What becomes of each thing, in order.

    Args:
        work: what is to be done; with more than one process it is pickled once for each, unless processes are forked.
        items: the things; pickled one by one.
        processes: how many to use.

    Raises:
        CannotRun: if a process dies.
    """
    if processes <= 1 or len(items) < 2:
        yield from map(work, items)
        return
    import multiprocessing
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor

    method = "fork" if can_fork() else "spawn"
    chunk = max(1, min(_LARGEST_CHUNK, len(items) // (_CHUNKS * processes)))
    if method == "fork":
        gc.freeze()  # so that what is there already stays shared
    pool = ProcessPoolExecutor(
        min(processes, len(items)), multiprocessing.get_context(method), initializer=_begin, initargs=(work,)
    )
    try:
        yield from pool.map(_work, items, chunksize=chunk)
    except BrokenProcessPool as error:
        remedy = "run it again; if it was killed for want of memory, with --jobs 1"
        raise CannotRun("a process that helped has died", remedy=remedy) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        gc.unfreeze()


def can_fork(beside: int = 0) -> bool:
    """Whether processes are forked: not everywhere, and not beside other threads, since that may deadlock.

    Args:
        beside: threads that will have ended by then.
    """
    return sys.platform == "linux" and threading.active_count() == 1 + beside


def is_much(pairs: int) -> bool:
    """Whether so many pairs of pages are worth several processes."""
    return pairs >= _MANY_PAIRS


_given: list[Callable[[Any], Any]] = []
"""In a worker: what it does."""


def _begin(work: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    _given[:] = [work]


def _end_with_parent() -> None:
    """End this process when the one that started it has ended: nobody takes its results any more."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(item: Any) -> Any:
    return _given[0](item)
