"""Address: where requests go, and whether they may go there."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from edgedocs.core.errors import BadInput

PATH = "/chat/completions"
EXPECTED = "an address such as http://127.0.0.1:8080/v1 or https://host/v1"
_HOST = re.compile(r"[0-9A-Za-z._-]+|[0-9A-Fa-f:.]+")
_PATH = re.compile(r"[!-~]*")


@dataclass(frozen=True)
class Address:
    """The address of a server's chat completions.

    Args:
        scheme: ``http`` or ``https``.
        host: name or IP address, without brackets.
        port: number of the port.
        path: path that requests are sent to.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str, *, insecure: bool = False) -> Address:
        """The address that a person gives: the base (``…/v1``), or the whole path of the chat completions.

        Args:
            text: the address.
            insecure: whether plain http may be used to a server on another machine; text and key are then readable
                on the way.

        Raises:
            BadInput: if it is no http(s) address, has a user, a query or a fragment (which may hold a key), or is
                plain http to another machine without consent.
        """
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError as error:
            raise BadInput("no address of a server", where="endpoint", expected=EXPECTED) from error
        _require_bare(parts)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
            raise BadInput("no address of a server", where="endpoint", expected=EXPECTED)
        path = parts.path.rstrip("/")
        path = path if path.endswith(PATH) else path + PATH
        address = cls(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)
        if parts.scheme == "http" and not address.is_loopback and not insecure:
            raise BadInput(
                "plain http to another machine: text and key can be read on the way",
                where=str(address),
                expected="https, or a server on this machine",
                remedy="use https, tunnel the port to 127.0.0.1, or allow it with --insecure",
            )
        return address

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def netloc(self) -> str:
        """Host and port as in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == default else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


def _require_bare(parts: SplitResult) -> None:
    """No part that may hold a secret; the message does not repeat it."""
    for there, noun in (("@" in parts.netloc, "a user or password"), (parts.query, "a query"), (parts.fragment, "#…")):
        if there:
            remedy = "leave it out; a key is read from the environment"
            raise BadInput(f"the address holds {noun}", where="endpoint", expected=EXPECTED, remedy=remedy)
