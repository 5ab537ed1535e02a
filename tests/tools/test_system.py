"""Looking for a compiler and a browser, and when the machine may be changed."""

import os
import stat
import sys
from pathlib import Path

import pytest

from tests.requirements import BROWSERS
from tools.tasks import system
from tools.tasks.console import CommandError


def program(folder: Path, name: str) -> Path:
    path = folder / (f"{name}.exe" if os.name == "nt" else name)
    path.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_no_compiler_on_an_empty_path(tmp_path: Path) -> None:
    assert system.compiler({"PATH": str(tmp_path)}) is None


def test_the_compiler_on_the_path_is_found(tmp_path: Path) -> None:
    expected = program(tmp_path, "clang++")
    assert system.compiler({"PATH": str(tmp_path)}) == str(expected)


def test_the_compiler_that_was_chosen_comes_first(tmp_path: Path) -> None:
    program(tmp_path, "g++")
    chosen = program(tmp_path, "my-compiler")
    assert system.compiler({"PATH": str(tmp_path), "CXX": "my-compiler -m64"}) == str(chosen)


def test_visual_studio_is_found_by_its_installer(tmp_path: Path) -> None:
    helper = tmp_path / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    helper.parent.mkdir(parents=True)
    helper.touch()
    assert system.compiler({"PATH": "", "ProgramFiles(x86)": str(tmp_path)}) == str(helper)


def test_browsers_are_those_that_the_tests_look_for() -> None:
    assert system.BROWSERS == BROWSERS


def test_a_missing_browser_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="no Chromium") as caught:
        system.require_browser()
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("ci", [None, "", "false", "1"])
def test_system_packages_are_left_alone_off_ci(ci: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = record(monkeypatch, tmp_path, ci)
    system.install_missing(need_compiler=True)
    assert commands == []


@pytest.mark.skipif(sys.platform == "win32", reason="apt-get is for Debian and its kin")
def test_ci_installs_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = record(monkeypatch, tmp_path, "true")
    program(tmp_path, "apt-get")
    monkeypatch.setattr(system, "can_make_environments", lambda: False)
    system.install_missing(need_compiler=True)
    assert [command[command.index("-qq") + 1] for command in commands] == ["update", "install"]
    assert commands[1][-4:] == ["chromium", "npm", "g++", "python3-venv"]


def test_ci_installs_nothing_that_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = record(monkeypatch, tmp_path, "true")
    for name in ("chromium", "npm", "g++"):
        program(tmp_path, name)
    system.install_missing(need_compiler=True)
    assert commands == []


def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str | None) -> list[list[str]]:
    """Make a machine that has only what ``tmp_path`` holds, and note the commands that would be run."""
    commands: list[list[str]] = []

    def call(command: list[str], *, folder: Path) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(system, "call", call)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.delenv("ProgramFiles(x86)", raising=False)
    if ci is None:
        monkeypatch.delenv("CI", raising=False)
    else:
        monkeypatch.setenv("CI", ci)
    return commands
