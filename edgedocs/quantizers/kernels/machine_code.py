"""Where compiled kernels are kept from one run to the next.

Numba's own cache watches only the file of the function it compiled, not what that calls. So the folder's name is a hash
of all sources of this package and of Numba's version; within it Numba tells processors apart. It writes whole files
and renames them, so two processes can share the folder.

Its files hold pickles. They are read only from a folder that belongs to the user and that nobody else can write to.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from functools import cache
from importlib.metadata import version
from pathlib import Path

VARIABLE = "EDGEDOCS_CACHE_DIR"
_KEPT_DAYS = 60


@cache
def folder() -> Path | None:
    """The folder for this version of the kernels; None if there is none to write to, or it would not be safe."""
    root = _root()
    if root is None:
        return None
    path = root / "kernels" / version_of(Path(__file__).parent)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
        if not _is_private(path):
            return None
        os.utime(path)
    except OSError:
        return None
    _remove_old(path.parent)
    return path


def has(name: str, function: str) -> bool:
    """Whether a kernel of a format was compiled before."""
    path = folder()
    return path is not None and next(path.glob(f"*/{name}.{function}-*.nbi"), None) is not None


def _root() -> Path | None:
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    if os.name == "posix" and os.environ.get("HOME") == "":
        return None  # which would mean the root of the file system
    from platformdirs import user_cache_path

    path = Path(user_cache_path("edgedocs", appauthor=False))
    return path if path.is_absolute() else None  # without a home it stays "~/…"


def version_of(sources: Path) -> str:
    """A name for what the kernels in the folder ``sources`` are compiled to."""
    digest = hashlib.sha256()
    for package in ("numba", "llvmlite"):
        digest.update(version(package).encode())
    for source in sorted(sources.glob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _is_private(path: Path) -> bool:
    if not hasattr(os, "getuid"):
        return True  # on Windows a folder of the user's profile is
    status = path.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def _remove_old(versions: Path) -> None:
    """Remove what has not been used for long, of versions that are gone."""
    for path in versions.iterdir():
        if path.stat().st_mtime < time.time() - _KEPT_DAYS * 86400:
            shutil.rmtree(path, ignore_errors=True)
