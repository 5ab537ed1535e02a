"""Budget: how much a run may cost, held before a request and settled after it."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.translation.translators.base import Usage

_MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens.

    Args:
        sent: of the request.
        received: of the answer.
    """

    sent: float
    received: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(dollars) and dollars >= 0 for dollars in (self.sent, self.received)):
            raise BadInput("the price is no amount", where="price", expected="two numbers of US dollars, at least 0")

    def cost(self, sent: int, received: int) -> float:
        """US dollars for so many tokens."""
        return (sent * self.sent + received * self.received) / _MILLION


class Hold:
    """An amount that is held for one request."""

    def __init__(self, upper: Usage) -> None:
        self.usage = upper

    def settle(self, usage: Usage) -> None:
        """Say what the request really took; what is not settled counts in full."""
        self.usage = usage


class Budget:
    """What all threads together may spend.

    A request begins only if what is spent, what is held for requests under way and the most that it can cost stay
    within the limit.

    Args:
        limit: US dollars; None for no limit.
        price: what tokens cost; None if it is not known.

    Raises:
        BadInput: if there is a limit but no price, or the limit is no amount.
    """

    def __init__(self, limit: float | None = None, price: Price | None = None) -> None:
        if limit is not None and not (math.isfinite(limit) and limit >= 0):
            raise BadInput("the budget is no amount", where="budget", expected="US dollars, at least 0")
        if limit is not None and price is None:
            raise BadInput(
                "a budget without a price: nobody can say what a request costs",
                where="budget",
                remedy="give the price of a million tokens sent and received too",
            )
        self._limit = math.inf if limit is None else limit
        self._price = price
        self._spent = Usage()
        self._held: list[float] = []
        self._changed = threading.Condition()

    @property
    def spent(self) -> Usage:
        """What was spent so far."""
        return self._spent

    def priced(self, sent: int, received: int) -> Usage:
        """So many tokens, with their cost if a price is known."""
        return Usage(sent, received, None if self._price is None else self._price.cost(sent, received))

    @contextmanager
    def hold(self, upper: Usage) -> Iterator[Hold]:
        """Hold the most that a request can take while it is under way; waits for other requests to be settled.

        Raises:
            CannotRun: if the budget does not reach.
        """
        cost = upper.cost or 0.0
        with self._changed:
            self._changed.wait_for(lambda: self._fits(cost) or not self._held)
            if not self._fits(cost):
                raise self._exhausted(cost)
            self._held.append(cost)
        held = Hold(upper)
        try:
            yield held
        finally:
            with self._changed:
                self._held.remove(cost)
                self._spent += held.usage
                self._changed.notify_all()

    def _fits(self, cost: float) -> bool:
        return (self._spent.cost or 0.0) + sum(self._held) + cost <= self._limit

    def _exhausted(self, cost: float) -> CannotRun:
        return CannotRun(
            f"the budget does not reach: {self._spent.cost or 0:.4f} of {self._limit:.4f} US dollars are spent and the "
            f"next request can cost {cost:.4f}",
            where="budget",
            remedy="what is translated is kept; raise --budget and run again",
        )
