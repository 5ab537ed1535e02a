"""Config: the values of a ``config.json``, each checked when it is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.core.errors import BadInput

LARGEST_SIZE = 2**31 - 1
"""No dimension of a model is larger; GGUF and ONNX Runtime store some of them in 32 bits."""

SMALLEST_NUMBER, LARGEST_NUMBER = 2.0**-126, 2.0**127
"""Numbers in which float32 is exact to seven digits."""


class Config:
    """A ``config.json`` that says which value is missing or cannot be right.

    Args:
        values: the document.
        where: the file it came from, for messages.
    """

    def __init__(self, values: Mapping[str, Any], where: str | Path = "config.json") -> None:
        self.values = values
        self.where = where

    def size(self, key: str, default: int | None = None, largest: int = LARGEST_SIZE) -> int:
        """A whole number from 1 to ``largest``; a missing or null value is ``default`` where there is one."""
        value = self.values.get(key)
        if value is None:
            value = default
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= largest:
            raise self.wrong(key, f"a whole number from 1 to {largest}")
        return value

    def optional_size(self, key: str, default: int | None = None) -> int | None:
        """As :meth:`size`; None where the value is null, ``default`` where it is missing."""
        if key not in self.values:
            return default
        return None if self.values[key] is None else self.size(key)

    def optional_number(self, key: str, default: float | None = None) -> float | None:
        """As :meth:`number`; None where the value is null, ``default`` where it is missing."""
        if key not in self.values:
            return default
        return None if self.values[key] is None else self.number(key)

    def number(self, key: str, default: float | None = None) -> float:
        """A number above zero that float32 can hold, as formats store it; null is as missing."""
        value = self.values.get(key)
        if value is None:
            value = default
        try:
            number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        except OverflowError:
            number = math.inf
        if not SMALLEST_NUMBER <= number <= LARGEST_NUMBER:
            raise self.wrong(key, "a number above 0 that float32 can hold")
        return number

    def numbers(self, key: str, length: int) -> tuple[float, ...]:
        """A list of ``length`` finite numbers above zero."""
        value = self.values.get(key)
        if not isinstance(value, list) or len(value) != length:
            raise self.wrong(key, f"a list of {length} numbers")
        return tuple(Config({key: one}, self.where).number(key) for one in value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def section(self, key: str) -> Config:
        """The object under ``key``; empty where it is missing or null."""
        value = self.values.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.wrong(key, "an object")
        return Config(value, f"{self.where}: {key}")

    def refuse(self, key: str, *allowed: object, reason: str) -> None:
        """Raise unless ``key`` is missing, null or one of ``allowed``; ``reason`` says why."""
        value = self.values.get(key)
        if value is not None and value not in allowed:
            listed = " or ".join(repr(one) for one in allowed) or "nothing"
            raise BadInput(
                f"{key} is {short(value)}: {reason}",
                where=self.where,
                expected=listed,
                remedy="use another checkpoint",
            )

    def wrong(self, key: str, expected: str) -> BadInput:
        """The error for a value that cannot be right."""
        what = f"{key} is {short(self.values[key])}" if key in self.values else f"{key} is missing"
        return BadInput(what, where=self.where, expected=expected, remedy="check that the download is complete")


def short(value: object) -> str:
    """A value as a message shows it."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
