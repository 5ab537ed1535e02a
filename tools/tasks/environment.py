"""The virtual environment ``.venv``: what is in it is what the lock files say, checked by hash."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.tasks import system
from tools.tasks.console import CommandError, call, say, step

if TYPE_CHECKING:
    from pathlib import Path

# No wheels are published for it, so it is the one package that may be compiled.
COMPILED = "llama-cpp-python"
TORCH_INDEX = "EDGEDOCS_TORCH_INDEX"


@dataclass(frozen=True)
class PackageSet:
    """A set of packages by name: the lock files that make it up, in the order of installing.

    ``loose`` names a requirements file without hashes, installed last; ``bare`` one whose packages come without their
    dependencies.
    """

    name: str
    locks: tuple[str, ...]
    purpose: str
    compiles: bool = False
    loose: str | None = None
    bare: str | None = None


SETS = {
    item.name: item
    for item in (
        PackageSet("site", ("build", "site"), "build the site; wheels only, no compiler"),
        PackageSet("test", ("build", "compile", "test"), "verify everything; compiles llama.cpp", compiles=True),
        PackageSet("all", ("build", "compile", "all"), "every extra and the developer's tools", compiles=True),
        PackageSet(
            "reference",
            ("build", "reference"),
            "transformers, PyTorch and a real model, for reference checks",
            loose="torch",
            bare="models",
        ),
    )
}


class Environment:
    """The repository's own virtual environment.

    Args:
        root: the repository.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.state = self.folder / "edgedocs"

    @property
    def python(self) -> Path:
        """The interpreter of the environment, whether or not it exists yet."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def variables(self, **more: str) -> dict[str, str]:
        """The environment variables for a process that must see this environment and no other."""
        kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
        scripts = str(self.python.parent)
        return kept | {"PATH": scripts + os.pathsep + kept.get("PATH", ""), "VIRTUAL_ENV": str(self.folder)} | more

    def run(self, *arguments: str | Path, **more: str) -> int:
        """Run the environment's Python in the repository, with ``more`` environment variables."""
        return call([self.python, *arguments], folder=self.root, environment=self.variables(**more))

    def has(self, name: str) -> bool:
        """Whether a set of packages was installed as the lock files now say."""
        return self.python.exists() and self._read_stamp(name) == self._digest(SETS[name])

    def provide(self, name: str) -> None:
        """Make the environment if need be, and install a set of packages unless it is there already."""
        if not self.has(name):
            self._install(SETS[name])
        self._install_project()

    def _install(self, chosen: PackageSet) -> None:
        if chosen.compiles:
            # Before anything is downloaded, and long before the compilation would fail.
            say(f"{COMPILED} is compiled, for some minutes and only once, by {system.require_compiler()}")
        self._create()
        for lock in chosen.locks:
            with step(f"install locks/{lock}.txt"):
                self._install_lock(lock)
        if chosen.bare is not None:
            with step(f"install locks/{chosen.bare}.txt"):
                self._install_lock(chosen.bare, "--no-deps")
        if chosen.loose is not None:
            with step(f"install locks/{chosen.loose}.txt"):
                self._install_loose(chosen.loose)
        self._write_stamp(chosen.name, self._digest(chosen))

    def _create(self) -> None:
        if self.python.exists() and self.state.exists():
            return
        if not system.can_make_environments():
            raise CommandError(
                f"{sys.executable} cannot make virtual environments: its module ensurepip is missing",
                remedy="install it (Debian, Ubuntu: apt install python3-venv) or use another Python",
            )
        with step(f"make the environment {self.folder} with Python {sys.version.split()[0]}"):
            if call([sys.executable, "-m", "venv", self.folder], folder=self.root) != 0:
                raise CommandError(
                    f"{self.folder} could not be made", remedy="see the message above; is the disk full?"
                )
        self.state.mkdir(exist_ok=True)

    def _install_lock(self, lock: str, *more: str) -> None:
        path = self.root / "locks" / f"{lock}.txt"
        options = ["--require-hashes", "--only-binary=:all:", f"--no-binary={COMPILED}", "--no-build-isolation"]
        self._pip(*options, *more, "-r", path)

    def _install_loose(self, name: str) -> None:
        index = os.environ.get(TORCH_INDEX)
        options = ["--index-url", index] if index else []
        self._pip(*options, "-r", self.root / "locks" / f"{name}.txt")

    def _install_project(self) -> None:
        """Installing the project depends on pyproject.toml alone: its commands and plug-ins stand there."""
        digest = self._hash((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        if self._read_stamp("project") == digest:
            return
        with step("install edgedocs itself, from this folder"):
            self._pip("--no-deps", "--no-build-isolation", "--no-index", "-e", self.root)
        self._write_stamp("project", digest)

    def _pip(self, *arguments: str | Path) -> None:
        quiet = ("-qq", "--disable-pip-version-check", "--no-input")
        if self.run("-m", "pip", "install", *quiet, *arguments) != 0:
            raise CommandError("pip install failed", remedy="see above; run the same command again to go on")

    def _digest(self, chosen: PackageSet) -> str:
        names = [*chosen.locks, *(name for name in (chosen.bare, chosen.loose) if name)]
        return self._hash(*((self.root / "locks" / f"{name}.txt").read_text(encoding="utf-8") for name in names))

    def _hash(self, *texts: str) -> str:
        """Of texts, the interpreter and the place: a moved or updated environment is installed anew."""
        probe = subprocess.run(
            [self.python, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False
        )
        if probe.returncode != 0:
            raise CommandError(
                f"the interpreter {self.python} does not run", remedy="python3 tools/dev.py clean, then again"
            )
        parts = [probe.stdout, str(self.root), *texts]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _read_stamp(self, name: str) -> str | None:
        path = self.state / f"{name}.stamp"
        return path.read_text(encoding="utf-8") if path.exists() else None

    def _write_stamp(self, name: str, digest: str) -> None:
        (self.state / f"{name}.stamp").write_text(digest, encoding="utf-8")
