"""What the tests take from npm: JavaScript that reads the built site, in the versions that the lock file says."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

from tools.tasks.console import CommandError, call, say, step

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "tests/npm"
LOCK = "package-lock.json"
MODULES = "node_modules"
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def provide(root: Path, *, required: bool) -> None:
    """Install the packages unless they are there as the lock file says.

    Args:
        root: the repository.
        required: whether a machine without npm, or packages that cannot be had, end the command; if not, the tests
            that need them are skipped.

    Raises:
        CommandError: if they are required and not installed.
    """
    folder = root / FOLDER
    stamp = folder / MODULES / "edgedocs.stamp"
    digest = hashlib.sha256((folder / LOCK).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return None
    npm = shutil.which("npm")
    if npm is None:
        return _without("npm is not installed", "install it (Debian, Ubuntu: apt install npm)", required=required)
    with step(f"install {FOLDER}/{LOCK}"):
        code = call([npm, "ci", *QUIET], folder=folder)
    if code != 0:
        return _without("npm ci failed", "see the message above", required=required)
    stamp.write_text(digest, encoding="utf-8")
    return None


def _without(what: str, remedy: str, *, required: bool) -> None:
    if required:
        raise CommandError(what, remedy=remedy)
    say(f"    {what}: the tests that need packages of npm are skipped")
