"""Folder: which files of a documentation are published, and the folder that the staged tree is written to."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

MARKER = ".edgedocs-staging"
"""The file that tells a folder of ours from one whose files must not be removed."""

_NEVER_PUBLISHED = frozenset({"conftest.py", "__pycache__"})


def published_files(documents: Path, excluded: Callable[[str], bool]) -> Iterator[Path]:
    """The files of a documentation folder that readers are meant to get, in a fixed order."""
    for path in sorted(documents.rglob("*")):
        relative = path.relative_to(documents)
        hidden = any(part.startswith(".") or part in _NEVER_PUBLISHED for part in relative.parts)
        if path.is_file() and not hidden and path.suffix != ".pyc" and not excluded(relative.as_posix()):
            yield path


def require_own(staging: Path, sources: Iterable[Path]) -> None:
    """Refuse a staging folder with files of somebody else, which :func:`write` would remove.

    Raises:
        BadInput: if it overlaps a folder of sources, or holds files and not the marker.
    """
    for source in sources:
        if staging.is_relative_to(source) or source.is_relative_to(staging):
            raise BadInput("the staging folder overlaps that of sources", where=staging, expected="a folder of its own")
    if staging.exists() and not (staging / MARKER).is_file() and (not staging.is_dir() or any(staging.iterdir())):
        raise BadInput(
            "the staging folder holds files that staging did not write",
            where=staging,
            expected="an empty or a new folder",
            remedy="name another folder with the plug-in's option `staging`",
        )


def write(staging: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder hold these files and no others; what is as it should be keeps its time of change."""
    files = {MARKER: b"", **files}
    for name, data in files.items():
        path = staging / PurePosixPath(name)
        if path.is_dir():
            shutil.rmtree(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)
    for path in sorted(staging.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(staging).as_posix() not in files:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
