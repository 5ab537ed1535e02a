"""The gate for other projects: the hooks of pre-commit, and the job that the documentation shows."""

import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from edgedocs.publishing.scaffolding import scaffold
from tests import requirements
from tests.translation.trees import edit

ROOT = Path(__file__).parents[2]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}


def run(folder: Path, entry: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What pre-commit runs, in the project's root."""
    program, *rest = shlex.split(entry)
    assert program == "edgedocs"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "edgedocs", *rest, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=120
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return scaffold(tmp_path / "mine", ["cs"]).path


def test_hooks_have_what_pre_commit_asks_for() -> None:
    assert set(HOOKS) == {"edgedocs-translate-status", "edgedocs-translate-check"}
    for hook in HOOKS.values():
        assert {"id", "name", "entry", "language", "files"} <= hook.keys()
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)


def test_hooks_bring_what_the_checks_need() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = document["project"]["optional-dependencies"]["translate"]
    assert sorted(HOOKS["edgedocs-translate-check"]["additional_dependencies"]) == sorted(needed)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_clean_project_passes(project: Path, hook: str) -> None:
    result = run(project, HOOKS[hook]["entry"])
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("hook", HOOKS)
def test_a_changed_source_fails(project: Path, hook: str) -> None:
    edit(project / "docs" / "index.md", "# A site that runs", "# A site that always runs")
    result = run(project, HOOKS[hook]["entry"])
    assert result.returncode == 1, result.stdout + result.stderr
    assert "index.md" in result.stdout


def test_damage_fails_the_check(project: Path) -> None:
    edit(project / "translations" / "cs" / "index.md", "Malá dokumentace", "MalÃ¡ dokumentace")
    result = run(project, HOOKS["edgedocs-translate-check"]["entry"])
    assert result.returncode == 1
    assert "mojibake" in result.stdout


def test_arguments_name_other_folders(project: Path) -> None:
    (project / "docs").rename(project / "pages")
    for hook in HOOKS.values():
        assert run(project, hook["entry"]).returncode == 2
        result = run(project, hook["entry"], "--source", "pages", "--translations", "translations")
        assert result.returncode in (0, 1), result.stderr


def test_pre_commit_runs_them(project: Path) -> None:
    requirements.require("pre_commit")
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    subprocess.run(command, cwd=project, check=True)


def test_the_job_that_is_shown_runs(project: Path) -> None:
    page = (ROOT / "docs" / "project" / "translation.md").read_text(encoding="utf-8")
    block = page.partition("{#actions ")[2].partition("\n")[2].partition("```")[0]
    steps = [step["run"] for step in yaml.safe_load(block)["steps"] if "run" in step]
    assert steps == ['pip install "edgedocs[translate]"', "edgedocs translate check --github"]
    result = run(project, steps[1])
    assert result.returncode == 0, result.stdout + result.stderr
    edit(project / "docs" / "index.md", "# A site that runs", "# A site that always runs")
    result = run(project, steps[1])
    assert result.returncode == 1
    assert any(line.startswith(("::error", "::warning")) and "index.md" in line for line in result.stdout.splitlines())
