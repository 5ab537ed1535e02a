"""A folder for files that live only during a fuzzing run, in memory where the system has such a place."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.reference_folder import REFERENCE

MEMORY = Path("/dev/shm")


@cache
def scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="edgedocs-fuzz-", dir=MEMORY if MEMORY.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def scratch_checkpoint(name: str) -> Path:
    """A copy of the reference checkpoint, to spoil."""
    folder = scratch() / name
    shutil.copytree(REFERENCE, folder, ignore=shutil.ignore_patterns("*.npz"))
    return folder
