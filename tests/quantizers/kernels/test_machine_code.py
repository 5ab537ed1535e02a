"""Where compiled kernels are kept: found again, shared, and never in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.quantizers import kernels
from tests import requirements

PROGRAM = """
import numpy as np
from edgedocs.quantizers.kernels import finite
print(finite.all_finite(np.ones(64, np.float32)), finite.all_finite(np.full(64, np.nan, np.float32)))
print("loaded" if sum(finite.all_finite.compiled.stats.cache_hits.values()) else "compiled")
"""


@pytest.fixture(autouse=True)
def _needs_numba() -> None:
    requirements.require("numba")


def start(**environment: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("EDGEDOCS_CACHE_DIR", "XDG_CACHE_HOME")}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=kept | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(kernels.__file__).parents[3],
    )


def outcome(process: subprocess.Popen[str]) -> str:
    """``loaded`` or ``compiled``; the answers of the kernel are right either way, and nothing is said."""
    output, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    answers, how = output.splitlines()
    assert answers == "True False"
    return how


def test_the_second_process_finds_what_the_first_compiled(tmp_path: Path) -> None:
    assert outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path))) == "compiled"
    assert outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path))) == "loaded"


def test_a_home_has_it_in_its_cache(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    assert outcome(start(**home)) == "compiled"
    assert outcome(start(**home)) == "loaded"
    assert list(tmp_path.rglob("*.nbc"))


def test_two_processes_at_a_time(tmp_path: Path) -> None:
    both = [start(EDGEDOCS_CACHE_DIR=str(tmp_path)) for _ in range(2)]
    assert {outcome(process) for process in both} <= {"compiled", "loaded"}
    assert outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path))) == "loaded"


@pytest.mark.skipif(os.name == "nt", reason="its homes are elsewhere")
@pytest.mark.parametrize("home", ["", "/dev/null", "/proc"])
def test_a_home_that_is_missing_or_read_only_does_no_harm(home: str) -> None:
    assert outcome(start(HOME=home)) == "compiled"


def test_torn_files_are_compiled_again(tmp_path: Path) -> None:
    outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path)))
    for suffix in ("nbc", "nbi"):
        for path in tmp_path.rglob(f"*.{suffix}"):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path)))


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path)))
    (folder,) = (tmp_path / "kernels").iterdir()
    folder.chmod(0o777)
    assert outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path))) == "compiled"


def test_a_change_of_any_source_is_another_version(tmp_path: Path) -> None:
    from edgedocs.quantizers.kernels.machine_code import version_of

    sources = tmp_path / "kernels"
    shutil.copytree(Path(kernels.__file__).parent, sources)
    before = version_of(sources)
    assert before == version_of(Path(kernels.__file__).parent)
    with (sources / "rounding.py").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert version_of(sources) != before
