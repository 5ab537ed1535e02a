"""Example: a code block of a page that is run, and what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from edgedocs.examples.comparison import Comparison
from edgedocs.examples.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.examples.facts import FactKind
    from edgedocs.pages import Fence, Page

ExampleKind = Literal["python", "doctest", "console"]


@dataclass(frozen=True, slots=True)
class FactRequest:
    """A variable that the example records as a fact: its name, its kind and, for a bounded one, its factor."""

    name: str
    kind: FactKind = "exact"
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """Output that the page shows for an example: the block that shows it, and the recorded file that it includes.

    Args:
        fence: the block.
        recorded: whether the block includes the recorded output; if not, its body is the output.
    """

    fence: Fence
    recorded: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A code block that is run.

    Args:
        page: the page that it stands on.
        name: its id on the page.
        kind: how it is run.
        fence: the block.
        code: all of it: the included file, or the block's own body.
        snippet: the file that it includes, or None.
        comparison: how its output is compared.
        expected: the blocks that show its output.
        facts: what it records.
        files: the files that it writes and the page shows.
        requires: the runners, converters or packages that it needs.
        limits: what it may use.
        status: for a console, the exit status that its last command is expected to have.
    """

    page: Page
    name: str
    kind: ExampleKind
    fence: Fence
    code: str
    snippet: Path | None = None
    comparison: Comparison = field(default_factory=Comparison)
    expected: tuple[Expected, ...] = ()
    facts: tuple[FactRequest, ...] = ()
    files: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    status: int = 0

    @property
    def id(self) -> str:
        """Page and name: ``"04-gguf#quantize"``; also the last part of the pytest id."""
        return f"{self.page.name}#{self.name}"

    @property
    def line(self) -> int:
        """Number of its first line in the page, from 1."""
        return self.fence.line

    @property
    def place(self) -> str:
        """What messages call its place: ``"docs/04-gguf.md:12"``."""
        return self.page.place(self.line)

    @property
    def records(self) -> bool:
        """Whether anything of it is recorded beside its snippet, and with it when and where it ran.

        One that cannot run everywhere always is, so that readers can be told whether it did.
        """
        shows = any(expected.recorded for expected in self.expected)
        return shows or bool(self.facts or self.files or self.requires) or self.comparison.name == "environment"

    @property
    def output_target(self) -> str:
        """Path of its recorded output in the snippets folder."""
        return f"{self.page.name}/{self.name}.out"
