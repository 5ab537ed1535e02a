"""What has to come from the machine: a C++ compiler, a browser, npm; and installing them, on a CI machine only."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.tasks.console import CommandError, call, step

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPILERS = ("c++", "g++", "clang++", "cl")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def compiler(variables: Mapping[str, str] = os.environ) -> str | None:
    """The C++ compiler that would be used, or None."""
    search = variables.get("PATH", "")
    chosen = variables.get("CXX", "").split()[:1]
    for name in (*chosen, *COMPILERS):
        found = shutil.which(name, path=search)
        if found is not None and _works(found):
            return found
    return _visual_studio(variables)


def require_compiler() -> str:
    """The C++ compiler; without one the command stops, and says where to get it."""
    found = compiler()
    if found is None:
        raise CommandError(
            "no C++ compiler found, and llama-cpp-python, which the tests verify against, is compiled on installing",
            remedy="install one (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++; macOS: xcode-select "
            "--install; Windows: Visual Studio Build Tools with C++). `site` and the plain package need none.",
        )
    return found


def browser() -> str | None:
    """The path of a Chromium, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def require_browser() -> str:
    """The path of a Chromium; without one the command stops."""
    found = browser()
    if found is None:
        raise CommandError("no Chromium found", remedy="install it (Debian: apt install chromium)")
    return found


def can_make_environments() -> bool:
    """Whether this Python has all of its venv module; Debian's own keeps a part of it in a package apart."""
    return importlib.util.find_spec("ensurepip") is not None


def on_ci() -> bool:
    """Whether this is a CI machine, where system packages may be installed."""
    return os.environ.get("CI") == "true"


def install_missing(*, need_compiler: bool) -> None:
    """Install by apt-get what is missing of compiler, browser, npm and venv; does nothing unless on a CI machine."""
    missing = [] if browser() else ["chromium"]
    if shutil.which("npm") is None:
        missing.append("npm")
    if need_compiler and compiler() is None:
        missing.append("g++")
    if not can_make_environments():
        missing.append("python3-venv")
    if not missing or not on_ci():
        return
    if shutil.which("apt-get") is None:
        raise CommandError(
            f"missing {', '.join(missing)}, and there is no apt-get", remedy="install them on the CI machine"
        )
    with step(f"apt-get install {' '.join(missing)}"):
        prefix = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        if hasattr(os, "geteuid") and os.geteuid() != 0:
            prefix = ["sudo", "--non-interactive", *prefix]
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            if call([*prefix, *arguments], folder=Path.cwd()) != 0:
                raise CommandError(f"apt-get {arguments[0]} failed", remedy="see the message above")


def _works(path: str) -> bool:
    """On macOS the command is there even when the tools behind it are not."""
    if sys.platform != "darwin":
        return True
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def _visual_studio(variables: Mapping[str, str]) -> str | None:
    """On Windows CMake finds Visual Studio by its installer's helper, not on the path."""
    programs = variables.get("ProgramFiles(x86)")
    helper = Path(programs or "", "Microsoft Visual Studio", "Installer", "vswhere.exe")
    return str(helper) if programs and helper.exists() else None
