"""Threads: the parts of a tensor, or of many, several at a time."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from edgedocs.core.errors import BadInput
from edgedocs.core.processors import processors

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

Result = TypeVar("Result")

AHEAD = 2
"""How many results may wait to be asked for, beside those that are being made."""


def number_of(threads: int | None) -> int:
    """How many threads work at a time; by default as many as there are processors to run on.

    Raises:
        BadInput: if it is less than one.
    """
    if threads is not None and threads < 1:
        raise BadInput(f"{threads} threads", expected="one or more")
    return threads or processors()


def slices(count: int, step: int) -> list[slice]:
    """``count`` things in parts of ``step``, at least one each."""
    step = max(1, step)
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def for_each(work: Callable[[slice], None], chunks: list[slice], threads: int | None) -> None:
    """Work on all chunks, this thread and others; of several errors, that of the first chunk is raised.

    Args:
        work: on a chunk.
        chunks: of a tensor.
        threads: see :func:`number_of`.

    Raises:
        BadInput: if that is less than one.
    """
    workers = min(number_of(threads), len(chunks))
    waiting = deque(enumerate(chunks))
    errors: dict[int, Exception] = {}

    def work_on() -> None:
        while not errors:
            try:
                number, chunk = waiting.popleft()
            except IndexError:
                return
            try:
                work(chunk)
            except Exception as error:
                errors[number] = error

    helpers = [threading.Thread(target=work_on, name="edgedocs-chunks", daemon=True) for _ in range(workers - 1)]
    try:
        for helper in helpers:
            helper.start()
        work_on()
    finally:
        waiting.clear()
        for helper in helpers:
            if helper.ident is not None:
                helper.join()
    try:
        if errors:
            raise errors[min(errors)]
    finally:
        errors.clear()  # which the error's traceback refers to


def in_order(tasks: Iterable[Callable[[], Result] | None], threads: int | None) -> Generator[Result]:
    """The results of tasks in their order, the next of them made meanwhile; close it to begin no more.

    Args:
        tasks: functions, which several threads call; None to wait until all before it are done and their results were
            asked for.
        threads: see :func:`number_of`.

    Raises:
        BadInput: if that is less than one.
    """
    workers = number_of(threads)
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for task in tasks:
            if task is not None:
                waiting.append(pool.submit(task))
            while len(waiting) > (0 if task is None else workers + AHEAD):
                yield waiting.popleft().result()
            del task
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
