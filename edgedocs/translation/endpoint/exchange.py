"""Exchange: one HTTP request and its answer, bounded in time and size."""

from __future__ import annotations

import contextlib

import httpcore

from edgedocs.translation.endpoint.address import Address
from edgedocs.translation.endpoint.faults import Fault, excerpt, of_status
from edgedocs.translation.endpoint.network import Deadline, Network

LARGEST_ANSWER = 4 * 1024 * 1024
LARGEST_ERROR = 64 * 1024
"""Bytes that are read of an answer and of an error."""

LEAST_SECRET = 16
"""Characters of a key that is taken out wherever a server repeats it; a shorter one may be a word."""

_UNREACHABLE = "start the server, or check the address; it must be reached directly, proxies are not used"


class Exchange:
    """Sends documents to one address, from any number of threads.

    Args:
        address: where to.
        key: sent as a bearer token; None for none.
        timeout: seconds from the connection to the last byte of the answer.
    """

    def __init__(self, address: Address, key: str | None, timeout: float) -> None:
        self._url = httpcore.URL(
            scheme=address.scheme.encode(),
            host=address.host.encode(),
            port=address.port,
            target=address.path.encode(),
        )
        self._headers = [
            (b"Host", address.netloc.encode()),
            (b"User-Agent", b"edgedocs"),
            (b"Accept", b"application/json"),
            # A packed answer could unpack to any size.
            (b"Accept-Encoding", b"identity"),
            (b"Content-Type", b"application/json"),
        ]
        if key is not None:
            self._headers.append((b"Authorization", b"Bearer " + key.encode()))
        self._secret = key.encode() if key is not None and len(key) >= LEAST_SECRET else None
        self._timeout = timeout
        self._deadline = Deadline()
        self._network = Network(self._deadline)
        self._pool = httpcore.ConnectionPool(
            network_backend=self._network, max_connections=None, max_keepalive_connections=64, keepalive_expiry=30
        )
        self._reached = False

    def post(self, body: bytes, model: str | None) -> bytes:
        """The body of the answer to a JSON document.

        Args:
            body: the document.
            model: the model that it asks for, for messages.

        Raises:
            Fault: if there is none.
        """
        self._deadline.set(self._timeout)
        headers = [*self._headers, (b"Content-Length", str(len(body)).encode())]
        try:
            with self._pool.stream("POST", self._url, headers=headers, content=body) as response:
                self._reached = True
                return self._body(response, model)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, UnicodeError) as error:
            raise self._unreachable(error) from error
        except httpcore.TimeoutException as error:
            what = f"the answer was not there after {self._timeout:g} seconds"
            raise Fault(what, "allow more with --timeout, or take a faster model", attempts=2, charged=True) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            what = "the server ended the connection, or broke HTTP's rules, before the answer was whole"
            raise Fault(what, "look at the log of the server", attempts=3, charged=True) from error

    def close(self) -> None:
        """End what is under way, in other threads too, and close the connections."""
        self._network.cut()
        with contextlib.suppress(httpcore.NetworkError, httpcore.ProtocolError):
            self._pool.close()

    def _body(self, response: httpcore.Response, model: str | None) -> bytes:
        headers = {
            name.decode("latin-1").lower(): self._redacted(value).decode("latin-1") for name, value in response.headers
        }
        if not 200 <= response.status < 300:
            raise of_status(response.status, headers, self._redacted(_beginning(response)), model)
        kind = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise Fault(
                f"the server answers with {excerpt(kind) or 'nothing'} and not with JSON",
                "check that the address is that of an OpenAI-compatible API, often in /v1",
                attempts=2,
                charged=True,
            )
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Fault(
                "the server packs its answer though it was asked not to", "switch compression off", charged=True
            )
        pieces, size = [], 0
        for piece in response.iter_stream():
            size += len(piece)
            if size > LARGEST_ANSWER:
                what = f"the answer is larger than {LARGEST_ANSWER // 1024**2} MiB"
                raise Fault(what, "look at the log of the server", attempts=2, charged=True)
            pieces.append(piece)
        return self._redacted(b"".join(pieces))

    def _redacted(self, data: bytes) -> bytes:
        """What a server sent, without the key: some repeat it in an error, from where it could get into a log."""
        return data if self._secret is None else data.replace(self._secret, b"***")

    def _unreachable(self, error: Exception) -> Fault:
        late = isinstance(error, httpcore.ConnectTimeout)
        why = "no answer in time" if late else excerpt(str(error))
        # A server that was there before may only be starting again.
        attempts = (2 if late else None) if self._reached else 1
        return Fault(f"the server cannot be reached: {why}", _UNREACHABLE, attempts=attempts, ends=True)


def _beginning(response: httpcore.Response) -> bytes:
    """The beginning of an error's body, as far as it comes."""
    beginning = b""
    with contextlib.suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        for piece in response.iter_stream():
            beginning += piece
            if len(beginning) >= LARGEST_ERROR:
                break
    return beginning[:LARGEST_ERROR]
