"""Kinds: which runner fits the server at an address, by what the server says of itself."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from edgedocs.core.errors import EdgeDocsError
from edgedocs.runners.servers.address import Address
from edgedocs.runners.servers.bounded import KEY, checked_key

OWNERS = {"vllm": "vllm", "OVMS": "ovms"}
"""Who owns the models in the list that OpenAI's protocol has, by the servers' documentation; runners by owner."""
OTHERWISE = "llama_server"
"""The runner that asks for the protocol alone, unless tokens are wanted."""
GREETING = b"Ollama is running"
PATHS = ("/v1", "/v3")
LARGEST = 2**20
PATIENCE = 10.0


def kind_of(text: str, options: Mapping[str, Any]) -> str:
    """The name of the runner for a server.

    A server that does not answer gets the usual runner, whose own attempt then says what is wrong.

    Args:
        text: the server's address.
        options: those that the runner will get; ``insecure`` matters here too.

    Raises:
        BadInput: if it is no address, or one that may not be asked.
    """
    address = Address.parse(text, insecure=bool(options.get("insecure", False)))
    if GREETING in _get(address.root + "/"):
        return "ollama" if not address.path else OTHERWISE
    for path in (address.path,) if address.path else PATHS:
        try:
            owner = json.loads(_get(f"{address.root}{path}/models"))["data"][0]["owned_by"]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError):
            continue
        return OWNERS.get(owner, OTHERWISE) if isinstance(owner, str) else OTHERWISE
    return OTHERWISE


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        """Nobody but the address that was given is asked, and gets the key."""


def _get(url: str) -> bytes:
    """The start of what a server answers; nothing where it does not, or not in time."""
    found: list[bytes] = []
    # A time limit of the library's own counts the silence between two bytes.
    asking = threading.Thread(target=_ask, args=(url, found), daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return found[0] if found else b""


def _ask(url: str, found: list[bytes]) -> None:
    key = os.environ.get(KEY)
    headers = {"Authorization": f"Bearer {checked_key(key)}"} if key else {}
    try:
        with build_opener(ProxyHandler({}), _NoRedirect).open(
            Request(url, headers=headers), timeout=PATIENCE
        ) as answer:
            found.append(answer.read(LARGEST))
    except HTTPError as error:
        error.close()
    except (OSError, ValueError, HTTPException, EdgeDocsError):
        pass  # the runner's own attempt tells what is wrong
