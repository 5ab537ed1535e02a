"""Where compiled kernels are kept: found again, shared, and never in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgedocs.quantizers import kernels
from edgedocs.quantizers.kernels import machine_code
from tests import requirements

PROGRAM = """
import numpy as np
import sys
from edgedocs.quantizers.kernels import all_finite
print(all_finite(np.ones(64, np.float32)), all_finite(np.full(64, np.nan, np.float32)))
print("compiled" if "numba" in sys.modules else "loaded")
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
    assert list(tmp_path.rglob("*.o"))


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
    (path,) = tmp_path.rglob("*.o")
    for damaged in (path.read_bytes()[: path.stat().st_size // 2], b"", path.read_bytes()[:-1] + b"?"):
        path.write_bytes(damaged)
        assert outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path))) == "compiled"
        assert outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path))) == "loaded"


@pytest.mark.parametrize("name", ["shared", *sorted(kernels.available())])
def test_every_kernel_can_be_kept(name: str) -> None:
    from edgedocs.quantizers.kernels import linking

    folder = machine_code.folder()
    if folder is None:
        pytest.skip("no folder to keep kernels in")
    for code in kernels.SHARED if name == "shared" else kernels.load(name).tasks.values():
        code.loaded()
        assert (folder / linking.processor() / f"{code.module}.{code.name}.o").is_file()


def test_code_that_cannot_stand_for_itself_works_where_numba_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from edgedocs.quantizers.kernels import linking

    def refuse(*_: object) -> bytes:
        raise linking.NotSelfContainedError("some_function")

    monkeypatch.setattr(linking, "object_file", refuse)
    monkeypatch.setattr(machine_code, "kept", lambda name: None)
    code = kernels.Code("finite", "all_finite")
    assert [code(np.full(64, value, np.float32)) for value in (1, np.nan)] == [True, False]


def test_code_that_calls_what_is_unknown_is_not_kept() -> None:
    from edgedocs.quantizers.kernels import linking

    assembly = "declare i32 @puts(ptr)\ndefine i1 @entry() {\n  %done = call i32 @puts(ptr null)\n  ret i1 true\n}\n"
    with pytest.raises(linking.NotSelfContainedError, match="puts"):
        linking.object_file(assembly, "entry")
    with pytest.raises(linking.NotSelfContainedError):
        linking.object_file("this is no code", "entry")


@pytest.mark.parametrize(
    "weights",
    [
        np.ones(64, np.float64),
        np.ones((4, 16), np.float32),
        np.ones(128, np.float32)[::2],
        np.ones(64, np.float32).astype(">f4"),
    ],
)
def test_arrays_of_another_kind_are_refused(weights: np.ndarray) -> None:
    with pytest.raises(TypeError, match="a kernel needs an array"):
        kernels.all_finite(weights)


def test_what_must_not_change_is_not_written() -> None:
    halves, weights = np.ones(16, np.uint16), np.ones(16, np.float32)
    weights.flags.writeable = False
    with pytest.raises(TypeError, match="a kernel needs an array"):
        kernels.Code("widening", "widen_float16")(halves, weights)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path)))
    (folder,) = (tmp_path / "kernels").iterdir()
    folder.chmod(0o777)
    assert outcome(start(EDGEDOCS_CACHE_DIR=str(tmp_path))) == "compiled"


def test_a_change_of_any_source_is_another_version(tmp_path: Path) -> None:
    sources = tmp_path / "kernels"
    shutil.copytree(Path(kernels.__file__).parent, sources)
    before = machine_code.version_of(sources)
    assert before == machine_code.version_of(Path(kernels.__file__).parent)
    with (sources / "rounding.py").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert machine_code.version_of(sources) != before
