"""Network: connections whose every wait ends at one deadline for the whole request.

httpcore's own time limits count for each read, so a server that sends a byte now and then would hold a request for
ever. The streams here know the deadline of the request of their thread.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Iterable
from typing import Any

import httpcore
from httpcore import ConnectTimeout, ReadTimeout, WriteTimeout


class Deadline(threading.local):
    """When the request of this thread has to be over, by the monotonic clock."""

    at = 0.0

    def set(self, seconds: float) -> None:
        """Let the request of this thread be over in so many seconds."""
        self.at = time.monotonic() + seconds

    def left(self, late: type[Exception]) -> float:
        """Seconds that are left; raises ``late`` if there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise late
        return left


class Network(httpcore.NetworkBackend):
    """Opens connections that keep a deadline, and can cut all of them."""

    def __init__(self, deadline: Deadline) -> None:
        self._backend = httpcore.SyncBackend()
        self._deadline = deadline
        self._streams: weakref.WeakSet[_Stream] = weakref.WeakSet()
        self._lock = threading.Lock()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to a host."""
        left = self._deadline.left(ConnectTimeout)
        return self._watched(self._backend.connect_tcp(host, port, left, local_address, socket_options))

    def cut(self) -> None:
        """End what is under way: each thread that waits for a server gets an error at once."""
        with self._lock:
            streams = [*self._streams]
        for stream in streams:
            with contextlib.suppress(OSError):
                stream.socket().shutdown(socket.SHUT_RDWR)

    def _watched(self, stream: httpcore.NetworkStream) -> _Stream:
        watched = _Stream(stream, self._deadline, self)
        with self._lock:
            self._streams.add(watched)
        return watched


class _Stream(httpcore.NetworkStream):
    """A connection whose waits end at the deadline of the thread that uses it."""

    _PIECE = 65_536

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline, network: Network) -> None:
        self._stream = stream
        self._deadline = deadline
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), self._PIECE):
            self._stream.write(buffer[start : start + self._PIECE], self._deadline.left(WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(ConnectTimeout)
        return self._network._watched(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def socket(self) -> socket.socket:
        """What carries it."""
        carrier: socket.socket = self._stream.get_extra_info("socket")
        return carrier
