"""Outcome cache: an example that passed is not run again while nothing that its outcome depends on has changed.

A kept verdict carries a key. It covers the example and what it recorded (:func:`edgedocs.examples.verdicts.digest`)
and its surroundings: the content of the installed package ``edgedocs`` with all its data, the other installed packages,
Python, the system and the processor. A failure is never reused, nor is anything on a reader's own model.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any

import edgedocs
from edgedocs.core.provenance import processor
from edgedocs.examples.verdicts import Verdict

REUSED = ("passed", "environment")
"""Verdicts that a later run may take over."""


def key(example_digest: str) -> str:
    """The key of an example's outcome on this machine, from the example's own digest."""
    return hashlib.sha256(f"{example_digest} {surroundings()}".encode()).hexdigest()


def reusable(entry: object, wanted: str) -> Verdict | None:
    """The verdict in a kept entry, if it may be taken over under the key ``wanted``; damage in it is no hit."""
    if not isinstance(entry, dict) or entry.get("key") != wanted or entry.get("name") not in REUSED:
        return None
    reason, seconds = entry.get("reason"), entry.get("seconds")
    suitable = isinstance(reason, str | None) and isinstance(seconds, int | float | None)
    return Verdict(entry["name"], reason, seconds) if suitable else None


@cache
def surroundings() -> str:
    """A hash of everything around the examples that their outcomes depend on; read once in a process."""
    return fingerprint(Path(edgedocs.__file__).parent, tuple(sys.path))


def fingerprint(package: Path, folders: tuple[str, ...]) -> str:
    """A hash of this machine, the content of ``package``, and the packages installed in ``folders``."""
    found = hashlib.sha256()
    for part in (sys.version, platform.platform(), processor(), *_installed(folders)):
        found.update(f"{part}\n".encode())
    for path in sorted(package.rglob("*")):
        if path.suffix != ".pyc" and path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{path.relative_to(package).as_posix()} {content}\n".encode())
    return found.hexdigest()


def _installed(folders: tuple[str, ...]) -> list[str]:
    """Name, version and time of installation of each package in import folders, without importing any."""
    found = []
    for folder in folders:
        try:
            with os.scandir(folder or ".") as entries:
                kept = [entry for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
                found += [f"{entry.name} {entry.stat().st_mtime_ns}" for entry in kept]
        except OSError:
            continue
    return sorted(found)


def counted(verdicts: dict[str, dict[str, Any]]) -> int:
    """How many of the verdicts of a run were taken over."""
    return sum(bool(verdict.get("cached")) for verdict in verdicts.values())
