"""The process of a local server: run by its path, it reads its settings from standard input as a line of JSON.

It prints a line of JSON when it listens, ``{"port": …}``, or when it cannot, ``{"error": …, "remedy": …}``. It ends
when its standard input does, that is, at the latest when its parent ends.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from typing import Any

KEY = "EDGEDOCS_API_KEY"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main() -> None:
    """Serve until told to end."""
    out = _keep_standard_output()
    try:
        settings = json.loads(sys.stdin.readline())
        threading.Thread(target=_end_with_parent, daemon=True).start()
        listening = _listen(settings["host"], settings["port"])
        application = _application(settings)
    except Exception as error:  # whatever it is, the parent tells it
        port_taken = isinstance(error, OSError)
        _say(
            out, {"error": str(error) or type(error).__name__, "remedy": "choose another port" if port_taken else None}
        )
        sys.exit(1)
    _serve(application, listening, out)


def _keep_standard_output() -> Any:
    """The real standard output; whatever prints from now on does so to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def _say(out: Any, message: dict[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise OSError(f"cannot listen on port {port} of {host}: {error.strerror or error}") from error


def _application(settings: dict[str, Any]) -> Any:
    from llama_cpp.server.settings import ModelSettings, ServerSettings

    # Both take whatever they are not told from variables as common as PORT, SEED and MODEL.
    for name in {*ModelSettings.model_fields, *ServerSettings.model_fields, "config_file"}:
        for written in (name, name.upper()):
            os.environ.pop(written, None)
    from llama_cpp.server.app import create_app

    application = create_app(
        server_settings=ServerSettings(
            host=settings["host"], port=settings["port"], api_key=os.environ.get(KEY) or None
        ),
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
    _close_to_web_pages(application, settings["host"])
    return application


def _close_to_web_pages(application: Any, host: str) -> None:
    """The application lets every web page in a browser ask it; a server for this machine's programs must not."""
    from starlette.middleware.cors import CORSMiddleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    application.user_middleware = [one for one in application.user_middleware if one.cls is not CORSMiddleware]
    if host in LOOPBACK or host.startswith("127."):
        application.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]", host])


def _serve(application: Any, listening: socket.socket, out: Any) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _say(out, {"port": listening.getsockname()[1]})

    Server(uvicorn.Config(application, log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main()
