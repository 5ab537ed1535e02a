"""A provider on loopback: a real HTTP server that answers as a test says, faults of every kind included."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """A request as it came: when, where to, and what."""

    at: float
    path: str
    headers: dict[str, str]
    document: dict[str, Any]

    @property
    def prompt(self) -> str:
        return "\n".join(message["content"] for message in self.document["messages"])

    @property
    def piece(self) -> str:
        """The text to translate, found by the marks."""
        lines = self.document["messages"][1 if len(self.document["messages"]) > 1 else 0]["content"].split("\n")
        begin = max(i for i, line in enumerate(lines) if line.startswith("-----BEGIN PIECE "))
        end = max(i for i, line in enumerate(lines) if line.startswith("-----END PIECE "))
        return "\n".join(lines[begin + 1 : end])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {key.lower(): value for key, value in self.headers.items()}
        received = Received(time.monotonic(), self.path, headers, json.loads(body))
        with self.server.lock:
            self.server.received.append(received)
            behaviour = self.server.behaviour
        try:
            behaviour(self, received)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST  # noqa: N815 - the base class calls it so

    def reply(
        self, body: bytes | str, status: int = 200, kind: str | None = "application/json", **headers: str
    ) -> None:
        """A whole answer."""
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        if kind is not None:
            self.send_header("Content-Type", kind)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """The same byte string again and again, slowly, until nobody listens or the server is closed."""
        self.close_connection = True
        while not self.server.closing.wait(pause):
            self.wfile.write(data)
            self.wfile.flush()

    def hang(self) -> None:
        """Say nothing."""
        self.close_connection = True
        self.server.closing.wait(30)

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, behaviour: "Behaviour", port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.behaviour = behaviour
        self.received: list[Received] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        pass


Behaviour = Callable[[Handler, Received], None]


@contextmanager
def provider(behaviour: Behaviour) -> Iterator[Server]:
    """A server that answers each request by ``behaviour``."""
    server = Server(behaviour)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def completion(text: str | None, finish: str | None = "stop", usage: Any = (50, 20), **message: Any) -> str:
    """The document of an answer."""
    document: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "model",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
        ],
    }
    if isinstance(usage, tuple):
        usage = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    if usage is not None:
        document["usage"] = usage
    return json.dumps(document)


def answers(text: str, **options: Any) -> Behaviour:
    """Always this answer."""
    return lambda handler, _: handler.reply(completion(text, **options))


@dataclass
class Script:
    """One behaviour after the other; the last one for ever."""

    steps: list[Behaviour]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, handler: Handler, received: Received) -> None:
        with self.lock:
            step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        step(handler, received)


def error(status: int, message: str = "no", code: str = "", **headers: str) -> Behaviour:
    """An error as OpenAI's API gives it."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": code}})
    return lambda handler, _: handler.reply(body, status, **headers)
