"""Saving: a page is written only over what was read, since an editor takes no lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun

if TYPE_CHECKING:
    from pathlib import Path


class ChangedMeanwhile(CannotRun):
    """Something else wrote the page after it was read: what was made of it holds no more, and nothing was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "the file was changed while it was worked on; nothing was written",
            where=path.as_posix(),
            remedy="run the command again",
        )


def save(path: Path, text: str, before: str | None) -> None:
    """Write a page whole; the caller holds its lock.

    Args:
        path: file of the page; its folder is made if need be.
        text: what it is to say.
        before: what it said when it was read; None if there was none.

    Raises:
        ChangedMeanwhile: if it says something else by now.
        CannotRun: if it cannot be written.
    """
    require_unchanged(path, before)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(path, text)


def require_unchanged(path: Path, before: str | None) -> None:
    """Raise :class:`ChangedMeanwhile` if a file does not say what it said when it was read; None if there was none."""
    try:
        now = files.read_text(path) if path.is_file() else None
    except BadInput as error:
        raise ChangedMeanwhile(path) from error
    if now != before:
        raise ChangedMeanwhile(path)
