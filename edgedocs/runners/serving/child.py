"""The process of a local server: run by its path, it reads its settings from standard input as a line of JSON.

``server`` in them is the path of the module that does the serving, by its function ``serve(settings, process)``. The
process prints a line of JSON when it listens, ``{"port": …}``, or when it cannot, ``{"error": …, "remedy": …}``. It
ends when its standard input does, that is, at the latest when its parent ends.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

KEY = "EDGEDOCS_API_KEY"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class TakenError(OSError):
    """A port that cannot be listened on."""


class Process:
    """What a server's module is given to serve with.

    Attributes:
        at_the_end: what is to be done before the process ends.
        key: the key to demand; None if there is none.
    """

    def __init__(self) -> None:
        # Whatever prints from now on does so to standard error.
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self.at_the_end: list[Callable[[], object]] = []
        self.key = os.environ.get(KEY) or None

    def ready(self, port: int) -> None:
        """Tell the parent that the server listens."""
        self._say({"port": port})

    def failed(self, error: BaseException) -> None:
        """Tell the parent that the server does not start."""
        remedy = "choose another port" if isinstance(error, TakenError) else None
        self._say({"error": str(error) or type(error).__name__, "remedy": remedy})

    def _say(self, message: dict[str, Any]) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def listen(self, host: str, port: int) -> socket.socket:
        """A socket that listens.

        Raises:
            TakenError: if it cannot.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            return socket.create_server((host, port), family=family)
        except OSError as error:
            raise TakenError(f"cannot listen on port {port} of {host}: {error.strerror or error}") from error

    def free_port(self, host: str, port: int) -> int:
        """The port, or for 0 any that is free, for a server that opens it itself.

        Raises:
            TakenError: if it cannot be listened on.
        """
        with self.listen(host, port) as trial:
            return int(trial.getsockname()[1])

    def hosts(self, host: str) -> tuple[str, ...] | None:
        """The names by which a server on this machine alone may be asked; None where others may ask it too."""
        return (*LOOPBACK, host) if host in LOOPBACK or host.startswith("127.") else None

    def leave(self, code: int) -> None:
        """End at once, whatever threads do."""
        for action in self.at_the_end:
            action()
        os._exit(code)


def main() -> None:
    """Serve until told to end."""
    process = Process()
    try:
        settings = json.loads(sys.stdin.readline())
        threading.Thread(target=_end_with_parent, args=(process,), daemon=True).start()
        _module(settings["server"]).serve(settings, process)
    except Exception as error:  # whatever it is, the parent tells it
        process.failed(error)
        process.leave(1)


def _module(path: str) -> Any:
    found = importlib.util.spec_from_file_location("server", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _end_with_parent(process: Process) -> None:
    sys.stdin.read()
    process.leave(0)


if __name__ == "__main__":
    main()
