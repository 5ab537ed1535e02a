"""llama-cpp-python's OpenAI-compatible server: GGUF files, and checkpoints by way of one."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from edgedocs.containers.gguf_split import open_gguf
from edgedocs.core.errors import BadInput
from edgedocs.runners import gguf_guard
from edgedocs.runners.base import default_threads
from edgedocs.runners.serving import llama_child
from edgedocs.runners.serving.base import LocalServer

LARGEST_CONTEXT = 4096
"""Tokens, where nothing else is asked: the cache is allocated at once."""


class LlamaCppServer(LocalServer):
    """A server for one GGUF file.

    Args:
        path: the file.
        host: the interface to listen on.
        port: 0 for any free one.
        context: how many tokens the cache holds; None is what the model was trained for, at most 4096.
        threads: how many threads compute; None is half of the processors.
        log: whether the server's log goes to standard error.

    Attributes:
        file: the file, open.
        context: how many tokens the cache holds.

    Raises:
        BadInput: if the file is none that llama.cpp loads.
        CannotRun: if the packages are missing, the port is taken or the server does not start.
    """

    name = "llama_cpp"
    title = "llama-cpp-python's server"
    formats = ("gguf", "checkpoint")
    conversion = ("gguf", "f16")
    requires = ("llama_cpp", "fastapi", "uvicorn", "sse_starlette", "starlette_context", "pydantic_settings")
    extra = "server"
    install = "extra `server`"
    child: ClassVar[ModuleType] = llama_child

    def __init__(
        self,
        path: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        context: int | None = None,
        threads: int | None = None,
        log: bool = False,
    ) -> None:
        self.require(self.requires)
        self.file = file = open_gguf(path)
        gguf_guard.check(file)  # llama.cpp ends the process on some malformed files
        if gguf_guard.encodes(file):
            raise BadInput("the model gives embeddings", where=path, expected="a model that writes text")
        trained: Any = file.metadata.get(f"{file.metadata.get('general.architecture')}.context_length")
        most = trained if isinstance(trained, int) else LARGEST_CONTEXT
        if context is not None and not 1 <= context <= most:
            raise BadInput(f"context is {context}", where=path, expected=f"1 to {most}, what it was trained for")
        self.model = path.name
        self.context = context or min(most, LARGEST_CONTEXT)
        super().__init__(file.path, host, port, log, context=self.context, threads=threads or default_threads())
        self.path = path


SERVER = LlamaCppServer
