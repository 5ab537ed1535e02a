"""Contract servers: loopback servers that speak what vLLM, OpenVINO Model Server and Ollama publish of their protocols.

They are derived from the published references, and are none of these servers: what they write is computed by a runner
of this process. A parameter that the reference does not name, a missing one or one of another type is answered with
400, so that a runner that relies on what is not published fails.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from edgedocs.runners import Runner

NUMBER = (int, float)
COMMON: dict[str, Any] = {
    "model": str,
    "max_tokens": int,
    "temperature": NUMBER,
    "top_p": NUMBER,
    "min_p": NUMBER,
    "top_k": int,
    "repetition_penalty": NUMBER,
    "seed": int,
    "stream": bool,
    "stop": (str, list),
}
OLLAMA_OPTIONS: dict[str, Any] = {
    "num_predict": int,
    "temperature": NUMBER,
    "seed": int,
    "stop": list,
    "top_k": int,
    "top_p": NUMBER,
    "min_p": NUMBER,
    "repeat_penalty": NUMBER,
}


class Refusal(Exception):  # noqa: N818 - an answer, no failure of the test
    """An answer with an error status."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class ProtocolHandler(BaseHTTPRequestHandler):
    """One request; a subclass has the routes of one protocol."""

    protocol_version = "HTTP/1.1"
    runner: ClassVar[Runner]
    lock: ClassVar[threading.Lock]
    received: ClassVar[list[dict[str, str]]]

    def do_GET(self) -> None:
        self._answer("GET", {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer("POST", body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Stay silent."""

    def route(self, request: str, body: dict[str, Any]) -> Any:
        """The answer to ``METHOD /path``: a document, or an iterator of lines that are sent as they come."""
        raise NotImplementedError

    def _answer(self, method: str, body: dict[str, Any]) -> None:
        self.received.append({name.lower(): value for name, value in self.headers.items()})
        try:
            answer = self.route(f"{method} {self.path}", body)
        except Refusal as refusal:
            self._send(refusal.status, {"error": {"message": str(refusal), "code": refusal.status}})
            return
        if isinstance(answer, Iterator):
            try:
                self._send_lines(answer)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # whoever asked has gone
        else:
            self._send(200, answer)

    def _send(self, status: int, document: Any, kind: str = "application/json") -> None:
        data = document.encode() if isinstance(document, str) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _send_lines(self, lines: Iterator[str]) -> None:
        kind = next(lines)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in [*lines]:
            data = line.encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def write(self, prompt: str | list[dict[str, str]], **options: Any) -> list[str]:
        """The pieces that the model writes."""
        with self.lock:
            if isinstance(prompt, str):
                return list(self.runner.generate(prompt, stream=True, **options))
            return list(self.runner.chat(prompt, stream=True, **options))


def check(body: dict[str, Any], known: dict[str, Any], needed: tuple[str, ...]) -> None:
    """Refuse what the reference does not have."""
    for name, value in body.items():
        if name not in known:
            raise Refusal(400, f"unknown parameter {name}")
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is not bool):
            raise Refusal(400, f"{name} is {value!r}")
    for name in needed:
        if name not in body:
            raise Refusal(400, f"{name} is missing")


class OpenAIHandler(ProtocolHandler):
    """OpenAI's protocol below a path, streamed as server-sent events."""

    base = "/v1"
    owner = "nobody"
    everything: ClassVar[tuple[int, ...]] = (0, -1)
    stop_included = False

    def route(self, request: str, body: dict[str, Any]) -> Any:
        if request == f"GET {self.base}/models":
            return {"object": "list", "data": [self.model()]}
        if request == f"POST {self.base}/completions":
            check(body, COMMON | {"prompt": str}, ("model", "prompt", "max_tokens"))
            return self._events(body, body["prompt"], lambda piece: {"text": piece})
        if request == f"POST {self.base}/chat/completions":
            check(body, COMMON | {"messages": list}, ("model", "messages"))
            return self._events(body, body["messages"], lambda piece: {"delta": {"content": piece}})
        if request == f"POST {self.base}/embeddings":
            check(body, {"model": str, "input": str, "encoding_format": str}, ("model", "input"))
            return {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}]}
        return self.beside(request, body)

    def model(self) -> dict[str, Any]:
        return {"id": "tiny", "object": "model", "created": 1, "owned_by": self.owner}

    def beside(self, request: str, body: dict[str, Any]) -> Any:
        """Requests beside the protocol."""
        raise Refusal(404, "Not Found")

    def _events(self, body: dict[str, Any], prompt: Any, choice: Any) -> Iterator[str]:
        if body["model"] != "tiny":
            raise Refusal(404, f"The model `{body['model']}` does not exist.")
        # The runner says that it draws from the whole distribution, so it must ask for that.
        whole = (body["top_p"], body["min_p"], body["repetition_penalty"]) == (1, 0, 1)
        if not whole or body["top_k"] not in self.everything:
            raise Refusal(400, "narrowed sampling")
        stops = body.get("stop", [])
        if len(stops) > 4:
            raise Refusal(400, "stop has more than 4 texts")
        options = {"max_tokens": body["max_tokens"], "temperature": body["temperature"], "seed": body["seed"]}
        pieces = self.write(prompt, stop=() if self.stop_included else tuple(stops), **options)
        return self._sent_events(pieces, choice, "length" if len(pieces) >= body["max_tokens"] else "stop")

    def _sent_events(self, pieces: list[str], choice: Any, reason: str) -> Iterator[str]:
        yield "text/event-stream; charset=utf-8"
        for piece in pieces:
            yield self._event([{"index": 0, "finish_reason": None, **choice(piece)}])
        yield self._event([{"index": 0, "finish_reason": reason, **choice("")}])
        yield "data: [DONE]\n\n"

    def _event(self, choices: list[dict[str, Any]]) -> str:
        document = {"id": "x", "object": "text_completion", "created": 1, "model": "tiny", "choices": choices}
        return f"data: {json.dumps(document)}\n\n"


class VLLMHandler(OpenAIHandler):
    """vLLM, by its OpenAI-compatible server's reference."""

    owner = "vllm"

    def model(self) -> dict[str, Any]:
        return super().model() | {"max_model_len": 512, "root": "tiny", "parent": None}

    def beside(self, request: str, body: dict[str, Any]) -> Any:
        if request == "POST /tokenize":
            check(body, {"model": str, "prompt": str, "add_special_tokens": bool}, ("prompt",))
            tokens = self.runner.tokenize(body["prompt"])
            return {"tokens": tokens, "count": len(tokens), "max_model_len": 512}
        if request == "POST /detokenize":
            check(body, {"model": str, "tokens": list}, ("tokens",))
            return {"prompt": self.runner.detokenize(body["tokens"])}
        return super().beside(request, body)


class OVMSHandler(OpenAIHandler):
    """OpenVINO Model Server, by its reference: all of it below ``/v3``; a stream includes the stop text."""

    base = "/v3"
    owner = "OVMS"
    everything = (-1,)
    stop_included = True

    def beside(self, request: str, body: dict[str, Any]) -> Any:
        if request == "POST /v3/tokenize":
            check(body, {"model": str, "text": str, "add_special_tokens": bool}, ("model", "text"))
            return {"tokens": self.runner.tokenize(body["text"])}
        return super().beside(request, body)


class OllamaHandler(ProtocolHandler):
    """Ollama, by its API reference: lines of JSON."""

    def route(self, request: str, body: dict[str, Any]) -> Any:
        if request == "GET /api/tags":
            return {"models": [{"name": "tiny:latest", "model": "tiny:latest", "size": 1, "digest": "0" * 64}]}
        if request == "POST /api/generate":
            check(body, {"model": str, "prompt": str, "raw": bool, "stream": bool, "options": dict}, ("model", "raw"))
            return self._lines(body, body["prompt"], lambda piece: {"response": piece})
        if request == "POST /api/chat":
            check(body, {"model": str, "messages": list, "stream": bool, "options": dict, "tools": list}, ("messages",))
            return self._lines(
                body, body["messages"], lambda piece: {"message": {"role": "assistant", "content": piece}}
            )
        if request == "POST /api/embed":
            check(body, {"model": str, "input": str}, ("model", "input"))
            return {"model": body["model"], "embeddings": [[0.5, -0.25]]}
        raise Refusal(404, "not found")

    def _lines(self, body: dict[str, Any], prompt: Any, part: Any) -> Iterator[str]:
        options = body["options"]
        check(options, OLLAMA_OPTIONS, tuple(OLLAMA_OPTIONS))
        pieces = self.write(
            prompt,
            max_tokens=options["num_predict"],
            temperature=options["temperature"],
            seed=options["seed"],
            stop=tuple(options["stop"]),
        )
        return self._sent_lines(pieces, part)

    def _sent_lines(self, pieces: list[str], part: Any) -> Iterator[str]:
        yield "application/x-ndjson"
        common = {"model": "tiny:latest", "created_at": "2026-11-20T10:00:00Z"}
        for piece in pieces:
            yield json.dumps(common | part(piece) | {"done": False}) + "\n"
        yield json.dumps(common | part("") | {"done": True, "done_reason": "stop"}) + "\n"


@contextmanager
def serving(handler: type[ProtocolHandler], runner: Runner | None = None) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server's root address, and the headers of the requests that it gets."""
    received: list[dict[str, str]] = []
    ready = type(handler.__name__, (handler,), {"runner": runner, "lock": threading.Lock(), "received": received})
    server = ThreadingHTTPServer(("127.0.0.1", 0), ready)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
