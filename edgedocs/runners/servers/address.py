"""Address: where a runner's server is."""

from __future__ import annotations

import re

from edgedocs.core.addresses import EXPECTED, ServerAddress, split
from edgedocs.core.errors import BadInput


def is_address(source: object) -> bool:
    """Whether ``source`` is written as the address of a server, right or wrong."""
    return isinstance(source, str) and re.match(r"https?://", source, re.IGNORECASE) is not None


class Address(ServerAddress):
    """The base address of a server's interface; its path, such as ``/v1``, stands before the name of each request."""

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
        parts = split(text)
        if "@" in parts.netloc or parts.query or parts.fragment:
            # The message does not repeat what may be a secret.
            raise BadInput(
                "the address holds a user, a query or a fragment",
                expected=EXPECTED,
                remedy="leave it out; a key is read from the variable EDGEDOCS_API_KEY",
            )
        return cls.of(parts, parts.path.rstrip("/") or path, insecure, "the option insecure")
