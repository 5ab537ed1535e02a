"""Share: how many examples of a documentation have an output that depends on the machine and is not compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.examples.collection import collect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgedocs.examples.example import Example
    from edgedocs.examples.project import Project

LARGEST_SHARE = 0.1
"""Of all examples of a documentation; one is always allowed."""


@dataclass(frozen=True, slots=True)
class EnvironmentShare:
    """The examples of a documentation whose outputs are not compared.

    Args:
        ids: theirs, in order.
        examples: how many examples there are in all.
    """

    ids: tuple[str, ...]
    examples: int

    @classmethod
    def of(cls, examples: Iterable[Example]) -> EnvironmentShare:
        """The share among some examples."""
        known = list(examples)
        return cls(tuple(each.id for each in known if each.comparison.name == "environment"), len(known))

    @classmethod
    def of_project(cls, project: Project) -> EnvironmentShare:
        """The share among all examples of a project; a page that cannot be read has none."""
        examples: list[Example] = []
        for path in project.page_paths():
            try:
                examples += collect(project, project.page(path)).examples
            except BadInput:
                continue
        return cls.of(examples)

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return len(self.ids) / self.examples if self.examples else 0.0

    @property
    def allowed(self) -> int:
        """How many such examples there may be."""
        return max(1, int(self.examples * LARGEST_SHARE))

    def problem(self) -> BadInput | None:
        """What is wrong if there are too many."""
        if len(self.ids) <= self.allowed:
            return None
        return BadInput(
            f'{self}; too many have output="environment"',
            where=", ".join(self.ids),
            expected=f"at most {LARGEST_SHARE:.0%} of the examples, here {self.allowed}",
            remedy='compare what can be compared, for example with output="bound" or output="approx"',
        )

    def as_dict(self) -> dict[str, Any]:
        """The share as JSON-ready data."""
        return {
            "ids": list(self.ids),
            "examples": self.examples,
            "share": round(self.share, 4),
            "allowed": self.allowed,
        }

    def __str__(self) -> str:
        number = f"{len(self.ids)} of {self.examples} examples ({self.share:.1%})"
        return f"the outputs of {number} depend on the machine and are not compared"
