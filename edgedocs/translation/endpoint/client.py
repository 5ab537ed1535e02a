"""Chat client: sends messages to an OpenAI-compatible server and tries again where that can help."""

from __future__ import annotations

import importlib
import json
import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.translation.endpoint.backoff import Patience
from edgedocs.translation.endpoint.budget import Budget
from edgedocs.translation.endpoint.completion import Completion
from edgedocs.translation.endpoint.dialect import Dialect
from edgedocs.translation.endpoint.faults import Fault
from edgedocs.translation.endpoint.limiter import RateLimiter
from edgedocs.translation.endpoint.tokens import upper
from edgedocs.translation.translators.base import NotTranslated, Usage

if TYPE_CHECKING:
    from edgedocs.translation.endpoint.address import Address
    from edgedocs.translation.endpoint.exchange import Exchange

_KEY = re.compile(r"[!-~]{1,4096}")


class _Attempts:
    """How often a request was sent, and how many others had succeeded before."""

    def __init__(self, answers: int) -> None:
        self.attempt = self.total = 0
        self.answers = self.answers_at_first = answers

    def begin(self, answers: int) -> None:
        self.attempt, self.total, self.answers = self.attempt + 1, self.total + 1, answers


class ChatClient:
    """Talks to one server, from any number of threads.

    Args:
        address: where the server's chat completions are.
        model: its model, None if the server has only one.
        key: sent as a bearer token; None for none. It stands in no message and no log.
        timeout: seconds that one attempt may take as a whole, from the connection to the last byte.
        limiter: the pace of all threads.
        budget: what all threads may spend.
        patience: how often and after what time to try again.

    Raises:
        BadInput: if the key cannot be one.
        CannotRun: if the package httpcore is missing.
    """

    def __init__(
        self,
        address: Address,
        *,
        model: str | None = None,
        key: str | None = None,
        timeout: float = 120.0,
        limiter: RateLimiter | None = None,
        budget: Budget | None = None,
        patience: Patience | None = None,
    ) -> None:
        if key is not None and not _KEY.fullmatch(key):
            raise BadInput("the key cannot be one", where="environment", expected="printable ASCII without blanks")
        self.budget = budget or Budget()
        self._address = address
        self._model = model
        self._key = key
        self._limiter = limiter or RateLimiter()
        self._patience = patience or Patience()
        self._dialect = Dialect()
        self._exchange = _exchange(address, key, timeout)
        self._lock = threading.Lock()
        self._answers = 0
        self._failures = 0

    def complete(self, messages: Sequence[dict[str, str]], max_tokens: int, least: int = 0) -> tuple[Completion, Usage]:
        """The server's answer to messages, and what it took, failed attempts included.

        Args:
            messages: ``role`` and ``content`` of each.
            max_tokens: how many tokens the answer may have.
            least: how many it must be allowed to have, if the model's context has no room for more; 0 for as many.

        Raises:
            NotTranslated: if the server does not answer these messages.
            CannotRun: if it will answer none: it cannot be reached, wants another key or does not know the model,
                always says that there are too many requests, fails at one segment after the other, or the budget does
                not reach.
        """
        sent = upper(message["content"] for message in messages)
        highest = self.budget.priced(sent, max_tokens)
        taken, attempts = Usage(), _Attempts(self._answers)
        while True:
            dialect = self._dialect
            attempts.begin(self._answers)
            answer, usage = self._attempt(dialect, messages, max_tokens, highest)
            taken += usage
            if isinstance(answer, Completion):
                self._note_answer()
                return answer, taken
            fault = answer
            if fault.too_long and 0 < least < max_tokens:
                max_tokens = least
                highest = self.budget.priced(sent, max_tokens)
                continue
            if self._learned(dialect, fault):
                continue
            self._wait_or_raise(fault, attempts)

    def close(self) -> None:
        """End what is under way, in other threads too, and let go of the connections."""
        self._limiter.close()
        self._exchange.close()

    def _attempt(
        self, dialect: Dialect, messages: Sequence[dict[str, str]], max_tokens: int, highest: Usage
    ) -> tuple[Completion | Fault, Usage]:
        """Send once, in turn and within the budget; the answer or what went wrong, and what it took."""
        with self.budget.hold(highest) as hold:
            hold.settle(Usage())
            self._limiter.wait()
            hold.settle(highest)
            try:
                completion = self._send(dialect, messages, max_tokens)
            except Fault as fault:
                hold.settle(highest if fault.charged else Usage())
                return fault, hold.usage
            hold.settle(self._taken(completion, highest))
            return completion, hold.usage

    def _send(self, dialect: Dialect, messages: Sequence[dict[str, str]], max_tokens: int) -> Completion:
        body = json.dumps(dialect.body(self._model, messages, max_tokens), ensure_ascii=True).encode("ascii")
        return Completion.parse(self._exchange.post(body, self._model))

    def _taken(self, completion: Completion, highest: Usage) -> Usage:
        """What the server says that it took; where it does not say, the most that it can have been."""
        sent, received = completion.sent, completion.received
        if sent is None or received is None:
            return highest
        return self.budget.priced(sent, received)

    def _note_answer(self) -> None:
        with self._lock:
            self._answers += 1
            self._failures = 0

    def _learned(self, dialect: Dialect, fault: Fault) -> bool:
        """Whether the server only wants another dialect; from now on it is spoken."""
        if fault.refused_words is None:
            return False
        changed = dialect.after_refusal(fault.refused_words)
        if changed == dialect:
            return False
        with self._lock:
            self._dialect = self._dialect.after_refusal(fault.refused_words)
        return True

    def _wait_or_raise(self, fault: Fault, attempts: _Attempts) -> None:
        """Wait before the next attempt, or say that there is none."""
        if self._limiter.closed:
            raise self._error(CannotRun, Fault("the translator was closed during a request"))
        # While other requests succeed, the server is only busy, and this one's turn will come.
        attempt = 1 if fault.pauses and self._answers > attempts.answers else attempts.attempt
        patience = self._patience
        wait = patience.delay(attempt) if fault.wait is None else fault.wait
        if wait > patience.longest:
            what = f"{fault.what}; the server asks to wait {wait:.0f} seconds"
            raise self._error(CannotRun, Fault(what, "run again after that time: what is translated is kept"))
        if attempt >= (fault.attempts or patience.attempts) or attempts.total >= patience.ceiling:
            raise self._final(fault, attempts)
        attempts.attempt = attempt
        if fault.pauses:
            self._limiter.pause(wait)
        else:
            self._limiter.sleep(wait)

    def _final(self, fault: Fault, attempts: _Attempts) -> CannotRun | NotTranslated:
        what = fault.what if attempts.total == 1 else f"{fault.what} ({attempts.total} attempts)"
        if fault.ends and not (fault.pauses and self._answers > attempts.answers_at_first):
            return self._error(CannotRun, Fault(what, fault.remedy))
        with self._lock:
            self._failures += 1
            failures = self._failures
        if failures >= self._patience.segments:
            what = f"{failures} segments in a row failed, the last one so: {what}"
            return self._error(CannotRun, Fault(what, fault.remedy))
        return self._error(NotTranslated, Fault(what, fault.remedy))

    def _error(self, kind: type[CannotRun | NotTranslated], fault: Fault) -> CannotRun | NotTranslated:
        # One of a few characters, as people give to servers that want any key at all, is no secret.
        secret = self._key if self._key is not None and len(self._key) > 3 else None
        what = fault.what if secret is None else fault.what.replace(secret, "***")
        return kind(what, where=str(self._address), remedy=fault.remedy)


def _exchange(address: Address, key: str | None, timeout: float) -> Exchange:
    try:
        module = importlib.import_module("edgedocs.translation.endpoint.exchange")
    except ImportError as error:
        raise CannotRun(
            "the package httpcore is not installed", where="translator", remedy='pip install "edgedocs[translate]"'
        ) from error
    exchange: Exchange = module.Exchange(address, key, timeout)
    return exchange
