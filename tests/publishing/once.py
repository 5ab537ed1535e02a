"""What is costly is made once in a run of the tests, by the process that needs it first; the others wait for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 600
"""Seconds that others wait; the whole handbook takes about half a minute on a quiet machine."""


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder with what ``make`` has put into it, whole.

    Args:
        folder: where to; in a folder that the processes of one run share and no other run.
        make: fills a new folder. If it fails, so does every test that asks, with what it said.
    """
    with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=PATIENCE):
        failure = folder.with_name(f"{folder.name}.failed")
        if failure.exists():
            raise AssertionError(failure.read_text(encoding="utf-8"))
        if not folder.exists():
            begun = folder.with_name(f"{folder.name}.begun-{os.getpid()}")
            begun.mkdir()
            try:
                make(begun)
            except AssertionError as error:
                failure.write_text(str(error), encoding="utf-8")
                raise
            begun.rename(folder)
    return folder
