"""Surroundings: everything beside an example itself that its outcome depends on, as one hash.

Python, the machine, the installed packages, the content of the package ``edgedocs`` with its data and of packages that
are installed for editing, and the environment variables. What cannot be known is left out: the time, and files that an
example finds by an absolute path. On a reader's own model nothing is kept at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from edgedocs.core.provenance import processor
from edgedocs.examples.evaluation import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE = Path(__file__).parents[1]
"""The installed package ``edgedocs``."""

_FREE = re.compile(
    r"_|PYTHON.*|PYTEST_.*|EDGEDOCS_REQUIRE_ALL|VIRTUAL_ENV.*|(?:OLD)?PWD|SHLVL|COLUMNS|LINES|.*_SOCK"
    r"|MAKE(?:FLAGS|LEVEL|_TERM.*)|MFLAGS|EDITOR|VISUAL|PAGER|LESS\w*|LS_COLORS|COLOR(?:TERM|FGBG)|PS\d|PROMPT_.*"
    r"|HIST(?:CONTROL|FILE|FILESIZE|IGNORE|SIZE|TIMEFORMAT)|STY|WINDOW|WINDOWID|TERM(?:_.*|INAL.*)?|TERMINFO.*"
    r"|(?:DBUS|GNOME_TERMINAL|GPG|ITERM|KITTY|KONSOLE|SSH|TMUX|VSCODE|VTE|WAYLAND|WEZTERM|WT|XDG_SESSION|ZELLIJ)_.*"
    r"|DESKTOP_SESSION|SECURITYSESSIONID|SESSIONNAME|SESSION_MANAGER|TMUX|ZELLIJ|DISPLAY|XDG_SEAT|XDG_VTNR"
)
"""Environment variables that tell terminals and runs apart, not what a program computes."""

_LARGE = 64 * 2**20
"""Bytes; of a larger file only size and times count, as long as it is not a part of ``edgedocs``."""

_NO_PACKAGE = frozenset({"__pycache__", "build", "dist", "docs", "node_modules", "site", "snippets", "test", "tests"})


def surroundings() -> str:
    """The hash of the surroundings as they are now."""
    editable = [root for root in editable_roots() if not PACKAGE.is_relative_to(root)]
    parts: dict[str, Any] = {
        "python": [sys.version, sys.executable, sys.prefix],
        "machine": [platform.system(), platform.release(), platform.machine(), _processor(), os.cpu_count()],
        "distributions": distributions(),
        "edgedocs": tree_digest(PACKAGE, whole=True),
        "editable": [tree_digest(root) for root in editable],
        "variables": variables(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogateescape")).hexdigest()


def variables() -> dict[str, str]:
    """The environment variables that examples see and may depend on."""
    seen = environment(Path("temporary"))
    return {name: value for name, value in sorted(seen.items()) if not _FREE.fullmatch(name)}


def distributions(folders: Iterable[str] | None = None) -> list[str]:
    """The installed distributions, by name, version and time of installation, without reading them.

    Args:
        folders: where to look; by default the folders of ``sys.path`` that hold installed packages.
    """
    found = []
    for folder in _package_folders() if folders is None else folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith((".dist-info", ".egg-info", ".egg-link", ".pth")):
                    found.append(f"{entry.name} {entry.stat().st_mtime_ns}")
    return sorted(found)


def editable_roots(folders: Iterable[str] | None = None) -> list[Path]:
    """The source folders of packages that are installed for editing: their content changes without a new version."""
    roots = set()
    for folder in _package_folders() if folders is None else folders:
        for path in Path(folder).glob("*.dist-info/direct_url.json"):
            try:
                document = json.loads(path.read_bytes())
                if document["dir_info"]["editable"] is True:
                    roots.add(_file_of(document["url"]))
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue
    return [importable for root in sorted(roots) for importable in _importable(root)]


def tree_digest(path: Path, *, whole: bool = False) -> str:
    """The hash of a file, or of all files in a folder with their paths.

    Args:
        path: the file or folder.
        whole: whether the content of large files counts too, not only their sizes and times.
    """
    found = hashlib.sha256()
    for name, file in _files(path):
        found.update(f"{name}\0{_file_digest(file, whole)}\0".encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def program_stamp(program: str) -> str:
    """What tells one version of a program from another: path, size and time of change."""
    try:
        status = Path(program).stat()
    except OSError:
        return program
    return f"{program} {status.st_size} {status.st_mtime_ns}"


def _package_folders() -> list[str]:
    names = ("site-packages", "dist-packages")
    return sorted({folder for folder in sys.path if Path(folder).name in names and Path(folder).is_dir()})


def _file_of(url: str) -> Path:
    """The file of a ``file:`` URL. urllib.request has this too, but loads HTTP and TLS, in each run of the examples."""
    place = urlsplit(url)
    path = unquote(place.path)
    if place.netloc not in ("", "localhost"):
        return Path(f"//{place.netloc}{path}")
    return Path(path[1:] if re.match("/[A-Za-z]:", path) else path)


def _importable(root: Path) -> Iterator[Path]:
    """The packages and modules in a source folder, or in its folder ``src``."""
    for folder in (root, root / "src"):
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            package = (path / "__init__.py").is_file() or (folder.name == "src" and path.is_dir())
            if path.name not in _NO_PACKAGE and not path.name.startswith(".") and (package or path.suffix == ".py"):
                yield path


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_file():
        yield path.name, path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            file = Path(folder, name)
            if file.suffix != ".pyc":
                yield file.relative_to(path).as_posix(), file


_known: dict[Path, tuple[tuple[int, ...], str]] = {}
"""What was hashed in this process already: the state of a file that was hashed, and its hash."""


def _file_digest(path: Path, whole: bool) -> str:
    try:
        status = path.stat()
        state = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if status.st_size > _LARGE and not whole:
            return f"{status.st_size} {status.st_mtime_ns}"
        if path not in _known or _known[path][0] != state:
            with path.open("rb") as stream:
                _known[path] = (state, hashlib.file_digest(stream, "sha256").hexdigest())
        return _known[path][1]
    except OSError as error:
        return f"unreadable: {error.errno}"


@cache
def _processor() -> str:
    return processor()
