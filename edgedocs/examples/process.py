"""Process: one command in a session of its own, within limits, of which nothing stays behind.

The limits hold for native code and for children, since they are watched from outside. Memory is measured as resident
bytes: a limit on address space would stop programs that reserve much and use little, as graphics drivers do.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal

import psutil

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.examples.limits import Limits

MARK = "EDGEDOCS_EXAMPLE_RUN"
"""The environment variable by which processes are found that left the session of their example."""

_INTERVAL = 0.05
_CHILDREN_INTERVAL = 0.25
_DYING = 5
_ERRORS_KEPT = 2**16

Broken = Literal["time", "memory", "output"]


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a command.

    Args:
        status: its exit status; negative for the signal that ended it.
        output: what it wrote to standard output, at most the limit.
        errors: the last 64 KiB of what it wrote to standard error.
        seconds: how long it took.
        broken: the limit that it broke and was killed for, if any.
    """

    status: int
    output: bytes
    errors: bytes
    seconds: float
    broken: Broken | None


def run(command: list[str], folder: Path, environment: dict[str, str], limits: Limits) -> Finished:
    """Run a command in ``folder`` without input, wait for it, and end everything that it started.

    Raises:
        OSError: if it cannot be started.
    """
    mark = uuid.uuid4().hex
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    output = _Reader(process.stdout, limits.output, keep_last=False)
    errors = _Reader(process.stderr, _ERRORS_KEPT, keep_last=True)
    family = _Family(process)
    broken: Broken | None = None
    try:
        while process.poll() is None and broken is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(min(_INTERVAL, max(0.001, limits.seconds - (time.monotonic() - start))))
            broken = _broken_limit(limits, time.monotonic() - start, family, output)
        seconds = time.monotonic() - start
    finally:
        family.end(mark)
        output.join()
        errors.join()
    if output.overflowed:
        broken = "output"
    return Finished(process.wait(), output.kept, errors.kept, seconds, broken)


def _broken_limit(limits: Limits, seconds: float, family: _Family, output: _Reader) -> Broken | None:
    if output.overflowed:
        return "output"
    if family.process.poll() is not None:
        return None
    if seconds >= limits.seconds:
        return "time"
    return "memory" if family.memory() > limits.memory else None


class _Reader:
    """Drains a pipe in a thread, keeping the first or the last ``limit`` bytes."""

    def __init__(self, stream: IO[bytes], limit: int, keep_last: bool) -> None:
        self.kept = b""
        self.overflowed = False
        self._stream = stream
        self._limit = limit
        self._keep_last = keep_last
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until the pipe has ended, which it has when all that could write to it are dead."""
        self._thread.join(timeout=5)
        self._stream.close()

    def _drain(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(self._stream.fileno(), 2**16):
                joined = self.kept + data
                self.kept = joined[-self._limit :] if self._keep_last else joined[: self._limit]
                self.overflowed = self.overflowed or (len(joined) > self._limit and not self._keep_last)


class _Family:
    """A process and its descendants."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._members: dict[int, psutil.Process] = {}
        self._looked = 0.0
        with contextlib.suppress(psutil.Error):
            self._members[process.pid] = psutil.Process(process.pid)

    def memory(self) -> int:
        """Resident bytes of all of them."""
        now = time.monotonic()
        if now - self._looked >= _CHILDREN_INTERVAL:
            self._looked = now
            self._look()
        total = 0
        for member in self._members.values():
            with contextlib.suppress(psutil.Error):
                total += member.memory_info().rss
        return total

    def end(self, mark: str) -> None:
        """Kill all of them, also those that have left the session."""
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self._look()
        found = [*self._members.values(), *_marked(mark)]
        for member in found:
            with contextlib.suppress(psutil.Error):
                member.kill()
        with contextlib.suppress(OSError):
            self.process.kill()
        # Only when they are dead is their memory free, and nobody writes into the folder that is removed next.
        self.process.wait()
        psutil.wait_procs([member for member in found if member.pid != self.process.pid], timeout=_DYING)

    def _look(self) -> None:
        for member in list(self._members.values()):
            with contextlib.suppress(psutil.Error):
                self._members.update((child.pid, child) for child in member.children(recursive=True))


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark:
                found.append(process)
    return found
