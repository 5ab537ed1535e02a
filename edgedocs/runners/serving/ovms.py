"""OpenVINO Model Server: OpenVINO folders, where the program ``ovms`` is installed."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from edgedocs.core.errors import CannotRun
from edgedocs.runners.serving import ovms_child
from edgedocs.runners.serving.base import LocalServer

PROGRAM = "ovms"
REMEDY = (
    "install OpenVINO Model Server, see https://docs.openvino.ai, so that `ovms` is found on the PATH; "
    "or serve the checkpoint, or a GGUF file made of it"
)


class OVMS(LocalServer):
    """A server for one OpenVINO folder, on the CPU.

    Args:
        path: the folder.
        host: the interface to listen on.
        port: 0 for one that was free a moment before.
        log: whether the server's log goes to standard error.

    Raises:
        CannotRun: if the program is missing, the port is taken or the server does not start.
    """

    name = "ovms"
    title = "OpenVINO Model Server"
    formats = ("openvino",)
    conversion = ("openvino", "f16")
    install = "the program `ovms`"
    base = "/v3"
    child: ClassVar[ModuleType] = ovms_child

    def __init__(self, path: Path, host: str = "127.0.0.1", port: int = 0, log: bool = False) -> None:
        program = shutil.which(PROGRAM)
        if program is None:
            raise CannotRun(f"{self.title} is not installed: no program {PROGRAM!r}", where=path, remedy=REMEDY)
        self.model = path.resolve().name
        super().__init__(path, host, port, log, command=command(program, path.resolve(), self.model, host))


def command(program: str, folder: Path, model: str, host: str) -> list[str]:
    """The command that serves a folder, with ``{port}`` for the port.

    Options are those of the server's documentation, docs/parameters.md and docs/starting_server.md of
    openvinotoolkit/model_server. Its other interface, gRPC, gets no port and is bound to this machine; permission for
    web pages goes to its own address, where by default every page has it.
    """
    site = f"http://{f'[{host}]' if ':' in host else host}:{{port}}"
    given = {
        "model_path": str(folder),
        "model_name": model,
        "task": "text_generation",
        "target_device": "CPU",
        "rest_bind_address": host,
        "rest_port": "{port}",
        "grpc_bind_address": "127.0.0.1",
        "allowed_origins": site,
    }
    return [program, *(part for name, value in given.items() for part in (f"--{name}", value))]


SERVER = OVMS
