"""Outcome: what an example gave when it ran, before anything is compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgedocs.core.errors import EdgeDocsError

if TYPE_CHECKING:
    from edgedocs.examples.facts import Scalar


class ExampleError(EdgeDocsError):
    """An example did not run to its end, or did not give what the page shows."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an example gave.

    Args:
        output: what it printed, with LF line ends.
        seconds: how long it took.
        facts: the values that it records.
        files: the contents of the files that it records.
        outputs: for a console, what each command printed.
    """

    output: str
    seconds: float
    facts: dict[str, Scalar] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
