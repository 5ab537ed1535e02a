"""Caching: the user's folder for what can be made again, and which parts of it may be used."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

VARIABLE = "EDGEDOCS_CACHE_DIR"
_KEPT_DAYS = 60


def folder(kind: str, version: str) -> Path | None:
    """The folder for one kind of thing as one version of its makers makes it; those of old versions are removed.

    Args:
        kind: a name, such as ``kernels``.
        version: a name for everything on which the contents depend beside what they are made from.

    Returns:
        The folder; None if there is none to write to, or if others can write to it.
    """
    root = _root()
    if root is None:
        return None
    path = root / kind / version
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
        if not _is_private(path):
            return None
        os.utime(path)
        _remove_old(path.parent)
    except OSError:
        return None
    return path


def _root() -> Path | None:
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    if os.name == "posix" and os.environ.get("HOME") == "":
        return None  # which would mean the root of the file system
    try:
        from platformdirs import user_cache_path
    except ImportError:
        return None
    path = Path(user_cache_path("edgedocs", appauthor=False))
    return path if path.is_absolute() else None  # without a home it stays "~/…"


def _remove_old(versions: Path) -> None:
    """Remove what has not been used for long, of versions that are gone."""
    for path in versions.iterdir():
        if path.stat().st_mtime < time.time() - _KEPT_DAYS * 86400:
            shutil.rmtree(path, ignore_errors=True)


def _is_private(path: Path) -> bool:
    if not hasattr(os, "getuid"):
        return True  # on Windows a folder of the user's profile is
    status = path.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022
