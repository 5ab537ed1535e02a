"""Bounds on time that hold on any machine, busy or not: limits for tests that a hostile text must not hang a parser.

A limit is in seconds of processor time of an idle machine. What it is here is found by a small computation, done before
and after the work under test: where that takes three times as long, so may the work.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

YARDSTICK_SECONDS = 0.01
"""What :func:`_yardstick` takes on an idle machine."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail unless the body is done in so many seconds of processor time of an idle machine."""
    before = _yardstick()
    start = time.process_time()
    yield
    taken = time.process_time() - start
    if taken >= seconds:
        slowness = max(before, _yardstick()) / YARDSTICK_SECONDS
        assert taken < seconds * max(1.0, slowness), f"{taken:.1f} s, on a machine {slowness:.1f} times as slow as idle"


def _yardstick() -> float:
    start = time.process_time()
    words = {f"{number:x}": number for number in range(40_000)}
    assert sum(map(len, sorted(words))) > 0
    return time.process_time() - start
