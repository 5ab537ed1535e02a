"""Serving the built site on this machine, with its own page for what is not there."""

from __future__ import annotations

import errno
import os
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.tasks.console import CommandError

HOST = "127.0.0.1"


class SiteHandler(SimpleHTTPRequestHandler):
    """Files as a static host gives them: no listing of folders, and 404.html for what is missing."""

    # Windows takes these from its registry, where other programs may have put something else.
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".css": "text/css",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
        ".woff2": "font/woff2",
        ".xml": "application/xml",
    }

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = self._missing_page() if code == HTTPStatus.NOT_FOUND else None
        if page is None:
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class names it
        """Stay silent: a page is dozens of requests, and the browser shows what failed."""

    def _missing_page(self) -> Path | None:
        """The 404 page of the language asked for, or else that of the site."""
        site = Path(self.directory)
        language = self.path.lstrip("/").split("/")[0]
        candidates = [site / "404.html"]
        if language.replace("-", "").isalpha():
            candidates.insert(0, site / language / "404.html")
        return next((page for page in candidates if page.is_file()), None)


class SiteServer(ThreadingHTTPServer):
    """Holds its port from the start, so that a taken one is noticed before a long build.

    Args:
        folder: the built site; it need not exist yet.
        port: 0 for any free one.

    Raises:
        CommandError: the port is taken.
    """

    daemon_threads = True
    # On Windows this option would let two programs have the same port.
    allow_reuse_address = os.name != "nt"

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__((HOST, port), partial(SiteHandler, directory=str(folder)), bind_and_activate=False)
        try:
            self.server_bind()
            self.server_activate()
        except OSError as error:
            self.server_close()
            raise self._refusal(port, error) from error

    @property
    def address(self) -> str:
        """The address for a browser."""
        return f"http://{HOST}:{self.server_address[1]}/"

    @staticmethod
    def _refusal(port: int, error: OSError) -> CommandError:
        remedy = f"choose another: --port {port + 1 if port < 65535 else 8001}"
        if error.errno == errno.EADDRINUSE:
            return CommandError(f"port {port} of {HOST} is in use by another program", remedy=remedy)
        return CommandError(f"cannot listen on port {port} of {HOST}: {error.strerror}", remedy=remedy)
