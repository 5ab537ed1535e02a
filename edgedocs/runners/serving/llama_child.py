"""llama-cpp-python's server, in the process of a local server; see ``child.py``."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgedocs.runners.serving.child import Process


def serve(settings: dict[str, Any], process: Process) -> None:
    """Serve a GGUF file."""
    listening = process.listen(settings["host"], settings["port"])
    application = _application(settings, process)
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            process.ready(listening.getsockname()[1])

    Server(uvicorn.Config(application, log_level="warning")).run(sockets=[listening])


def _application(settings: dict[str, Any], process: Process) -> Any:
    from llama_cpp.server.settings import ModelSettings, ServerSettings

    # Both take whatever they are not told from variables as common as PORT, SEED and MODEL.
    for name in {*ModelSettings.model_fields, *ServerSettings.model_fields, "config_file"}:
        for written in (name, name.upper()):
            os.environ.pop(written, None)
    from llama_cpp.server.app import create_app

    application = create_app(
        server_settings=ServerSettings(host=settings["host"], port=settings["port"], api_key=process.key),
        model_settings=[
            ModelSettings(
                model=settings["model"],
                model_alias=settings["alias"],
                n_ctx=settings["context"],
                n_threads=settings["threads"],
                n_threads_batch=settings["threads"],
                logits_all=False,
                verbose=False,
            )
        ],
    )
    _close_to_web_pages(application, process.hosts(settings["host"]))
    return application


def _close_to_web_pages(application: Any, hosts: tuple[str, ...] | None) -> None:
    """The application lets every web page in a browser ask it; a server for this machine's programs must not."""
    from starlette.middleware.cors import CORSMiddleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    application.user_middleware = [one for one in application.user_middleware if one.cls is not CORSMiddleware]
    if hosts is not None:
        application.add_middleware(TrustedHostMiddleware, allowed_hosts=[*hosts, "[::1]"])
