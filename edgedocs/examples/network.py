"""Network: examples have none, as far as the platform allows that.

On Linux a command starts in a network of its own with nothing but a loopback interface, where the system lets an
ordinary user make one. Elsewhere only :mod:`edgedocs.examples.guard` watches, and only Python code of the example's own
process. What has a name in the file system, such as the socket of a local service, can be reached everywhere.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from edgedocs.examples import launcher

_LAUNCH = (sys.executable, "-I", "-S", launcher.__file__)
_PATIENCE = 20


def without_network(command: list[str]) -> list[str]:
    """The command that runs ``command`` without a network, as far as that is possible.

    Args:
        command: program and arguments; the program is a path.
    """
    if not sys.platform.startswith("linux"):
        return command
    return [*_LAUNCH, "closed" if can_close() else "open", *command]


@cache
def can_close() -> bool:
    """Whether a network of its own can be made for a command here; tried once."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        tried = subprocess.run(
            [*_LAUNCH, "closed"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
