"""Addresses: where a server is, and whether requests may go there."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from edgedocs.core.errors import BadInput

EXPECTED = "an address such as http://127.0.0.1:8080/v1 or https://host/v1"
_HOST = re.compile(r"[0-9A-Za-z._-]+|[0-9A-Fa-f:.]+")
_PATH = re.compile(r"[!-~]*")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class ServerAddress:
    """The address of a server's interface.

    Args:
        scheme: ``http`` or ``https``.
        host: name or IP address, without brackets.
        port: number of the port.
        path: what follows host and port.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, parts: SplitResult, path: str, insecure: bool, consent: str, where: str | None = None) -> Self:
        """The address of these parts, with another path.

        Args:
            parts: what :func:`split` gave.
            path: the path.
            insecure: whether plain http may be used to another machine; text and key can then be read on the way.
            consent: how a person allows that, for error messages.
            where: what was given, for error messages.

        Raises:
            BadInput: if it is no http(s) address, or plain http to another machine without consent.
        """
        host = (parts.hostname or "").lower()
        if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
            raise BadInput("no address of a server", where=where, expected=EXPECTED)
        address = cls(parts.scheme, host, parts.port or _PORTS[parts.scheme], path)
        if parts.scheme == "http" and not address.is_loopback and not insecure:
            raise BadInput(
                "plain http to another machine: text and key can be read on the way",
                where=str(address),
                expected="https, or a server on this machine",
                remedy=f"use https, tunnel the port to 127.0.0.1, or allow it with {consent}",
            )
        return address

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)

    @property
    def netloc(self) -> str:
        """Host and port as in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def root(self) -> str:
        """The address without its path."""
        return f"{self.scheme}://{self.netloc}"

    def __str__(self) -> str:
        return self.root + self.path


def split(text: str, where: str | None = None) -> SplitResult:
    """The parts of an address.

    Raises:
        BadInput: if it cannot be taken apart, or its port is no number of one.
    """
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError as error:
        raise BadInput("no address of a server", where=where, expected=EXPECTED) from error
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host's name or number means this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
