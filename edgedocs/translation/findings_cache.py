"""Findings cache: what the checks found in a pair of pages, kept until something changes on which it depends.

One file for each tree and choice of checks holds an entry for each pair: a key, which is a hash of all on which the
findings depend beside the programs, and the findings. The programs are in the name of the folder: a hash of sources of
everything that reads pages, with the versions of the packages and of Python. So what a changed check would find is
never answered from here. A file is written whole; of two processes at one tree, the entries of the later one stay.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import unicodedata
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core import caching, files
from edgedocs.core.errors import EdgeDocsError
from edgedocs.translation.checks.base import SEVERITIES, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edgedocs.translation.tree import Tree

_FORMAT = "v1"
_PACKAGES = ("py3langid", "simplemma", "numpy")
_SOURCES = ("core", "pages", "translation")
_LARGEST = 32 * 2**20
"""Bytes of a file; of a larger tree nothing is kept."""

_MOST_FILES = 64
"""Trees; those that were checked last are kept."""

_FIELDS = ((int, type(None)), (int, type(None)), (str,), (str,), (str,), (str,))
"""Of a finding, without language and page: line, source line, check, severity, message, remedy."""


def key_of(parts: Iterable[bytes]) -> str:
    """A hash of some texts, one after the other."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


@cache
def version_of(package: Path) -> str:
    """A name for the programs that find: the sources in the folders of a package, and the versions that they use."""
    parts = [_FORMAT.encode(), platform.python_version().encode(), unicodedata.unidata_version.encode()]
    parts += [_version(name).encode() for name in _PACKAGES]
    for folder in _SOURCES:
        for path in sorted((package / folder).rglob("*")):
            if path.suffix in (".py", ".toml", ".tsv"):
                parts += [path.relative_to(package).as_posix().encode(), path.read_bytes()]
    return key_of(parts)[:16]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def path_of(tree: Tree, checks: Sequence[str]) -> Path | None:
    """The file for a tree and some checks; None if nothing can be kept."""
    folder = caching.folder("findings", version_of(Path(__file__).parent.parent))
    names = (str(tree.source), str(tree.source.resolve()), str(tree.translations), str(tree.translations.resolve()))
    return folder and folder / f"{key_of(name.encode('utf-8', 'surrogateescape') for name in (*names, *checks))}.json"


class FindingsCache:
    """The findings that are kept of a tree.

    Args:
        path: the file; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._entries = _read(path) if path else {}
        self._changed = False

    def __bool__(self) -> bool:
        return self._path is not None

    def get(self, language: str, page: str, key: str) -> list[Finding] | None:
        """What was found in a pair; None if that is not known, or the key is another."""
        entry = self._entries.get(f"{language}/{page}")
        if not isinstance(entry, list) or len(entry) != 2 or entry[0] != key or not isinstance(entry[1], list):
            return None
        found = [_finding(language, page, values) for values in entry[1]]
        return None if None in found else [finding for finding in found if finding is not None]

    def put(self, language: str, page: str, key: str, findings: Iterable[Finding]) -> None:
        """Keep what was found in a pair."""
        rows = [[f.line, f.source_line, f.check, f.severity, f.message, f.remedy] for f in findings]
        self._entries[f"{language}/{page}"] = [key, rows]
        self._changed = True

    def keep_only(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Forget all pages but these, given as language and page."""
        known = {f"{language}/{page}" for language, page in pairs}
        gone = [name for name in self._entries if name not in known]
        for name in gone:
            del self._entries[name]
        self._changed = self._changed or bool(gone)

    def save(self) -> None:
        """Write the file if anything changed; that it cannot be written, or is too large, does no harm."""
        if self._path is None:
            return
        if not self._changed:
            with suppress(OSError):
                os.utime(self._path)
            return
        data = json.dumps(self._entries, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        if len(data) > _LARGEST:
            return
        try:
            files.write_bytes(self._path, data)
            kept = sorted(self._path.parent.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in kept[_MOST_FILES:]:
                path.unlink(missing_ok=True)
        except (EdgeDocsError, OSError):
            return


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(files.read_bytes(path, _LARGEST).decode("utf-8", "surrogatepass"))
    except (EdgeDocsError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _finding(language: str, page: str, values: object) -> Finding | None:
    """The finding in an entry; None if it is none."""
    if not isinstance(values, list) or len(values) != len(_FIELDS) or values[3] not in SEVERITIES:
        return None
    if not all(isinstance(value, kinds) for value, kinds in zip(values, _FIELDS, strict=True)):
        return None
    return Finding(language, page, *values)
