"""From logits to text: which token comes next, and what of the text so far may be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgedocs.core.errors import BadInput

INCOMPLETE = "\ufffd"
"""What decoding puts at the end for the first bytes of a character whose last ones are still to come."""


@dataclass(frozen=True)
class Sampling:
    """How a text is continued; see :meth:`edgedocs.runners.base.Runner.generate`."""

    max_tokens: int
    temperature: float
    stop: tuple[str, ...]
    seed: int

    @classmethod
    def checked(cls, max_tokens: int, temperature: float, stop: str | Sequence[str], seed: int) -> Sampling:
        """The options, or BadInput for the first that cannot be right."""
        stops = (stop,) if isinstance(stop, str) else tuple(stop)
        if max_tokens < 0:
            raise BadInput(f"max_tokens is {max_tokens}", expected="0 or more")
        if not (math.isfinite(temperature) and temperature >= 0):
            raise BadInput(f"temperature is {temperature}", expected="a number, 0 (greedy) or more")
        if not all(stops):
            raise BadInput("a stop text is empty", expected="at least one character")
        if seed < 0:
            raise BadInput(f"seed is {seed}", expected="0 or more")
        return cls(max_tokens, temperature, stops, seed)

    def generator(self) -> np.random.Generator:
        """The source of chance, started from the seed."""
        return np.random.default_rng(self.seed)

    def pick(self, logits: np.ndarray[Any, np.dtype[np.float32]], draw: np.random.Generator) -> int:
        """The next token for logits [vocabulary]; of equally likely ones, greedy picking takes the first."""
        if self.temperature == 0:
            return int(np.argmax(logits))
        with np.errstate(over="ignore"):  # what overflows is infinitely unlikely
            exponents = (logits.astype(np.float64) - float(logits.max())) / self.temperature
        cumulative = np.cumsum(np.exp(exponents))
        drawn = np.searchsorted(cumulative, draw.random() * cumulative[-1], side="right")
        return min(int(drawn), logits.size - 1)


class Text:
    """The text of the tokens so far, given out in pieces of whole characters, up to a stop text.

    Args:
        detokenize: gives the text of tokens.
        before: the token before the first, so that a tokenizer that treats the start of a text in its own way
            does not do so within it.
        stop: the texts before which to stop.
    """

    def __init__(self, detokenize: Callable[[Sequence[int]], str], before: int, stop: tuple[str, ...]) -> None:
        self._detokenize = detokenize
        self._tokens = [before]
        self._given = len(detokenize(self._tokens))
        self._stopping = Stopping(stop)

    @property
    def stopped(self) -> bool:
        """Whether a stop text is complete."""
        return self._stopping.stopped

    def push(self, token: int) -> Iterator[str]:
        """Add a token; gives what can be shown now, if anything."""
        self._tokens.append(token)
        text = self._detokenize(self._tokens)
        whole = text.removesuffix(INCOMPLETE)
        piece = whole[self._given :]
        self._given = len(whole)
        if whole == text:
            self._tokens = [token]
            self._given = len(self._detokenize(self._tokens))
        yield from self._stopping.push(piece)

    def finish(self) -> Iterator[str]:
        """What was held back in case a stop text began there; a character that stayed incomplete is left out."""
        yield from self._stopping.finish()


class Stopping:
    """Text that comes in pieces, given out up to a stop text.

    Args:
        stop: the texts before which to stop.
    """

    def __init__(self, stop: tuple[str, ...]) -> None:
        self.stopped = False
        self._stop = stop
        self._held = ""

    def push(self, piece: str) -> Iterator[str]:
        """Add a piece; gives what can be shown now, if anything."""
        self._held += piece
        found = [(place + len(stop), place) for stop in self._stop if (place := self._held.find(stop)) >= 0]
        self.stopped = bool(found)
        # The first to be complete counts, so that it does not matter how the text is cut into pieces.
        ready = min(found)[1] if found else len(self._held) - self._possible_stop()
        if ready:
            yield self._held[:ready]
        self._held = "" if self.stopped else self._held[ready:]

    def finish(self) -> Iterator[str]:
        """What was held back in case a stop text began there."""
        if self._held:
            yield self._held
            self._held = ""

    def _possible_stop(self) -> int:
        """The length of the longest end of the held text that a stop text begins with."""
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stop):
                return length
        return 0
