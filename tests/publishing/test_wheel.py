"""Wheel: built by the project's own backend, kept while nothing changes, with the extras that examples need."""

import re
import zipfile
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.publishing.wheel import Wheel
from tests.publishing.site import ROOT

PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "halving"
version = "1.2"
requires-python = ">=3.11"

[project.optional-dependencies]
plot = ["matplotlib>=3"]
llama = ["llama-cpp-python>=0.3"]
server = ["llama-cpp-python[server]", "openai"]
all = ["halving[plot,llama]", "matplotlib"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "halving").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "halving" / "__init__.py").write_text("HALF = 0.5\n", encoding="utf-8")
    return folder


def test_wheel_holds_the_package_and_is_built_once(project: Path, tmp_path: Path) -> None:
    wheel = Wheel(project, tmp_path / "cache")
    built = wheel.build()
    assert built.name == "halving-1.2-py3-none-any.whl"
    with zipfile.ZipFile(built) as archive:
        assert archive.read("halving/__init__.py") == b"HALF = 0.5\n"
    changed = built.stat().st_mtime_ns
    assert wheel.build() == built
    assert built.stat().st_mtime_ns == changed
    (project / "halving" / "__init__.py").write_text("HALF = 1 / 2\n", encoding="utf-8")
    with zipfile.ZipFile(wheel.build()) as archive:
        assert archive.read("halving/__init__.py") == b"HALF = 1 / 2\n"
    assert len(list((tmp_path / "cache").rglob("*.whl"))) == 1


def test_extras_are_the_smallest_that_bring_what_is_required(project: Path, tmp_path: Path) -> None:
    wheel = Wheel(project, tmp_path / "cache")
    assert wheel.extras(["llama_cpp", "matplotlib", "numpy"]) == ["llama", "plot"]
    assert wheel.extras([]) == []
    assert Wheel(ROOT, tmp_path / "cache").extras(["llama_cpp", "mlx_lm", "onnxruntime_genai"]) == [
        "genai",
        "llama",
        "mlx",
    ]


def test_project_that_cannot_be_built(project: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no pyproject\.toml"):
        Wheel(tmp_path, tmp_path / "cache").build()
    settings = project / "pyproject.toml"
    settings.write_text(PROJECT.replace('"hatchling.build"', '"no_such_backend"'), encoding="utf-8")
    with pytest.raises(CannotRun, match=re.escape("No module named 'no_such_backend'")):
        Wheel(project, tmp_path / "cache").build()
    assert not list((tmp_path / "cache").rglob("*.whl"))
