"""What happens when writing fails or is interrupted, whatever the format."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from edgedocs import converters
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.core import files
from edgedocs.core.errors import CannotRun
from edgedocs.quantizers import kernels
from tests import requirements
from tests.contract.converters import SUFFIXES
from tests.reference_folder import REFERENCE, copy_of_reference

ALLOWED_MEGABYTES = 300
CONVERT = """
import sys
from pathlib import Path
from edgedocs import converters
before = peak = None
def now():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
converters.convert("tiny", sys.argv[2] + "/warm.gguf", type=sys.argv[3])
before = now()
converters.convert(sys.argv[1], sys.argv[2] + "/out.gguf", type=sys.argv[3])
print(now() - before)
"""


@pytest.fixture
def full_disk() -> object:
    """No file may become larger than 200 kB: what a full disk is to a program, without filling one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("name", converters.registry.names())
def test_a_full_disk_is_one_error_and_leaves_what_was_there(name: str, tmp_path: Path, full_disk: object) -> None:
    target = tmp_path / f"model{SUFFIXES[name]}"
    with pytest.raises(CannotRun, match="cannot write"):
        converters.convert(REFERENCE, target, to=name)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_part_of_a_split_model(tmp_path: Path, full_disk: object) -> None:
    with pytest.raises(CannotRun, match="cannot write"):
        converters.convert(REFERENCE, tmp_path / "m.gguf", type="f32", split=SplitLimit(tensors=12))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", kernels.ENGINES)
@pytest.mark.parametrize("kind", ["f16", "f32", "q8_0"])
def test_memory_of_a_process_stays_below_the_largest_tensor(tmp_path: Path, kind: str, engine: str) -> None:
    """One tensor is large: what the process takes more than for ``tiny`` is less than that tensor as float32."""
    if engine == "numba":
        requirements.require("numba")
    if sys.platform != "linux":
        pytest.skip("the peak of memory is read from /proc")
    folder = copy_of_reference(tmp_path)
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    inner = 2**18
    wide = {name: np.zeros((inner, 64), np.float16) for name in tensors if "mlp.gate" in name or "mlp.up" in name}
    wide |= {name: np.zeros((64, inner), np.float16) for name in tensors if "mlp.down" in name}
    safetensors.numpy.save_file(tensors | wide, folder / "model.safetensors")
    config = files.read_json_object(folder / "config.json")
    files.write_json(folder / "config.json", config | {"intermediate_size": inner})
    command = [sys.executable, "-c", CONVERT, str(folder), str(tmp_path), kind]
    environment = os.environ | {kernels.VARIABLE: engine}  # so that the first conversion loads the engine
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    grown = int(done.stdout) * 1024
    largest = inner * 64 * 4
    assert (tmp_path / "out.gguf").stat().st_size > largest
    assert grown < largest + ALLOWED_MEGABYTES * 10**6 / 3
