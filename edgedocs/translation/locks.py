"""Locks: one process at a time writes a page."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.tree import Tree

LOCKS_NAME = ".locks"
"""Folder of the lock files, beside the languages; git ignores it."""

_SECONDS = 30.0


@contextmanager
def page_lock(tree: Tree, language: str, page: str) -> Iterator[None]:
    """Hold the right to write a page in one language; it ends with the process, however that ends.

    Raises:
        CannotRun: if another process has had it for half a minute.
    """
    from filelock import FileLock, Timeout

    lock = tree.translations / LOCKS_NAME / language / f"{page}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    ignore = tree.translations / LOCKS_NAME / ".gitignore"
    if not ignore.exists():
        files.write_text(ignore, "*\n")
    try:
        with FileLock(lock, timeout=_SECONDS):
            yield
    except Timeout as error:
        raise CannotRun(
            f"another process has been writing this page for {_SECONDS:.0f} seconds",
            where=tree.translation_path(language, page).as_posix(),
            remedy="wait for it to end, or end it",
        ) from error
