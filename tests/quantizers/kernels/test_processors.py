"""Kernels give the same bytes as NumPy with the instructions of every processor that this one can stand for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.quantizers import kernels
from tests import requirements

PROCESSORS = {"SSE2": "x86-64", "AVX2": "haswell", "AVX-512": "skylake-avx512"}
"""What they have, and LLVM's name of a processor that has it and nothing newer."""

_FLAGS = {"SSE2": "sse2", "AVX2": "avx2", "AVX-512": "avx512f"}

PROGRAM = """
import os, sys
import numpy as np
from edgedocs import quantizers
from edgedocs.core.errors import BadInput
from edgedocs.quantizers import kernels
from tests.quantizers import inputs

def outcome(engine, work):
    os.environ[kernels.VARIABLE] = engine
    try:
        return work().tobytes()
    except BadInput as error:
        return str(error)

quantizer, compared = quantizers.get(sys.argv[1]), 0
even = np.random.default_rng(2).random(inputs.SHAPE[1]).astype(np.float32)
stored = np.random.default_rng(3).integers(0, 256, (64, 512 // quantizer.block_size * quantizer.block_bytes), np.uint8)
for name in inputs.INPUTS:
    weights = inputs.make(name)
    for importance in [None] * (not quantizer.needs_importance) + [even] * quantizer.uses_importance:
        results = {outcome(engine, lambda: quantizer.quantize(weights, importance)) for engine in kernels.ENGINES}
        assert len(results) == 1, (name, importance is None)
        compared += 1
assert len({outcome(engine, lambda: quantizer.dequantize(stored)) for engine in kernels.ENGINES}) == 1
print(compared)
"""


def has(instructions: str) -> bool:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return instructions == "SSE2"
    return _FLAGS[instructions] in text.split()


def newest() -> str:
    """What the other tests run with."""
    return [name for name in PROCESSORS if has(name)][-1]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the kernels are kept: what all formats share is compiled once for each processor."""
    return tmp_path_factory.mktemp("kernels")


@pytest.mark.parametrize("name", sorted(kernels.available()))
@pytest.mark.parametrize("instructions", PROCESSORS)
def test_as_numpy(name: str, instructions: str, cache: Path) -> None:
    requirements.require("numba")
    if not has(instructions):
        pytest.skip(f"needs a processor with {instructions}")
    if instructions == newest():
        pytest.skip("the other tests of kernels use these instructions")
    environment = {"NUMBA_CPU_NAME": PROCESSORS[instructions], "NUMBA_CPU_FEATURES": "", kernels.VARIABLE: "numpy"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, name],
        env=os.environ | environment | {"EDGEDOCS_CACHE_DIR": str(cache)},
        cwd=Path(kernels.__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 36
