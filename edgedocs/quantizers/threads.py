"""Threads: the parts of a tensor, several at a time."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.core.processors import processors

if TYPE_CHECKING:
    from collections.abc import Callable


def slices(count: int, step: int) -> list[slice]:
    """``count`` things in parts of ``step``, at least one each."""
    step = max(1, step)
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def for_each(work: Callable[[slice], None], chunks: list[slice], threads: int | None) -> None:
    """Work on all chunks; of several errors, that of the first chunk is raised.

    Args:
        work: on a chunk; it must not call this function in turn.
        chunks: of a tensor.
        threads: how many work at a time; by default as many as there are processors to run on.

    Raises:
        BadInput: if it is less than one.
    """
    if threads is not None and threads < 1:
        raise BadInput(f"{threads} threads", expected="one or more")
    workers = min(threads or processors(), len(chunks))
    if workers <= 1:
        for chunk in chunks:
            work(chunk)
        return
    for _ in _pool(workers).map(work, chunks):
        pass


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    """So many threads, which wait for more work: to start them for each part of a model takes a tenth of its time."""
    return ThreadPoolExecutor(workers, thread_name_prefix="edgedocs-quantizer")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads stay behind in the parent
