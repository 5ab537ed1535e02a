"""The commands by name: they are listed, they agree with the Makefile and the hooks, and they refuse politely."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.tasks.checks import LINTS
from tools.tasks.commands import parser, run

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "tools" / "dev.py"


def commands() -> set[str]:
    actions = parser()._subparsers._group_actions  # argparse has no public way to ask
    return set(actions[0].choices)


def test_help_lists_every_command() -> None:
    result = subprocess.run([sys.executable, str(DEV), "help"], capture_output=True, text=True, check=True)
    assert set(re.findall(r"^    ([a-z-]+)(?: |$)", result.stdout, re.MULTILINE)) == commands()


def test_no_command_means_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ROOT, []) == 0
    assert "usage:" in capsys.readouterr().out


def test_unknown_command_is_a_usage_error() -> None:
    result = subprocess.run([sys.executable, str(DEV), "tset"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "invalid choice: 'tset'" in result.stderr


def test_unknown_lint_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ROOT, ["lint", "mypi"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: unknown check: mypi\nremedy: ")
    assert all(name in error for name in LINTS)


def test_impossible_port_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as stopped:
        run(ROOT, ["site", "--port", "70000"])
    assert stopped.value.code == 2


def test_an_old_python_is_told_what_to_do() -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 8, 10); sys.argv = ['tools/dev.py', 'site']; "
    command = [sys.executable, "-c", pretend + f"runpy.run_path({str(DEV)!r}, run_name='__main__')"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 3
    assert result.stderr.startswith("error: EdgeDocs needs Python 3.11 or newer; this is Python 3.8")
    assert "\nremedy: " in result.stderr


def test_makefile_has_every_command() -> None:
    line = re.search(r"^COMMANDS := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    assert set(line[1].split()) == commands()


def test_hooks_are_the_lints() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"]
    entries = [hook["entry"] for hook in hooks[0]["hooks"]]
    assert entries == [f"python tools/dev.py lint {name}" for name in LINTS]
