"""Bounded: an HTTP transport below the official clients, which no answer can keep waiting or fill the memory of.

The clients' own time limit counts the silence between two bytes, so a server that sends a blank now and then would hold
them for ever. This one limits the whole answer too, in time and bytes, and refuses what is no JSON.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from edgedocs.core.errors import BadInput, CannotRun

KEY = "EDGEDOCS_API_KEY"
"""The environment variable that holds a server's key; nothing else is sent as one."""
LARGEST_ANSWER = 64 * 2**20
"""Bytes."""
TYPES = ("application/json", "text/event-stream", "application/x-ndjson")
SENT = frozenset({"host", "content-type", "content-length", "accept", "accept-encoding", "connection", "user-agent"})
"""The headers that leave this machine, beside the key. The clients would add facts about it, and whatever
``OPENAI_ORG_ID``, ``OLLAMA_API_KEY`` and the like say, to any server."""


@dataclass(frozen=True)
class Limits:
    """How long to wait.

    Args:
        timeout: seconds that the server may be silent.
        deadline: seconds that a whole answer may take.
    """

    timeout: float
    deadline: float

    def __post_init__(self) -> None:
        for name in ("timeout", "deadline"):
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise BadInput(f"{name} is {value}", expected="a number of seconds above 0")


def client(httpx: ModuleType, kind: Any, limits: Limits, where: str, **options: Any) -> Any:
    """A client on the bounded transport.

    Args:
        httpx: the library that the official client uses: httpx, or httpx2, which is alike.
        kind: the client's class.
        limits: how long to wait.
        where: the server, for messages.
        options: more for the class.
    """
    # Neither proxies nor keys come from files or variables that are meant for something else.
    return kind(
        transport=_transport(httpx, limits, where),
        timeout=httpx.Timeout(limits.timeout),
        trust_env=False,
        follow_redirects=False,
        **options,
    )


class _Stream:
    """The bytes of an answer, within the limits."""

    def __init__(self, inner: Any, limits: Limits, where: str) -> None:
        self._inner, self._limits, self._where = inner, limits, where
        self._end = time.monotonic() + limits.deadline

    def __iter__(self) -> Iterator[bytes]:
        length = 0
        for part in self._inner:
            length += len(part)
            if length > LARGEST_ANSWER:
                raise CannotRun(f"the server answers with more than {LARGEST_ANSWER:,} bytes", where=self._where)
            if time.monotonic() > self._end:
                raise _too_late(self._limits, self._where)
            yield part

    def close(self) -> None:
        self._inner.close()


class _Transport:
    def __init__(self, httpx: ModuleType, limits: Limits, where: str) -> None:
        # A server may close a kept connection while the next request is on its way; each request has its own.
        self._inner = httpx.HTTPTransport(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        self._stream = type("BoundedStream", (_Stream, httpx.SyncByteStream), {})
        self._limits, self._where = limits, where

    def handle_request(self, request: Any) -> Any:
        for name in list(request.headers):
            if name.lower() not in SENT:
                del request.headers[name]
        if key := os.environ.get(KEY):
            request.headers["authorization"] = f"Bearer {checked_key(key)}"
        response = self._answered(request)
        # Foundry Local says it twice, which is read as one line with a comma.
        kind = response.headers.get("content-type", "").partition(";")[0].partition(",")[0].strip().lower()
        if response.status_code == 200 and kind and kind not in TYPES:
            response.close()
            raise CannotRun(
                f"the server answers with {kind[:40]!r}",
                where=self._where,
                expected="JSON",
                remedy="check the address: another program may be listening there, or the path may be wrong",
            )
        response.stream = self._stream(response.stream, self._limits, self._where)
        return response

    def _answered(self, request: Any) -> Any:
        """The start of the answer; where it does not come in time, the connection is closed below whoever waits."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._inner.close()

        timer = threading.Timer(self._limits.deadline, give_up)
        timer.daemon = True
        timer.start()
        try:
            return self._inner.handle_request(request)
        except Exception as error:
            if late.is_set():
                raise _too_late(self._limits, self._where) from error
            raise
        finally:
            timer.cancel()

    def close(self) -> None:
        self._inner.close()


def _too_late(limits: Limits, where: str) -> CannotRun:
    return CannotRun(
        f"the answer is not complete after {limits.deadline:g} s",
        where=where,
        remedy="ask for fewer tokens, or allow more with the option deadline",
    )


def _transport(httpx: ModuleType, limits: Limits, where: str) -> Any:
    return type("BoundedTransport", (_Transport, httpx.BaseTransport), {})(httpx, limits, where)


def checked_key(key: str) -> str:
    """A key that can stand in a header; otherwise BadInput, which does not repeat it."""
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise BadInput("the key cannot be one", where=KEY, expected="printable ASCII without blanks")
    return key
