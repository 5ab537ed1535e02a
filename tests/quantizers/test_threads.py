"""Threads that wait for more work: what they were given, all of it, and after a fork."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest

from edgedocs import quantizers
from edgedocs.quantizers.threads import for_each, slices


def test_the_error_of_the_first_chunk_is_raised_and_the_next_work_is_done() -> None:
    def fail(chunk: slice) -> None:
        raise ValueError(str(chunk.start))

    with pytest.raises(ValueError, match=r"^0$"):
        for_each(fail, slices(20, 4), 2)
    done: list[int] = []
    for_each(lambda chunk: done.append(chunk.start), slices(20, 4), 2)
    assert sorted(done) == [0, 4, 8, 12, 16]


def test_threads_are_started_once() -> None:
    seen: set[int] = set()
    for _ in range(50):
        for_each(lambda chunk: seen.add(threading.get_ident()), slices(8, 1), 3)
    assert 1 <= len(seen) <= 3
    assert threading.get_ident() not in seen


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
def test_a_forked_process_has_threads_of_its_own() -> None:
    weights = np.random.default_rng(0).standard_normal((2048, 256), np.float32)
    quantizer = quantizers.get("q8_0")
    encoded = quantizer.quantize(weights, threads=2)
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        os._exit(0 if np.array_equal(quantizer.quantize(weights, threads=2), encoded) else 1)
    assert os.waitpid(child, 0)[1] == 0
