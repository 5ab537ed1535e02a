"""Building a documentation with MkDocs as a user does, and serving what was built."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FIXTURE = Path(__file__).with_name("fixture")
ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = ("docs", "snippets", "translations", "overrides", "edgedocs")
HANDBOOK_FILES = ("mkdocs.yml", "pyproject.toml", "README.md", "LICENSE", "definitions.tsv")
ENVIRONMENT = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def copy_fixture(folder: Path) -> Path:
    """A copy of the fixture, free to be changed."""
    return Path(shutil.copytree(FIXTURE, folder / "project"))


def build(project: Path, site: Path | None = None) -> subprocess.CompletedProcess[str]:
    """``mkdocs build --strict`` in a project."""
    return run_python(project, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site or project / "site"))


def build_handbook(folder: Path) -> None:
    """Build the site of a copy of this repository's handbook in ``folder``; the repository stays as it is."""
    for name in HANDBOOK:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in HANDBOOK_FILES:
        shutil.copy(ROOT / name, folder)
    result = build(folder)
    assert result.returncode == 0, result.stderr + result.stdout


def run_python(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in a project, with the settings of a build."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server for the files of a folder; gives its address, without a slash at the end."""
    handler = functools.partial(_Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
