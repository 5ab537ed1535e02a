"""Address: where requests go, and whether they may go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgedocs.core.addresses import EXPECTED, ServerAddress, split
from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from urllib.parse import SplitResult

PATH = "/chat/completions"
WHERE = "endpoint"
"""The setting that holds it, for error messages."""


class Address(ServerAddress):
    """The address of a server's chat completions; its path is the one that requests are sent to."""

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
        parts = split(text, WHERE)
        _require_bare(parts)
        path = parts.path.rstrip("/")
        return cls.of(parts, path if path.endswith(PATH) else path + PATH, insecure, "--insecure", WHERE)


def _require_bare(parts: SplitResult) -> None:
    """No part that may hold a secret; the message does not repeat it."""
    for there, noun in (("@" in parts.netloc, "a user or password"), (parts.query, "a query"), (parts.fragment, "#…")):
        if there:
            remedy = "leave it out; a key is read from the environment"
            raise BadInput(f"the address holds {noun}", where=WHERE, expected=EXPECTED, remedy=remedy)
