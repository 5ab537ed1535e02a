"""The environment is installed once, and again exactly when what it depends on has changed."""

import shutil
import sys
import venv
from pathlib import Path

import pytest

from tools.tasks import system
from tools.tasks.console import CommandError
from tools.tasks.environment import TORCH_INDEX, Environment

LOCKS = ("build", "compile", "site", "test", "reference", "models", "torch")


class Recorder(Environment):
    """Notes what pip would be told, in place of telling it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.installed: list[str] = []
        self.options: list[str] = []

    def _pip(self, *arguments: str | Path) -> None:
        self.installed.append(Path(arguments[-1]).name)
        self.options.extend(str(argument) for argument in arguments)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    repository = tmp_path / "repository"
    (repository / "locks").mkdir(parents=True)
    (repository / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    for name in LOCKS:
        (repository / "locks" / f"{name}.txt").write_text(f"# {name}\n", encoding="utf-8")
    # Without pip this takes a moment, and nothing can be downloaded by accident.
    venv.create(repository / ".venv", with_pip=False)
    (repository / ".venv" / "edgedocs").mkdir()
    return repository


def installed(root: Path, name: str) -> list[str]:
    environment = Recorder(root)
    environment.provide(name)
    return environment.installed


def test_locks_come_in_order_and_the_project_last(root: Path) -> None:
    assert installed(root, "site") == ["build.txt", "site.txt", "repository"]


def test_a_second_time_installs_nothing(root: Path) -> None:
    installed(root, "site")
    assert installed(root, "site") == []


def test_a_changed_lock_is_installed_again(root: Path) -> None:
    installed(root, "site")
    (root / "locks" / "site.txt").write_text("# newer\n", encoding="utf-8")
    assert not Environment(root).has("site")
    assert installed(root, "site") == ["build.txt", "site.txt"]


def test_line_ends_of_a_lock_do_not_matter(root: Path) -> None:
    installed(root, "site")
    (root / "locks" / "site.txt").write_bytes(b"# site\r\n")
    assert installed(root, "site") == []


def test_a_changed_project_is_installed_alone(root: Path) -> None:
    installed(root, "site")
    (root / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert installed(root, "site") == ["repository"]


def test_a_moved_repository_is_installed_again(root: Path) -> None:
    installed(root, "site")
    moved = root.rename(root.with_name("moved"))
    assert installed(moved, "site") == ["build.txt", "site.txt", "moved"]


def test_one_set_does_not_stand_for_another(root: Path) -> None:
    installed(root, "site")
    assert installed(root, "test") == ["build.txt", "compile.txt", "test.txt"]


def test_hashes_and_wheels_are_demanded(root: Path) -> None:
    environment = Recorder(root)
    environment.provide("site")
    assert environment.options.count("--require-hashes") == 2
    assert environment.options.count("--only-binary=:all:") == 2


def test_torch_comes_without_hashes_from_the_index_asked_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TORCH_INDEX, "https://example.org/cpu")
    environment = Recorder(root)
    environment.provide("reference")
    assert environment.installed == ["build.txt", "reference.txt", "models.txt", "torch.txt", "repository"]
    index = environment.options.index("--index-url")
    assert environment.options[index : index + 3] == [
        "--index-url",
        "https://example.org/cpu",
        "-r",
    ]


def test_without_a_compiler_nothing_is_installed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "compiler", lambda: None)
    environment = Recorder(root)
    with pytest.raises(CommandError, match="no C\\+\\+ compiler") as caught:
        environment.provide("test")
    assert caught.value.exit_code == 3
    assert "apt install g++" in str(caught.value.remedy)
    assert environment.installed == []


def test_a_python_that_cannot_make_environments_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "can_make_environments", lambda: False)
    shutil.rmtree(root / ".venv")
    with pytest.raises(CommandError, match="cannot make virtual environments") as caught:
        Environment(root).provide("site")
    assert "python3-venv" in str(caught.value.remedy)


def test_a_failing_pip_stops_and_leaves_no_stamp(root: Path) -> None:
    environment = Environment(root)  # its interpreter has no pip, so pip fails
    with pytest.raises(CommandError, match="pip install failed") as caught:
        environment.provide("site")
    assert caught.value.exit_code == 3
    assert not environment.has("site")


def test_a_broken_interpreter_is_named(root: Path) -> None:
    installed(root, "site")
    python = Environment(root).python
    python.unlink()
    if sys.platform == "win32":
        shutil.copy(shutil.which("hostname") or "", python)
    else:
        python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        python.chmod(0o755)
    with pytest.raises(CommandError, match="does not run"):
        Environment(root).has("site")


def test_its_processes_see_no_other_python(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    variables = Environment(root).variables(EXTRA="1")
    assert "PYTHONPATH" not in variables
    assert variables["EXTRA"] == "1"
    assert variables["PATH"].startswith(str(root / ".venv"))
