"""Progress: how long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is in all."""


def with_steps(progress: Progress | None, count: int) -> tuple[Progress, Callable[[], None]]:
    """Progress for work whose first part counts by itself and is followed by ``count`` steps.

    Returns:
        What the first part is to call, and what is to be called after each step.
    """
    total = steps = 0

    def first(done: int, of: int) -> None:
        nonlocal total
        total = of
        if progress is not None:
            progress(done, of + count)

    def step() -> None:
        nonlocal steps
        steps += 1
        if progress is not None:
            progress(total + steps, total + count)

    return first, step
