"""``edgedocs warmup``, the engine by name, and what is said while kernels are compiled."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from edgedocs.quantizers import kernels
from tests import requirements
from tests.cli.test_main import edgedocs


def test_compiles_once_and_says_where(tmp_path: Path) -> None:
    requirements.require("numba")
    done = edgedocs("warmup", "Q8_0", "--json", EDGEDOCS_CACHE_DIR=str(tmp_path), EDGEDOCS_ENGINE="")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found["formats"]) == ["q8_0"]
    assert Path(found["folder"]).is_relative_to(tmp_path)
    kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.rglob("*.o")}
    assert kept
    again = edgedocs("warmup", "q8_0", EDGEDOCS_CACHE_DIR=str(tmp_path), EDGEDOCS_ENGINE="")
    assert again.returncode == 0
    assert found["folder"].encode() in again.stdout
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.rglob("*.o")} == kept


def test_says_when_nothing_can_be_kept() -> None:
    requirements.require("numba")
    done = edgedocs("warmup", "q8_0", EDGEDOCS_CACHE_DIR="/dev/null", EDGEDOCS_ENGINE="")
    assert done.returncode == 0
    assert b"not kept" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "engine", "code", "message"),
    [
        (["warmup", "q9_z"], "", 2, "no fast code for 'q9_z'"),
        (["warmup"], "numpy", 3, "switched off"),
        (["quantize", "tiny", "x.gguf", "--type", "q4_k_m"], "fast", 2, "EDGEDOCS_ENGINE: unknown engine 'fast'"),
    ],
)
def test_bad_requests(arguments: list[str], engine: str, code: int, message: str) -> None:
    done = edgedocs(*arguments, EDGEDOCS_ENGINE=engine)
    assert done.returncode == code
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_numba_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from edgedocs.core.errors import CannotRun

    monkeypatch.setattr(kernels, "_has_numba", lambda: False)
    monkeypatch.setenv(kernels.VARIABLE, "")
    assert kernels.engine() == "numpy"
    monkeypatch.setenv(kernels.VARIABLE, "numba")
    with pytest.raises(CannotRun, match=r"Numba is not installed.*\n.*edgedocs\[fast\]"):
        kernels.engine()


def test_long_compiling_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    requirements.require("numba")
    from edgedocs.quantizers.kernels import compiling, machine_code

    monkeypatch.setattr(machine_code, "folder", lambda: None)
    monkeypatch.setattr(compiling, "PATIENCE", 0.01)
    with caplog.at_level(logging.INFO, "edgedocs.quantizers.kernels"):
        assert kernels.Code("finite", "all_finite")(np.ones(16, np.float32))
    assert "compiling fast code for FINITE (all_finite)" in caplog.text
