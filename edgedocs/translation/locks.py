"""Locks: one process at a time writes a page."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import CannotRun
from edgedocs.translation.language import CODE, FILE_NAME, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    with _lock(tree.translations, language, page, tree.translation_path(language, page)):
        yield


@contextmanager
def file_lock(path: Path, language: str | None) -> Iterator[None]:
    """As :func:`page_lock`, for a file of which no tree is known; of one that is no translated page, nothing is held.

    Args:
        path: the file.
        language: the language that the page says it is in; None if it says none.

    Raises:
        CannotRun: as :func:`page_lock`.
    """
    folder = _language_folder(path.resolve(), language)
    if folder is None:
        yield
        return
    with _lock(folder.parent, folder.name, path.resolve().relative_to(folder).as_posix(), path):
        yield


def _language_folder(path: Path, language: str | None) -> Path | None:
    """The folder of a language in which a page lies: one with a language's name, and with a sign that it is one."""
    for folder in path.parents:
        if CODE.fullmatch(folder.name):
            is_named = language is not None and canonical(folder.name) == canonical(language)
            if is_named or (folder / FILE_NAME).is_file() or (folder.parent / LOCKS_NAME / folder.name).is_dir():
                return folder
    return None


@contextmanager
def _lock(translations: Path, language: str, page: str, path: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = translations / LOCKS_NAME / language / f"{page}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    ignore = translations / LOCKS_NAME / ".gitignore"
    if not ignore.exists():
        files.write_text(ignore, "*\n")
    try:
        with FileLock(lock, timeout=_SECONDS):
            yield
    except Timeout as error:
        raise CannotRun(
            f"another process has been writing this page for {_SECONDS:.0f} seconds",
            where=path.as_posix(),
            remedy="wait for it to end, or end it",
        ) from error
