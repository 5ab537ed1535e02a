"""Speed and memory: what is counted is what happens, and memory is what formulas and the system say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgedocs import converters, runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.measurement import speed
from edgedocs.measurement.bandwidth import Spread, bandwidth, roofline
from edgedocs.measurement.speed import extended, fresh_process, some_tokens
from tests.requirements import require


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return speed("tiny", prompt=40, generate=8, repeats=3, threads=[1, 2])


def test_all_is_measured_for_each_number_of_threads(measured: dict[str, Any]) -> None:
    assert [one["threads"] for one in measured["sweep"]] == [1, 2]
    for one in measured["sweep"]:
        for name in ("prefill", "decode", "first_token_seconds", "bandwidth"):
            assert 0 < one[name]["low"] <= one[name]["median"] <= one[name]["high"]
        # A token is read among many faster than alone.
        assert one["prefill"]["median"] > one["decode"]["median"]
        assert one["first_token_seconds"]["median"] >= 40 / one["prefill"]["high"] * 0.9
        assert one["roofline"] == one["bandwidth"]["median"] / measured["weights_bytes"]
    # The process starts Python, imports the engine and converts the checkpoint first.
    assert measured["cold_start_seconds"]["low"] > measured["sweep"][0]["first_token_seconds"]["high"]


def test_memory_is_that_of_the_weights_at_least(measured: dict[str, Any]) -> None:
    # The checkpoint is loaded as float32, with 2 rotary tables of 512 x 32.
    assert measured["weights_bytes"] == pytest.approx(4 * 4196608, rel=0.02)
    assert measured["peak_memory_bytes"] > measured["weights_bytes"]
    assert measured["peak_memory_bytes"] < 2**31


def test_the_cache_of_onnx_runtime_is_as_large_as_the_formula_says(measured: dict[str, Any]) -> None:
    # 4 layers, a key and a value, 2 heads of 64 numbers, 4 bytes.
    assert measured["cache"]["bytes_a_token"] == 4 * 2 * 2 * 64 * 4
    assert measured["cache"]["reported_bytes"] == measured["cache"]["held_bytes"] == (40 + 8 - 1) * 4096


def test_the_cache_of_llama_cpp_is_as_large_as_the_formula_says(tmp_path: Path) -> None:
    require("llama_cpp")
    path = converters.convert("tiny", tmp_path / "tiny.gguf", type="q4_0").path
    for kv_cache, size in (("f16", 2), ("f32", 4)):
        with runners.load(path, kv_cache=kv_cache, threads=1) as runner:
            assert runner.memory()["key_value_cache"] == 4 * 2 * 2 * 64 * size * 512
    found = speed(path, prompt=20, generate=2, repeats=1)
    assert found["cache"]["reported_bytes"] == found["cache"]["context_bytes"] == 2**20
    assert found["backend"] == "llama_cpp"


def test_generating_step_by_step_is_what_generate_does() -> None:
    with runners.load("tiny", threads=1) as runner:
        tokens = runner.tokenize("Click the")
        times = extended(runner, tokens, 5)
        assert len(times) == 5
        assert min(times) > 0
        # Four tokens were appended to the prompt: the cache holds what the text of the greedy continuation has.
        held = runner.memory()["key_value_cache"]
        assert held == (len(tokens) + 4) * 4096
        assert some_tokens(runner, 7) == some_tokens(runner, 7)
        assert not set(some_tokens(runner, 600)) & runner.end_tokens


def test_the_peak_is_that_of_the_process_alone() -> None:
    """A parent with much memory does not count: a child that holds 64 MiB more than another shows just that."""
    ballast = np.ones(2**28, np.uint8)
    code = (
        "import sys; from edgedocs.measurement.fresh_process import peak_memory; "
        "held = b'x' * int(sys.argv[1]); print(peak_memory())"
    )
    peaks = [
        int(subprocess.run([sys.executable, "-c", code, str(size)], capture_output=True, check=True).stdout)
        for size in (0, 2**26)
    ]
    assert peaks[0] < ballast.nbytes
    assert peaks[1] - peaks[0] == pytest.approx(2**26, rel=0.05)


def test_bandwidth_is_of_the_order_that_memory_has() -> None:
    found = bandwidth(1, size=2**26, repeats=3)
    assert 2e8 < found.low <= found.median <= found.high < 1e12
    assert roofline(12e9, 3_000_000_000) == 4
    with pytest.raises(BadInput, match="0 threads"):
        bandwidth(0)


def test_a_spread_by_hand() -> None:
    assert Spread.of([4.0, 1.0, 3.0, 2.0, 5.0]) == Spread(3.0, 2.0, 4.0, 5)
    assert Spread.of([2.0]) == Spread(2.0, 2.0, 2.0, 1)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"threads": [0]}, "below 1"),
        ({"repeats": 0}, "below 1"),
        ({"prompt": 500, "generate": 100}, "at most 512 together"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        speed("tiny", **options)


def test_a_process_that_fails_or_is_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = {"model": str(tmp_path / "none"), "backend": "onnxruntime", "options": {}, "tokens": [1], "generate": 1}
    with pytest.raises(CannotRun, match="no such model"):
        fresh_process(request)
    # As the system does when memory is short.
    killer = tmp_path / "python"
    killer.write_text("#!/bin/sh\nkill -9 $$\n", encoding="utf-8")
    killer.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(killer))
    with pytest.raises(CannotRun, match=r"ended with status -9\nremedy: if memory was short"):
        fresh_process(request)


def test_the_document_is_json(measured: dict[str, Any]) -> None:
    assert json.loads(json.dumps(measured)) == measured
