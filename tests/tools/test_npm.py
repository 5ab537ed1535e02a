"""Packages of npm come once, by the lock file; without npm the command ends only where nothing may be skipped."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.requirements import NPM_PACKAGES
from tools.tasks import npm
from tools.tasks.console import CommandError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / npm.FOLDER
    folder.mkdir(parents=True)
    (folder / npm.LOCK).write_text("{}", encoding="utf-8")
    return tmp_path / "repository"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """A machine with an npm that makes its folder and does nothing else; the commands that it was given."""
    noted: list[list[str]] = []

    def call(command: list[str], *, folder: Path) -> int:
        noted.append(command)
        (folder / npm.MODULES).mkdir(exist_ok=True)
        return 0

    monkeypatch.setattr(npm, "call", call)
    program = tmp_path / ("npm.exe" if sys.platform == "win32" else "npm")
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    return noted


def test_a_second_time_installs_nothing_and_a_changed_lock_does(root: Path, calls: list[list[str]]) -> None:
    npm.provide(root, required=True)
    npm.provide(root, required=True)
    assert [command[1:3] for command in calls] == [["ci", "--ignore-scripts"]]
    (root / npm.FOLDER / npm.LOCK).write_text('{"lockfileVersion": 3}', encoding="utf-8")
    npm.provide(root, required=True)
    assert len(calls) == 2


def test_without_npm(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    npm.provide(root, required=False)
    assert "npm is not installed: the tests that need packages of npm are skipped" in capsys.readouterr().out
    with pytest.raises(CommandError, match="npm is not installed") as caught:
        npm.provide(root, required=True)
    assert caught.value.exit_code == 3


def test_a_failed_installation_is_tried_again(
    root: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npm, "call", lambda command, folder: 1)
    with pytest.raises(CommandError, match="npm ci failed"):
        npm.provide(root, required=True)
    npm.provide(root, required=False)
    assert not (root / npm.FOLDER / npm.MODULES).exists()


def test_versions_are_pinned_and_locked_by_hash() -> None:
    assert ROOT / npm.FOLDER == NPM_PACKAGES
    wanted = json.loads((NPM_PACKAGES / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((NPM_PACKAGES / npm.LOCK).read_text(encoding="utf-8"))["packages"]
    assert "axe-core" in wanted
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    for path, package in locked.items():
        assert not path or package["integrity"].startswith("sha512-")
        assert "resolved" not in package, "an address would tie the lock to one registry"
