"""Folders: written whole or not at all."""

from __future__ import annotations

import fnmatch
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun


@contextmanager
def atomic_folder(path: Path, replaceable: frozenset[str]) -> Iterator[Path]:
    """Write a folder whole: fill a temporary one beside it, which is then renamed to ``path``.

    If the block raises, or the process is killed, ``path`` keeps what it held before. A folder cannot be renamed over
    another, so replacing takes two renames; a process killed between them leaves the old folder and the new one
    beside ``path``, both complete, under names that begin with a dot.

    Args:
        path: the folder to write.
        replaceable: names, or patterns of names with ``?`` and ``*``; what is at ``path`` is replaced only if it is a
            folder of nothing else, so that no other folder is lost to a slip.

    Raises:
        BadInput: if something else is at ``path``.
        CannotRun: if the folder around it is missing or cannot be written to, or the disk is full.
    """
    path = Path(path)
    _check_replaceable(path, replaceable)
    try:
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"))
    except OSError as error:
        raise CannotRun(
            f"cannot write here: {error.strerror}", where=path.parent, expected="a folder to write to"
        ) from error
    try:
        yield temporary
        temporary.chmod(0o777 & ~files._umask())
        _check_replaceable(path, replaceable)
        _move(temporary, path)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise CannotRun(f"cannot write: {error.strerror or error}", where=path) from error
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _check_replaceable(path: Path, replaceable: frozenset[str]) -> None:
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or not path.is_dir() or any(_is_other(one.name, replaceable) for one in path.iterdir()):
        raise BadInput(
            "there is something else here already",
            where=path,
            expected=f"nothing, or a folder of {', '.join(sorted(replaceable))}",
            remedy="remove it, or write to another name",
        )


def _is_other(name: str, replaceable: frozenset[str]) -> bool:
    return not any(fnmatch.fnmatchcase(name, pattern) for pattern in replaceable)


def _move(temporary: Path, path: Path) -> None:
    if not path.exists():
        temporary.rename(path)
        return
    old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".old"))
    path.rename(old / path.name)
    try:
        temporary.rename(path)
    except BaseException:
        (old / path.name).rename(path)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
