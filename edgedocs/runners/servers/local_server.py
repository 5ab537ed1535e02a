"""Local server: llama-cpp-python's OpenAI-compatible server, in a process of its own that ends with ours."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from edgedocs.containers.gguf_split import open_gguf
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import gguf_guard
from edgedocs.runners.base import default_threads, install_remedy
from edgedocs.runners.servers import llama_child
from edgedocs.runners.servers.remote import installed

PACKAGES = ("llama_cpp", "fastapi", "uvicorn", "sse_starlette", "starlette_context", "pydantic_settings")
STARTING = 600.0
"""Seconds that loading a model may take."""
ENDING = 5.0
"""Seconds that the process has to end by itself."""
LARGEST_CONTEXT = 4096
"""Tokens, where nothing else is asked: the cache is allocated at once."""


class LocalServer:
    """A server for one GGUF file; use it in a ``with`` block.

    Args:
        path: the file.
        host: the interface to listen on.
        port: 0 for any free one.
        context: how many tokens the cache holds; None is what the model was trained for, at most 4096.
        threads: how many threads compute; None is half of the processors.
        log: whether the server's log goes to standard error.

    Attributes:
        address: the base address for clients, once the block is entered.
        model: the name that the server gives the model.
        file: the file, open.
        context: how many tokens the cache holds.

    Raises:
        BadInput: if the file is none that llama.cpp loads.
        CannotRun: if the packages are missing, the port is taken or the server does not start.
    """

    address: str

    def __init__(
        self,
        path: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        context: int | None = None,
        threads: int | None = None,
        log: bool = False,
    ) -> None:
        if not installed(*PACKAGES):
            raise CannotRun("llama-cpp-python's server is not installed", remedy=install_remedy("server"))
        self.file = file = open_gguf(path)
        gguf_guard.check(file)  # llama.cpp ends the process on some malformed files
        trained = file.metadata.get(f"{file.metadata.get('general.architecture')}.context_length")
        most = trained if isinstance(trained, int) else LARGEST_CONTEXT
        if context is not None and not 1 <= context <= most:
            raise BadInput(f"context is {context}", where=path, expected=f"1 to {most}, what it was trained for")
        self.path, self.model = path, path.name
        self.context = context or min(most, LARGEST_CONTEXT)
        self._log = log
        self._settings: dict[str, Any] = {
            "host": host,
            "port": port,
            "model": str(file.path),
            "alias": self.model,
            "context": self.context,
            "threads": threads or default_threads(),
        }
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        # In a session of its own, a Ctrl-C in the terminal reaches us alone, and we end it.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", llama_child.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if self._log else subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            self.address = self._start(self._process)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def wait(self) -> int:
        """Wait until the process ends by itself; gives its exit code."""
        assert self._process is not None
        return self._process.wait()

    def close(self) -> None:
        """End the process; closing twice is fine."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _start(self, process: subprocess.Popen[str]) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        # Its end of this pipe tells the child when we are gone, however we went.
        try:
            process.stdin.write(json.dumps(self._settings) + "\n")
            process.stdin.flush()
        except OSError:
            pass  # it ended already; what it printed says why
        limit = threading.Timer(STARTING, process.kill)
        limit.start()
        try:
            line = process.stdout.readline()
        finally:
            limit.cancel()
        try:
            said = json.loads(line)
        except ValueError:
            said = {}
        if "port" in said:
            host = self._settings["host"]
            return f"http://{f'[{host}]' if ':' in host else host}:{said['port']}/v1"
        raise CannotRun(
            f"the server does not start: {said.get('error', 'its process ended')}",
            where=self.path,
            remedy=said.get("remedy") or "try the model with `edgedocs run`, which says more",
        )
