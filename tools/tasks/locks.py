"""The lock files: every package by version and hash, for every platform and Python that is supported."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from typing import TYPE_CHECKING

from tools.tasks.console import CommandError, step

if TYPE_CHECKING:
    from pathlib import Path

OLDEST_PYTHON = "3.11"
# PyTorch's wheels differ by index (processor only, CUDA, ROCm), so one set of hashes cannot fit all machines.
UNLOCKED = "torch"
FROM_EXTRAS = {"all": ("all", "dev"), "site": ("site",), "test": ("test",)}
FROM_FILES = ("build", "compile")


def refresh(root: Path, *, upgrade: bool) -> int:
    """Write all lock files anew from pyproject.toml and ``locks/*.in``; pins are kept unless ``upgrade``."""
    uv = shutil.which("uv") or _of_environment(root)
    if uv is None:
        raise CommandError(
            "uv is not installed", remedy="python3 tools/dev.py setup all, or see https://docs.astral.sh/uv/"
        )
    for name, extras in FROM_EXTRAS.items():
        chosen = [argument for extra in extras for argument in ("--extra", extra)]
        _compile(uv, root, name, ["pyproject.toml", *chosen], upgrade=upgrade)
    for name in FROM_FILES:
        _compile(uv, root, name, [f"locks/{name}.in"], upgrade=upgrade)
    _compile(uv, root, "reference", ["-"], upgrade=upgrade, text="\n".join(reference_requirements(root)))
    return 0


def reference_requirements(root: Path) -> list[str]:
    """The extra ``reference`` of pyproject.toml without what stays out of the locks."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements: list[str] = project["optional-dependencies"]["reference"]
    return [requirement for requirement in requirements if not re.match(rf"{UNLOCKED}\b", requirement)]


def _compile(uv: str, root: Path, name: str, sources: list[str], *, upgrade: bool, text: str = "") -> None:
    target = root / "locks" / f"{name}.txt"
    command = [uv, "pip", "compile", *sources, "--output-file", str(target)]
    command += ["--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes", "--no-annotate", "--quiet"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    command += ["--custom-compile-command", "python3 tools/dev.py lock"]
    if name != "all":
        # The sets share one environment, so they must agree.
        command += ["--constraints", "locks/all.txt"]
    if upgrade:
        command.append("--upgrade")
    with step(f"locks/{name}.txt"):
        if subprocess.run(command, cwd=root, input=text, text=True, check=False).returncode != 0:
            raise CommandError(f"locks/{name}.txt could not be resolved", remedy="see the message above")
    _refuse_addresses(target)


def _refuse_addresses(path: Path) -> None:
    """A lock file that names an index would work on one machine only."""
    if "://" in path.read_text(encoding="utf-8"):
        raise CommandError(f"{path} names an address", remedy="unset UV_INDEX_URL and the like, then run it again")


def _of_environment(root: Path) -> str | None:
    scripts = root / ".venv"
    return shutil.which("uv", path=f"{scripts / 'bin'}") or shutil.which("uv", path=f"{scripts / 'Scripts'}")
