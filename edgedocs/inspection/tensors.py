"""A tensor as it is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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


def without(name: str, endings: Iterable[str]) -> str:
    """A name without the first of some endings that it has."""
    return next((name.removesuffix(ending) for ending in endings if name.endswith(ending)), name)


def add_bytes(found: dict[str, TensorSummary], name: str, size: int) -> None:
    """Count bytes to a weight that was found: those of its scales, its zero points, its copy."""
    found[name] = replace(found[name], size_bytes=found[name].size_bytes + size)
