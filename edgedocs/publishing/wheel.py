"""Wheel: the library of a documentation, built with its site, so that a copied snippet needs nothing but the site."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.files import read_bytes, read_text, write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER = "dist"
"""The folder of the site that holds the wheel."""

LARGEST = 512 * 2**20
_NAME = re.compile(r"[-_.]+")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EVERYTHING = frozenset({"all", "dev", "test"})
_SECONDS = 300
_IGNORED = frozenset({"__pycache__", "node_modules"})
_CALL = "import importlib, sys; print(importlib.import_module(sys.argv[1]).build_wheel(sys.argv[2]))"


@dataclass(frozen=True)
class Wheel:
    """The wheel of a Python project.

    Args:
        project: its folder, with pyproject.toml.
        cache: a folder of ours that keeps the wheel for as long as the project's files do not change.
    """

    project: Path
    cache: Path

    @cached_property
    def _configuration(self) -> dict[str, Any]:
        path = self.project / "pyproject.toml"
        if not path.is_file():
            raise BadInput(
                "no pyproject.toml, so there is no wheel", where=self.project, expected="the folder of a Python project"
            )
        try:
            return tomllib.loads(read_text(path))
        except tomllib.TOMLDecodeError as error:
            raise BadInput(f"no TOML: {error}", where=path) from error

    @property
    def name(self) -> str:
        """The name of the distribution."""
        return str(self._configuration.get("project", {}).get("name", ""))

    def extras(self, requires: Iterable[str]) -> list[str]:
        """The extras that bring what examples require, sorted.

        Args:
            requires: names of modules or distributions.
        """
        offered: dict[str, list[str]] = self._configuration.get("project", {}).get("optional-dependencies", {})
        found = set()
        for name in requires:
            wanted = _normal(name)
            holders = [
                (len(lines), extra)
                for extra, lines in offered.items()
                if extra not in _EVERYTHING and any(_brings(line, wanted) for line in lines)
            ]
            if holders:
                found.add(min(holders)[1])
        return sorted(found)

    def build(self) -> Path:
        """The wheel, built by the project's own build backend if anything has changed since it was built last.

        Raises:
            BadInput: if there is no Python project.
            CannotRun: if the backend is not installed or fails.
        """
        key = self._key()
        kept = self.cache / key
        known = sorted(kept.glob("*.whl"))
        if known:
            return known[0]
        backend = str(self._configuration.get("build-system", {}).get("build-backend", "setuptools.build_meta"))
        with tempfile.TemporaryDirectory(prefix="edgedocs-wheel-") as scratch:
            done = subprocess.run(
                [sys.executable, "-c", _CALL, backend, scratch],
                cwd=self.project,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
            made = sorted(Path(scratch).glob("*.whl"))
            if done.returncode or not made:
                said = (done.stderr.strip().splitlines() or ["it made no wheel"])[-1]
                raise CannotRun(
                    f"the wheel was not built: {said}",
                    where=self.project,
                    remedy=f"install what [build-system] of its pyproject.toml requires ({backend.partition('.')[0]})",
                )
            target = kept / made[0].name
            target.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(target, read_bytes(made[0], LARGEST))
        for other in self.cache.glob("*/*.whl"):
            if other != target:
                other.unlink()
        return target

    def _key(self) -> str:
        """What the wheel depends on: names, sizes and times of change of the project's files."""
        digest = hashlib.sha256()
        for path in self._files():
            state = path.stat()
            digest.update(f"{path.relative_to(self.project)}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
        return digest.hexdigest()[:16]

    def _files(self) -> Iterator[Path]:
        """The files at the top and those of packages there; the pages of the site are not among them."""
        for path in sorted(self.project.iterdir()):
            if path.name.startswith(".") or path.name in _IGNORED:
                continue
            if path.is_file():
                yield path
            elif (path / "__init__.py").is_file() or path.name == "src":
                files = sorted(path.rglob("*"))
                yield from (one for one in files if one.is_file() and _IGNORED.isdisjoint(one.parts))


def _brings(line: str, wanted: str) -> bool:
    match = _REQUIREMENT.match(line)
    return match is not None and (_normal(match[0]) == wanted or _normal(match[0]).startswith(f"{wanted}-"))


def _normal(name: str) -> str:
    return _NAME.sub("-", name).lower()
