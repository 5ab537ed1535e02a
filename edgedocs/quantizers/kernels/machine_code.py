"""Where compiled kernels are kept from one run to the next.

The folder's name is a hash of all sources of this package and of Numba's version; within it a folder for each kind of
processor holds an object file for each kernel, behind a hash of it. Files are written whole, so two processes can
share the folder. They are read only from a folder that belongs to the user and that nobody else can write to.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from edgedocs.core import caching
from edgedocs.core.errors import EdgeDocsError
from edgedocs.core.files import read_bytes, write_bytes

_LARGEST = 2**24
"""Bytes of a kernel; the largest takes a twentieth."""


@cache
def folder() -> Path | None:
    """The folder for this version of the kernels; None if there is none to write to, or it would not be safe."""
    return caching.folder("kernels", version_of(Path(__file__).parent))


def has(module: str, function: str) -> bool:
    """Whether a kernel was compiled before, for any processor."""
    path = folder()
    return path is not None and next(path.glob(f"*/{module}.{function}.o"), None) is not None


def kept(name: str) -> bytes | None:
    """What was kept under a name; None if there is nothing, or it is damaged."""
    path = folder()
    if path is None:
        return None
    try:
        data = read_bytes(path / name, _LARGEST)
    except (EdgeDocsError, OSError):
        return None
    digest, content = data[: hashlib.sha256().digest_size], data[hashlib.sha256().digest_size :]
    return content if hashlib.sha256(content).digest() == digest else None


def keep(name: str, content: bytes) -> None:
    """Keep something under a name, if there is a folder for it."""
    path = folder()
    if path is None:
        return
    try:
        (path / name).parent.mkdir(mode=0o700, exist_ok=True)
        write_bytes(path / name, hashlib.sha256(content).digest() + content)
    except (EdgeDocsError, OSError):
        return  # it is compiled again


def version_of(sources: Path) -> str:
    """A name for what the kernels in the folder ``sources`` are compiled to."""
    digest = hashlib.sha256()
    for package in ("numba", "llvmlite"):
        digest.update(version(package).encode())
    for source in sorted(sources.glob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
