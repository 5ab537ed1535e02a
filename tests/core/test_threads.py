"""Threads: all results, in order, not made too far ahead; and of errors the first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.core.threads import AHEAD, for_each, in_order, slices


def test_the_error_of_the_first_chunk_is_raised_and_the_next_work_is_done() -> None:
    def fail(chunk: slice) -> None:
        raise ValueError(str(chunk.start))

    with pytest.raises(ValueError, match=r"^0$"):
        for_each(fail, slices(20, 4), 2)
    done: list[int] = []
    for_each(lambda chunk: done.append(chunk.start), slices(20, 4), 2)
    assert sorted(done) == [0, 4, 8, 12, 16]


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_are_refused(threads: int) -> None:
    for call in (for_each, lambda work, tasks, threads: list(in_order(tasks, threads))):
        with pytest.raises(BadInput, match=f"{threads} threads"):
            call(print, [], threads)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_results_come_in_order_whichever_is_done_first(threads: int) -> None:
    later = threading.Event()

    def first() -> int:
        if threads > 1:
            assert later.wait(30)
        return 0

    def second() -> int:
        later.set()
        return 1

    assert list(in_order([first, second, *(partial(int, number) for number in range(2, 50))], threads)) == [*range(50)]


def test_only_so_many_are_made_ahead() -> None:
    begun = 0

    def tasks() -> Iterator[Callable[[], int]]:
        nonlocal begun
        for number in range(100):
            begun += 1
            yield partial(int, number)

    results = in_order(tasks(), 3)
    assert next(results) == 0
    assert begun == 3 + AHEAD + 1
    results.close()
    assert begun == 3 + AHEAD + 1


def test_none_waits_for_those_before() -> None:
    seen: list[str] = []

    def tasks() -> Iterator[Callable[[], str] | None]:
        yield partial(str, "a")
        yield partial(str, "b")
        seen.append("asked on")
        yield None
        seen.append("waited")
        yield partial(str, "c")

    for result in in_order(tasks(), 4):
        seen.append(result)
    assert seen == ["asked on", "a", "b", "waited", "c"]


def test_after_an_error_nothing_more_is_begun_and_no_thread_is_left() -> None:
    before, done = threading.active_count(), []

    def fail() -> int:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        list(in_order([fail, *(partial(done.append, number) for number in range(100))], 2))
    assert len(done) <= 2 + AHEAD
    assert threading.active_count() == before


def test_chunks_are_shared_with_other_threads_which_end() -> None:
    before, both = threading.active_count(), threading.Barrier(3, timeout=30)
    for_each(lambda _: both.wait(), slices(3, 1), 3)  # would break if one thread had two of them
    assert threading.active_count() == before


def test_after_an_error_in_one_thread_the_others_begin_nothing_more() -> None:
    done: list[int] = []
    failed = threading.Event()

    def work(chunk: slice) -> None:
        if chunk.start == 0:
            failed.set()
            raise ValueError("on purpose")
        assert failed.wait(30)
        time.sleep(0.02)
        done.append(chunk.start)

    with pytest.raises(ValueError, match="on purpose"):
        for_each(work, slices(1000, 1), 4)
    assert len(done) < 100
