"""What the commands print, and how they stop."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

FINDINGS = 1
USAGE = 2
CANNOT_RUN = 3


class CommandError(Exception):
    """Ends the command with a message, a remedy and an exit code."""

    def __init__(self, what: str, *, remedy: str | None = None, exit_code: int = CANNOT_RUN) -> None:
        self.what = what
        self.remedy = remedy
        self.exit_code = exit_code
        super().__init__(what if remedy is None else f"{what}\nremedy: {remedy}")


def say(text: str) -> None:
    """Print a line at once, so that it stands before what a child process prints."""
    print(text, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Name a step, and print the seconds that it took once it is over."""
    say(f"==> {name}")
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        say(f"    stopped after {time.perf_counter() - start:.1f} s")
        raise
    say(f"    {time.perf_counter() - start:.1f} s")


def call(command: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str] | None = None) -> int:
    """Run a command with its output going straight to the terminal; return its exit code."""
    arguments = [str(part) for part in command]
    try:
        return subprocess.call(arguments, cwd=folder, env=None if environment is None else dict(environment))
    except OSError as error:
        raise CommandError(
            f"cannot start {arguments[0]}: {error.strerror}", remedy="check that it is installed"
        ) from error
