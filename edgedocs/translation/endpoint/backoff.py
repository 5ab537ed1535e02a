"""Back-off: how long to wait before a request is tried again, and how often."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Patience:
    """How persistent a client is.

    Args:
        attempts: how often one request is sent at most, while no other request succeeds in between.
        ceiling: how often one request is sent at most, whatever else happens.
        first: seconds to wait at most before the second attempt; doubles from attempt to attempt.
        longest: seconds to wait at most; a server that asks for more is not waited for.
        segments: how many segments in a row may fail by the server's fault before the run ends.
    """

    attempts: int = 6
    ceiling: int = 20
    first: float = 1.0
    longest: float = 120.0
    segments: int = 8

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the failed attempt of this number, from 1.

        Between half and all of a time that doubles, so that clients that failed together do not come back together
        (exponential back-off with jitter).
        """
        whole = min(self.longest, self.first * 2.0 ** min(attempt - 1, 30))
        return whole * random.uniform(0.5, 1)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the ``Retry-After`` header asks to wait: a number of seconds, or a date (RFC 9110, 10.2.3).

    None without the header, or if it cannot be understood.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, date.timestamp() - time.time())
