"""mlx-lm's server, in the process of a local server; see ``child.py``.

It is narrowed to the model that it was started with: by itself it loads, or downloads, whatever a request names,
fetches pictures that a message links to, and lists the models in Hugging Face's cache.
"""

from __future__ import annotations

import hmac
import json
import os
import socket
import sys
import threading
from functools import partialmethod
from http.server import ThreadingHTTPServer
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgedocs.runners.serving.child import Process

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
QUIET = {"TRANSFORMERS_VERBOSITY": "error", "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1"}
DEFAULT = "default_model"
"""What requests call the model when they name none."""
LARGEST = 2**25
"""Bytes of a request."""


def serve(settings: dict[str, Any], process: Process) -> None:
    """Serve an MLX folder."""
    listening = process.listen(settings["host"], settings["port"])
    os.environ.update(OFFLINE | QUIET)
    server: Any = import_module("mlx_lm.server")

    loaded: list[BaseException | None] = []
    done = threading.Event()

    class OneModel(server.ModelProvider):  # type: ignore[misc]
        """The model that was given, and no other."""

        def load_default(self) -> None:
            try:
                super().load_default()
                loaded.append(None)
            except BaseException as error:
                loaded.append(error)
                raise
            finally:
                done.set()

        def load(self, model_path: str, adapter_path: Any = None, draft_model_path: Any = None) -> Any:
            known = model_path in (DEFAULT, settings["alias"]) and draft_model_path in (None, DEFAULT)
            if not known or adapter_path:
                raise ValueError(f"this server has the model {settings['alias']} alone")
            return super().load(DEFAULT, None, DEFAULT)

    def run(host: str, port: int, provider: Any) -> None:
        cache = server.LRUPromptCache(provider.cli_args.prompt_cache_size)
        generator = server.ResponseGenerator(provider, cache)
        done.wait()
        if loaded[0] is not None:
            raise RuntimeError(f"mlx-lm does not load the model: {loaded[0]}") from loaded[0]
        _answer(listening, _handler(server, settings, process), generator, process)

    _keep_blanks(import_module("mlx_lm.tokenizer_utils"))
    # Its own command line, up to where it would open a port.
    server.ModelProvider, server.run, server._inline_image_urls = OneModel, run, _refuse_links
    sys.argv = ["mlx_lm.server", "--model", settings["model"], "--log-level", "WARNING"]
    server.main()


def _answer(listening: socket.socket, handler: Any, generator: Any, process: Process) -> None:
    class Server(ThreadingHTTPServer):
        address_family = listening.family
        daemon_threads = True

    with Server(listening.getsockname()[:2], lambda *given: handler(generator, *given), bind_and_activate=False) as one:
        one.socket.close()
        one.socket = listening
        one.server_name, one.server_port = listening.getsockname()[:2]
        process.ready(one.server_port)
        one.serve_forever()


def _handler(server: Any, settings: dict[str, Any], process: Process) -> Any:
    names, key = process.hosts(settings["host"]), process.key

    class Handler(server.APIHandler):  # type: ignore[misc]
        """Answers who may ask."""

        def _set_cors_headers(self) -> None:
            """None: web pages in a browser get no answer."""

        def do_OPTIONS(self) -> None:  # noqa: N802 - the names are those of the standard library
            self._refuse(405, "no web page may ask")

        def do_GET(self) -> None:  # noqa: N802
            if self._may():
                super().do_GET()

        def do_POST(self) -> None:  # noqa: N802
            length = self.headers.get("Content-Length", "0")
            if not length.isdecimal() or int(length) > LARGEST:
                self._refuse(413, f"a request of more than {LARGEST} bytes")
            elif self._may():
                super().do_POST()

        def handle_models_request(self) -> None:
            about = {"id": settings["alias"], "object": "model", "created": self.created, "owned_by": "mlx-lm"}
            self._set_completion_headers(200)
            self.end_headers()
            self.wfile.write(json.dumps({"object": "list", "data": [about]}).encode())

        def _may(self) -> bool:
            host = self.headers.get("Host", "")
            name = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
            if names is not None and name not in names:
                self._refuse(400, "unknown host name")
                return False
            given = self.headers.get("Authorization", "")
            if key is not None and not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
                self._refuse(401, "wrong key")
                return False
            return True

        def _refuse(self, status: int, why: str) -> None:
            self.close_connection = True
            self.send_response(status)
            self.send_header("Content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"error": {"message": why}}).encode())

    return Handler


def _refuse_links(messages: Any) -> None:
    for message in messages:
        content = message.get("content")
        if isinstance(content, list) and any(part.get("type") != "text" for part in content):
            raise ValueError("this server takes messages of text alone")


def _keep_blanks(library: Any) -> None:
    """Keep the blank that a continuation begins with, which mlx-lm drops as if it began a text."""
    library.BPEStreamingDetokenizer._maybe_trim_space = lambda self, text: text
    sentence_piece = library.SPMStreamingDetokenizer
    sentence_piece.__init__ = partialmethod(sentence_piece.__init__, trim_space=False)
