"""Config: the values of a ``config.json``, each checked when it is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgedocs.core.errors import BadInput

LARGEST_SIZE = 2**31 - 1
"""No dimension of a model is larger; GGUF and ONNX Runtime store some of them in 32 bits."""


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

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number above zero."""
        value = self.values.get(key)
        if value is None:
            value = default
        try:
            number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        except OverflowError:
            number = math.inf
        if not (math.isfinite(number) and number > 0):
            raise self.wrong(key, "a number above 0")
        return number

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
                f"{key} is {_short(value)}: {reason}",
                where=self.where,
                expected=listed,
                remedy="use another checkpoint",
            )

    def wrong(self, key: str, expected: str) -> BadInput:
        """The error for a value that cannot be right."""
        what = f"{key} is {_short(self.values[key])}" if key in self.values else f"{key} is missing"
        return BadInput(what, where=self.where, expected=expected, remedy="check that the download is complete")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
