"""Foundry Local's web service: folders of ONNX Runtime GenAI, where its telemetry was agreed to."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from edgedocs.core.errors import CannotRun
from edgedocs.runners.foundry_local import FoundryLocal
from edgedocs.runners.serving import foundry_child
from edgedocs.runners.serving.base import KEY, LocalServer

OTHERWISE = "or serve the checkpoint, or a GGUF file made of it"


class FoundryLocalServer(LocalServer):
    """A server for one folder; it answers messages and continues no plain text.

    Args:
        path: the folder.
        host: the interface to listen on.
        port: 0 for one that was free a moment before.
        log: whether the server's log goes to standard error.

    Raises:
        CannotRun: if the package is missing, the user has not agreed to its telemetry, a key is to be demanded, which
            it cannot, or the server does not start.
    """

    name = "foundry_local"
    title = "Foundry Local"
    formats = ("ort_genai",)
    conversion = ("ort_genai", "f32")
    extra = "foundry"
    install = "extra `foundry`, and consent to its telemetry"
    completes = False
    base = "/catalogs/local/v1"
    child: ClassVar[ModuleType] = foundry_child

    def __init__(self, path: Path, host: str = "127.0.0.1", port: int = 0, log: bool = False) -> None:
        state = FoundryLocal.available()
        if not state.ok:
            raise CannotRun(
                f"Foundry Local cannot run: {state.reason}", where=path, remedy=f"{state.remedy}; {OTHERWISE}"
            )
        if os.environ.get(KEY):
            raise CannotRun("Foundry Local cannot demand a key", where=path, remedy=f"unset {KEY}, {OTHERWISE}")
        self.model = f"{path.resolve().name}:1"
        super().__init__(path, host, port, log)


SERVER = FoundryLocalServer
