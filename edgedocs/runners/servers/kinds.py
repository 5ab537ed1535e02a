"""Kinds: which runner fits the server at an address, by what the server says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from edgedocs.runners.servers.address import Address

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


def _get(url: str) -> bytes:
    """The start of what a server answers, whatever its status; nothing where none does."""
    try:
        # Neither proxies nor what another host says: only the address that was given is asked.
        with build_opener(ProxyHandler({})).open(Request(url), timeout=PATIENCE) as answer:
            found: bytes = answer.read(LARGEST)
            return found
    except HTTPError as error:
        error.close()
        return b""
    except (OSError, ValueError):
        return b""
