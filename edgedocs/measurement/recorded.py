"""Recorded references: logits of a model that are computed once and compared with many times."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from edgedocs.core.errors import CannotRun
from edgedocs.measurement.scores import Reference, counted
from edgedocs.measurement.windows import Window
from edgedocs.runners.base import Logits, Runner

SPARE = 2**26
"""Bytes of the disk that are left free."""


class RecordedReference(Reference):
    """The logits of the tokens that count, kept in a file without a name, which goes when the process ends.

    Nothing is computed before :meth:`fill`; use it in a ``with`` block.

    Args:
        runner: the reference model.
        windows: what it predicts.
        folder: where the file is made.
    """

    def __init__(self, runner: Runner, windows: Sequence[Window], folder: Path) -> None:
        self._runner, self._windows, self._folder = runner, windows, folder
        self._starts = np.concatenate([[0], np.cumsum([len(window.targets) for window in windows])]).tolist()
        self._rows: np.memmap[Any, np.dtype[np.float32]] | None = None
        self._file: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows = None
        if self._file is not None:
            self._file.close()

    def fill(self, advance: Callable[[int], None] = lambda windows: None) -> None:
        """Compute all logits, unless that was done.

        Args:
            advance: called with 1 for each window.

        Raises:
            CannotRun: if the disk has no room for them, or the engine fails.
        """
        if self._rows is not None:
            return
        shape = (self._starts[-1], self._runner.vocabulary)
        needed, free = 4 * shape[0] * shape[1], shutil.disk_usage(self._folder).free
        if needed + SPARE > free:
            raise CannotRun(
                f"the logits of the reference take {needed:,} bytes, and {free:,} are free",
                where=self._folder,
                remedy="measure fewer windows with --windows, or name a folder on another disk with --work",
            )
        self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - __exit__ closes it
        rows = np.memmap(self._file, np.float32, "w+", shape=shape)
        for number, window in enumerate(self._windows):
            rows[self._starts[number] : self._starts[number + 1]] = counted(self._runner, window)
            advance(1)
        self._rows = rows

    def logits(self, number: int, window: Window) -> Logits:
        """Those of a window, from the file."""
        self.fill()
        assert self._rows is not None
        return np.asarray(self._rows[self._starts[number] : self._starts[number + 1]])

    def replayed(self, runner: Runner) -> Any:
        """The reference as a model that predicts these windows, one after the other, and no others."""
        return _Replayed(self, self._windows, runner.path)


class _Replayed:
    """As much of a runner as scoring needs."""

    def __init__(self, recorded: RecordedReference, windows: Sequence[Window], path: Path) -> None:
        self.path = path
        self._recorded, self._windows, self._next = recorded, windows, 0

    def logits(self, tokens: Sequence[int]) -> Logits:
        window = self._windows[self._next]
        assert tuple(tokens) == window.inputs
        found = self._recorded.logits(self._next, window)
        self._next += 1
        # Scoring passes over what stands before the first token that counts.
        return np.concatenate([np.zeros((window.first - 1, found.shape[1]), np.float32), found])
