"""Servers that are down, slow, interrupted or talk nonsense: one clear error each, and soon."""

import json
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edgedocs import runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.servers import bounded, kinds
from tests.requirements import require
from tests.runners.servers.protocol_servers import OllamaHandler, ProtocolHandler, VLLMHandler, serving

SOON = 5.0
"""Seconds; every limit below is far less."""
MODELS = json.dumps({"object": "list", "data": [{"id": "tiny", "object": "model", "owned_by": "vllm"}]})
TAGS = json.dumps({"models": [{"model": "tiny:latest"}]})
EVENT = 'data: {"choices": [{"index": 0, "text": "a", "finish_reason": null}]}\n\n'
PART = '{"model": "tiny:latest", "response": "a", "done": false}\n'

Answer = Callable[[socket.socket], None]


def raw(status: str, kind: str, body: str, length: int | None = None) -> Answer:
    """An answer of these bytes; the connection is closed after it."""
    data = body.encode()
    size = length or len(data)
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
    return lambda connection: connection.sendall(head.encode() + data)


def endless(kind: str, piece: bytes, pause: float) -> Answer:
    """An answer that goes on as long as somebody reads it."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return answer


def read(connection: socket.socket) -> bytes:
    """A whole request: what is left unread when a connection is closed makes the system reset it."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while found and len(body) < int(found[1]):
        body += connection.recv(65536)
    return head


@contextmanager
def answering(second: Answer, first: Answer) -> Iterator[str]:
    """A server's root address: ``first`` answers the request for its models, ``second`` all others."""
    listening = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(SOON)
            try:
                request = read(connection)
                is_list = b"/models" in request.split(b"\r\n")[0] or b"/api/tags" in request.split(b"\r\n")[0]
                (first if is_list else second)(connection)
            except OSError:
                pass  # whoever asked has had enough

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(SOON)


def both(answer: Answer) -> tuple[Answer, Answer]:
    """The same for OpenAI's protocol and Ollama's."""
    return answer, answer


def endless_head(connection: socket.socket) -> None:
    """The start of an answer that never gets to its end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X: y\r\n")
        time.sleep(0.1)


def silent(connection: socket.socket) -> None:
    """Say nothing until the other side gives up."""
    connection.recv(1)


JSON, EVENTS, LINES, HTML = "application/json", "text/event-stream", "application/x-ndjson", "text/html"
FAULTS: dict[str, tuple[Answer, Answer, str]] = {
    "an error page": (*both(raw("500 Oops", HTML, "<h1>Oops</h1>")), "status 500: <h1>Oops"),
    "too many requests": (
        raw("429 Too Many", JSON, '{"error": {"message": "slow down"}}'),
        raw("429 Too Many", JSON, '{"error": "slow down"}'),
        r"status 429: .*slow down.*\nremedy: wait",
    ),
    "no key": (*both(raw("401 No", JSON, "{}")), r"status 401.*\nremedy: put the server's key into"),
    "a redirect": (*both(raw("302 Found\r\nLocation: http://127.0.0.1:9/", JSON, "{}")), "status 302"),
    "a web page": (*both(raw("200 OK", HTML, "<p>Hello")), "answers with 'text/html'; expected JSON"),
    "no JSON": (raw("200 OK", EVENTS, "data: {nonsense\n\n"), raw("200 OK", LINES, "{nonsense\n"), "makes no sense"),
    "other JSON": (raw("200 OK", EVENTS, "data: [1, 2]\n\n"), raw("200 OK", LINES, "[1, 2]\n"), "makes no sense"),
    "numbers for texts": (
        raw("200 OK", EVENTS, EVENT.replace('"a"', "7")),
        raw("200 OK", LINES, PART.replace('"a"', "7")),
        "makes no sense",
    ),
    "nothing": (raw("200 OK", EVENTS, ""), raw("200 OK", LINES, ""), "broke off before its end"),
    "half an answer": (raw("200 OK", EVENTS, EVENT), raw("200 OK", LINES, PART), "broke off before its end"),
    "a lost connection": (
        raw("200 OK", EVENTS, EVENT, length=5000),
        raw("200 OK", LINES, PART, length=5000),
        "the connection broke off",
    ),
    "no HTTP": (*both(lambda one: one.sendall(b"SSH-2.0\r\n")), "connection broke off"),
    "an error within": (
        raw("200 OK", EVENTS, EVENT + 'data: {"error": {"message": "out of memory"}}\n\n'),
        raw("200 OK", LINES, PART + '{"error": "out of memory"}\n'),
        "the server reports: out of memory",
    ),
    "silence": (*both(silent), r"silent for 0\.4 s"),
    "blanks for ever": (
        endless(EVENTS, b": ping\n\n", 0.1),
        endless(LINES, b" ", 0.1),
        r"not complete after 1 s\nremedy: .*option deadline",
    ),
    "a head for ever": (*both(endless_head), r"not complete after 1 s"),
    "too much": (
        endless(EVENTS, b": " + b"x" * 10**6 + b"\n\n", 0),
        endless(LINES, b" " * 10**6, 0),
        "more than 3,000,000 bytes",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("backend", ["vllm", "ollama"])
def test_a_fault_is_one_clear_error_and_soon(backend: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LARGEST_ANSWER", 3_000_000)
    require("openai" if backend == "vllm" else "ollama")
    of_openai, of_ollama, complaint = FAULTS[fault]
    second, models = (of_openai, MODELS) if backend == "vllm" else (of_ollama, TAGS)
    with (
        answering(second, raw("200 OK", JSON, models)) as root,
        runners.load(root, backend=backend, timeout=0.4, deadline=1.0) as runner,
    ):
        start = time.monotonic()
        with pytest.raises(CannotRun, match=complaint) as caught:
            runner.generate("The", max_tokens=5)
        assert time.monotonic() - start < SOON
    assert root in str(caught.value)
    assert "\nremedy: " in str(caught.value) or fault == "too much"


@pytest.mark.parametrize("backend", ["vllm", "ollama"])
@pytest.mark.parametrize(
    ("first", "complaint"),
    [
        (raw("200 OK", JSON, "[]"), "makes no sense"),
        (raw("200 OK", JSON, '{"data": [{}], "models": [{}]}'), "models without names"),
        (raw("200 OK", HTML, "<p>"), "answers with 'text/html'"),
        (raw("200 OK", JSON, "[" * 100000), "makes no sense"),
        (raw("404 Not Found", JSON, "{}"), r"status 404.*\nremedy: check the address"),
        (silent, r"silent for 0\.4 s"),
    ],
)
def test_a_fault_while_connecting_is_one_clear_error(backend: str, first: Answer, complaint: str) -> None:
    require("openai" if backend == "vllm" else "ollama")
    with answering(silent, first) as root, pytest.raises(CannotRun, match=complaint):
        runners.load(root, backend=backend, timeout=0.4, deadline=1.0)


def test_a_server_without_models_is_refused() -> None:
    require("openai")
    complaint = "has 0 models; expected a server with a model"
    with (
        answering(silent, raw("200 OK", JSON, '{"data": []}')) as root,
        pytest.raises(BadInput, match=complaint),
    ):
        runners.load(root, backend="vllm")


def test_pieces_that_came_before_the_fault_are_given() -> None:
    require("openai")
    with (
        answering(raw("200 OK", EVENTS, EVENT), raw("200 OK", JSON, MODELS)) as root,
        runners.load(root, backend="vllm") as runner,
    ):
        stream = runner.generate("The", max_tokens=5, stream=True)
        assert next(stream) == "a"
        with pytest.raises(CannotRun, match="broke off"):
            next(stream)


class OneRequestHandler(VLLMHandler):
    """Resets a connection on which a second request comes, as servers do that have just given it up."""

    asked = False

    def parse_request(self) -> bool:
        if self.asked:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return False
        self.asked = True
        return super().parse_request()


def test_a_connection_that_the_server_gave_up_is_not_used_again(behind: Runner) -> None:
    require("openai")
    with serving(OneRequestHandler, behind) as (root, received), runners.load(root, backend="vllm") as runner:
        first = runner.generate("The", max_tokens=3)
        assert runner.generate("The", max_tokens=3) == first
    assert len(received) >= 3


@pytest.mark.parametrize(("handler", "backend"), [(VLLMHandler, "vllm"), (OllamaHandler, "ollama")])
def test_only_the_key_that_is_meant_leaves(
    handler: type[ProtocolHandler], backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    require("openai" if backend == "vllm" else "ollama")
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OLLAMA_API_KEY"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    with serving(handler) as (root, received):
        runners.load(root, backend=backend).close()
        monkeypatch.setenv("EDGEDOCS_API_KEY", "meant")
        runners.load(root, backend=backend).close()
        monkeypatch.setenv("EDGEDOCS_API_KEY", "two words")
        with pytest.raises(BadInput, match="the key cannot be one") as caught:
            runners.load(root, backend=backend)
    without, with_key = received
    assert set(without) <= bounded.SENT
    assert "secret" not in str(received)
    assert with_key["authorization"] == "Bearer meant"
    assert "two words" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("http://example.org/v1", r"plain http to another machine.*\nremedy: use https"),
        ("http://me:secret@127.0.0.1/v1", "holds a user, a query or a fragment"),
        ("http://127.0.0.1/v1?key=secret", "holds a user, a query or a fragment"),
        ("http://127.0.0.1:99999/v1", "no address of a server"),
        ("http://", "no address of a server"),
        ("http://a b/", "no address of a server"),
    ],
)
@pytest.mark.parametrize("backend", [None, "vllm", "ovms", "ollama", "llama_server"])
def test_an_address_that_may_not_be_asked_is_refused(backend: str | None, address: str, complaint: str) -> None:
    require("openai")
    require("ollama")
    with pytest.raises(BadInput, match=complaint) as caught:
        runners.load(address, backend=backend)
    assert "secret" not in str(caught.value)


def test_finding_out_the_kind_is_bounded_and_follows_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    require("openai")
    monkeypatch.setattr(kinds, "PATIENCE", 0.3)
    monkeypatch.setenv("EDGEDOCS_API_KEY", "meant")
    with serving(VLLMHandler) as (other, received):
        moved = raw(f"302 Found\r\nLocation: {other}/v1/models", JSON, "{}")
        for answer in (
            endless_head,
            silent,
            moved,
            raw("200 OK", JSON, '{"data": 7}'),
            raw("200 OK", JSON, "[" * 10**5),
        ):
            with answering(answer, answer) as root:
                start = time.monotonic()
                assert kinds.kind_of(root, {}) == "llama_server"
                assert time.monotonic() - start < SOON
        assert received == []
        assert kinds.kind_of(other, {}) == "vllm"
        assert all(one["authorization"] == "Bearer meant" for one in received)


def test_nobody_else_is_looked_up(behind: Runner) -> None:
    require("openai")
    script = (
        "import sys\nfound = []\n"
        "def watch(event, arguments):\n"
        "    if event in ('socket.getaddrinfo', 'socket.connect', 'socket.sendto'):\n"
        "        found.append(str(arguments))\n"
        "sys.addaudithook(watch)\n"
        "from edgedocs import runners\n"
        "for name in ('vllm', None):\n"
        "    with runners.load(sys.argv[1], backend=name) as runner:\n"
        "        runner.generate('The', max_tokens=2)\n"
        "assert found\nassert all('127.0.0.1' in one for one in found), found\n"
    )
    with serving(VLLMHandler, behind) as (root, _):
        command = [sys.executable, "-c", script, root]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_is_no_model_of_a_server() -> None:
    require("openai")
    with pytest.raises(BadInput, match=r"runner vllm loads no files.*\nremedy: start a server"):
        runners.load(Path(__file__), backend="vllm")
