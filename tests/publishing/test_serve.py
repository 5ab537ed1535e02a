"""``mkdocs serve`` follows the sources, although MkDocs itself sees only the staged tree."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.publishing.site import ENVIRONMENT, ROOT, copy_fixture

PATIENCE = 60
"""Seconds; a build takes about one."""


def fetch(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return str(answer.read().decode("utf-8"))
    except (urllib.error.URLError, ConnectionError):
        return ""


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if condition():
            return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize(
    ("file", "old", "new", "address"),
    [
        ("docs/02-later.md", "Not translated yet", "Not yet translated", "cs/02-later/"),
        ("snippets/01-numbers/halve.facts.json", "0.71875", "0.5", "02-later/"),
    ],
)
def test_change_of_a_source_is_served(
    tmp_path: Path, unused_port: int, file: str, old: str, new: str, address: str
) -> None:
    project = copy_fixture(tmp_path)
    log = tmp_path / "log"
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{unused_port}"]
    base = f"http://127.0.0.1:{unused_port}/handbook/"
    shown = {"Not translated yet": ("Not translated yet", "Not yet translated"), "0.71875": ("71.9%", "50.0%")}[old]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=project, env=ENVIRONMENT, stdout=stream, stderr=stream)
    try:
        assert wait_for(lambda: shown[0] in fetch(base + address), process), log.read_text()
        text = (project / file).read_text(encoding="utf-8")
        (project / file).write_text(text.replace(old, new), encoding="utf-8", newline="\n")
        assert wait_for(lambda: shown[1] in fetch(base + address), process), log.read_text()
        time.sleep(2)
        builds = log.read_text(encoding="utf-8", errors="replace").count("Building documentation...")
        assert builds == 2, "the staged tree must not be watched: each build writes it"
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_one_language_is_served_and_what_is_wrong_does_not_end_it(tmp_path: Path, unused_port: int) -> None:
    project = copy_fixture(tmp_path)
    log = tmp_path / "log"
    options = ["--language", "cs", "--port", str(unused_port)]
    environment = {**ENVIRONMENT, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    base = f"http://127.0.0.1:{unused_port}/handbook/"
    page = project / "translations" / "cs" / "index.md"
    with log.open("wb") as stream:
        command = [sys.executable, "-m", "edgedocs", "site", "serve", *options]
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=stream, stderr=stream)
    try:
        assert wait_for(lambda: "Malá dokumentace" in fetch(base + "cs/"), process), log.read_text()
        assert fetch(base) == "", "English is not built"
        text = page.read_text(encoding="utf-8")
        broken = text.replace("Malá", "Menší").replace("#bits", "#bytes")
        page.write_text(broken, encoding="utf-8", newline="\n")
        assert wait_for(lambda: "Menší dokumentace" in fetch(base + "cs/"), process), log.read_text()
        assert wait_for(lambda: "error: translations/cs/index.md:3: " in log.read_text(encoding="utf-8"), process)
        page.write_text(text.replace("Malá", "Krátká"), encoding="utf-8", newline="\n")
        assert wait_for(lambda: "Krátká dokumentace" in fetch(base + "cs/"), process), log.read_text()
    finally:
        process.terminate()
        process.wait(timeout=30)
