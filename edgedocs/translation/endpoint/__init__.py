"""Endpoint: requests to an OpenAI-compatible server, bounded in time, size, rate and cost.

Nothing here finds a server by itself. It goes to the one address that it is given, over a direct connection: proxies,
``.netrc`` and redirects are not followed. What is sent are the messages of :mod:`.prompt` and the key, if there is one.
"""

from __future__ import annotations

from edgedocs.translation.endpoint.address import Address
from edgedocs.translation.endpoint.backoff import Patience
from edgedocs.translation.endpoint.budget import Budget, Price
from edgedocs.translation.endpoint.client import ChatClient
from edgedocs.translation.endpoint.completion import Completion
from edgedocs.translation.endpoint.limiter import RateLimiter

__all__ = ["Address", "Budget", "ChatClient", "Completion", "Patience", "Price", "RateLimiter"]
