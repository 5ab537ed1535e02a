"""A tensor as it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class TensorSummary:
    """One tensor: its name, storage type, shape (rows first) and stored bytes."""

    name: str
    type: str
    shape: tuple[int, ...]
    size_bytes: int

    @property
    def weights(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    def row(self) -> tuple[str, str, str, int]:
        """The tensor as a row of a table."""
        return self.name, self.type, " × ".join(map(str, self.shape)), self.size_bytes
