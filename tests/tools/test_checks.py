"""All checks run to their end, the tests come last, and a failure anywhere is a failure of the whole."""

from pathlib import Path

import pytest

from tools.tasks import checks, npm, system, website
from tools.tasks.checks import LINTS
from tools.tasks.console import CommandError
from tools.tasks.environment import Environment


@pytest.fixture(autouse=True)
def npm_required(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether packages of npm were required, each time that they were provided."""
    noted: list[bool] = []
    monkeypatch.setattr(npm, "provide", lambda root, required: noted.append(required))
    return noted


class Fake(Environment):
    """Notes what would be run; the commands whose text holds a word of ``failing`` fail."""

    def __init__(self, root: Path, *failing: str) -> None:
        super().__init__(root)
        self.failing = failing
        self.provided: list[str] = []
        self.commands: list[str] = []
        self.more: dict[str, str] = {}

    def provide(self, name: str) -> None:
        self.provided.append(name)

    def run(self, *arguments: str | Path, **more: str) -> int:
        command = " ".join(str(argument) for argument in arguments)
        self.commands.append(command)
        self.more |= more
        return int(any(word in command for word in self.failing))


def test_everything_runs_and_the_tests_come_last(tmp_path: Path, npm_required: list[bool]) -> None:
    environment = Fake(tmp_path)
    assert checks.test(environment, everything=False, arguments=["-x"]) == 0
    assert npm_required == [False]
    assert environment.provided == ["test"] * len(environment.provided)
    assert environment.commands == [
        *(" ".join(lint) for lint in LINTS.values()),
        f"-m pytest tests docs --no-cache {' '.join(checks.WORKERS)} -x",
    ]


@pytest.mark.parametrize("failing", ["ruff check", "ruff format", "mypy", "importlinter", "pytest"])
def test_one_failure_fails_the_whole_and_stops_nothing(failing: str, tmp_path: Path) -> None:
    environment = Fake(tmp_path, failing)
    assert checks.test(environment, everything=False, arguments=[]) == 1
    assert len(environment.commands) == len(LINTS) + 1


def test_failed_lints_are_named_before_the_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checks.test(Fake(tmp_path, "mypy", "ruff check"), everything=False, arguments=[])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "==> tests and examples"
    assert "FAILED, see above: ruff, mypy" in lines[-2]


def test_everything_means_nothing_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, npm_required: list[bool]
) -> None:
    monkeypatch.setattr(system, "install_missing", lambda need_compiler: None)
    monkeypatch.setattr(system, "require_browser", lambda: "chromium")
    environment = Fake(tmp_path)
    checks.test(environment, everything=True, arguments=[])
    assert npm_required == [True]
    assert "reference" in environment.provided
    assert environment.more == {"EDGEDOCS_REQUIRE_ALL": "1"}
    assert environment.commands[-1].startswith("-m pytest tests docs --no-cache")
    assert environment.commands[-1].endswith("--require-all")


def test_lint_alone_names_what_failed(tmp_path: Path) -> None:
    environment = Fake(tmp_path, "mypy")
    assert checks.lint_only(environment, ["ruff"]) == 0
    with pytest.raises(CommandError, match="failed: mypy") as caught:
        checks.lint_only(environment, ["ruff", "mypy"])
    assert caught.value.exit_code == 1


def test_the_site_is_built_strictly(tmp_path: Path) -> None:
    environment = Fake(tmp_path)
    assert website.site(environment, port=0, serve=False) == 0
    assert environment.provided == ["site"]
    assert "mkdocs build --strict" in environment.commands[0]


def test_a_site_that_does_not_build_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not built") as caught:
        website.site(Fake(tmp_path, "mkdocs"), port=0, serve=True)
    assert caught.value.exit_code == 1
