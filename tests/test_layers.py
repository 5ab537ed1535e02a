"""The layers are kept, the contracts that say so do bite, and no module stands outside them."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools.tasks.checks import LINTS

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
# The entry point of `python -m edgedocs`, and the training scripts beside the shipped model: nothing imports them.
OUTSIDE = {"__main__", "tiny"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *LINTS["layers"]]
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONUTF8": "1"}
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8", check=False
    )


def modules_in_contracts() -> set[str]:
    return {name for contract in CONTRACTS for key in ("source_modules", "forbidden_modules") for name in contract[key]}


def test_layers_are_kept() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["name"])
def test_a_forbidden_import_is_found(contract: dict[str, list[str]], tmp_path: Path) -> None:
    for name in ["edgedocs", *modules_in_contracts()]:
        package = tmp_path.joinpath(*name.split("."))
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
    importer = tmp_path.joinpath(*contract["source_modules"][-1].split("."), "deep.py")
    importer.write_text(f"import {contract['forbidden_modules'][-1]}\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())

    result = lint_imports(tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contract['name']} BROKEN" in result.stdout


def test_every_module_stands_in_a_layer() -> None:
    package = ROOT / "edgedocs"
    found = {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/__init__.py")}
    named = {name.removeprefix("edgedocs.") for name in modules_in_contracts()}
    assert found - {"__init__"} - named == OUTSIDE
