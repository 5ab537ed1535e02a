"""A process that loads a model, reads a prompt, generates, and tells how long it took and how much memory it needed.

Run as ``python -m edgedocs.measurement.fresh_process`` with a JSON object as its only argument: ``model``, ``backend``,
``options``, ``tokens`` to read and ``generate``, a number. It prints a line when the first token is there, then JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgedocs.runners import Runner

FIRST = "first token"


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked; the peak memory of this process so far, in bytes."""
    from edgedocs import runners
    from edgedocs.measurement.speed import extended

    with runners.load(request["model"], backend=request["backend"], **request["options"]) as runner:
        extended(runner, request["tokens"], 1)
        print(FIRST, flush=True)
        extended(runner, request["tokens"], request["generate"])
        return {"peak_memory_bytes": peak_memory(), "cache_bytes": _cache_bytes(runner)}


def _cache_bytes(runner: Runner) -> int | None:
    """How many bytes the key-value cache takes, as the engine tells; None if it does not."""
    from edgedocs.core.errors import CannotRun

    try:
        return runner.memory().get("key_value_cache")
    except CannotRun:
        return None


def peak_memory() -> int | None:
    """The most memory that this process has held, in bytes; None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.is_file():
        # ru_maxrss would count what the parent held when this process was made.
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    from edgedocs.core.errors import EdgeDocsError

    try:
        answer = main(json.loads(sys.argv[1]))
    except EdgeDocsError as error:
        print(json.dumps({"error": error.as_dict()}), flush=True)
        sys.exit(error.exit_code)
    print(json.dumps(answer), flush=True)
