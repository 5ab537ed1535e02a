"""Address: where a server is, and whether requests may go there."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from edgedocs.core.errors import BadInput

EXPECTED = "an address such as http://127.0.0.1:8080/v1 or https://host/v1"
_HOST = re.compile(r"[0-9A-Za-z._-]+|[0-9A-Fa-f:.]+")
_PATH = re.compile(r"[!-~]*")
_PORTS = {"http": 80, "https": 443}


def is_address(source: object) -> bool:
    """Whether ``source`` is written as the address of a server, right or wrong."""
    return isinstance(source, str) and re.match(r"https?://", source, re.IGNORECASE) is not None


@dataclass(frozen=True)
class Address:
    """The base address of a server's interface.

    Args:
        scheme: ``http`` or ``https``.
        host: name or IP address, without brackets.
        port: number of the port.
        path: what stands before the name of each request, such as ``/v1``; empty for none.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str, *, path: str = "", insecure: bool = False) -> Address:
        """The address that a person gives.

        Args:
            text: the address.
            path: the path where the address has none.
            insecure: whether plain http may be used to another machine; text and key can then be read on the way.

        Raises:
            BadInput: if it is no http(s) address, has a user, a query or a fragment (which may hold a key), or is
                plain http to another machine without consent.
        """
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError as error:
            raise BadInput("no address of a server", expected=EXPECTED) from error
        if "@" in parts.netloc or parts.query or parts.fragment:
            # The message does not repeat what may be a secret.
            raise BadInput(
                "the address holds a user, a query or a fragment",
                expected=EXPECTED,
                remedy="leave it out; a key is read from the variable EDGEDOCS_API_KEY",
            )
        host = (parts.hostname or "").lower()
        if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
            raise BadInput("no address of a server", expected=EXPECTED)
        address = cls(parts.scheme, host, port or _PORTS[parts.scheme], parts.path.rstrip("/") or path)
        if parts.scheme == "http" and not address.is_loopback and not insecure:
            raise BadInput(
                "plain http to another machine: text and key can be read on the way",
                where=str(address),
                expected="https, or a server on this machine",
                remedy="use https, tunnel the port to 127.0.0.1, or allow it with the option insecure",
            )
        return address

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)

    @property
    def root(self) -> str:
        """The address without its path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    def __str__(self) -> str:
        return self.root + self.path


def is_loopback(host: str) -> bool:
    """Whether a host's name or number means this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
