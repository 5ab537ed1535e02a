"""Shown blocks: code that is not run is still parsed, where a linter knows its language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_text
from edgedocs.examples.linters import linter_for
from edgedocs.examples.outcome import ExampleError
from edgedocs.examples.source import has_own_lines
from edgedocs.examples.verdicts import Verdict

if TYPE_CHECKING:
    from edgedocs.examples.linters import Finding, Linter
    from edgedocs.examples.project import Project
    from edgedocs.pages import Fence, Page


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block that is shown and linted.

    Args:
        project: the project of its page.
        page: the page that it stands on.
        fence: the block.
        linter: what parses it.
    """

    project: Project
    page: Page
    fence: Fence
    linter: Linter

    @property
    def id(self) -> str:
        """Page and id, as for an example: ``"04-gguf#settings"``."""
        return f"{self.page.name}#{self.fence.id}"

    @property
    def place(self) -> str:
        """What messages call its place."""
        return self.page.place(self.fence.line)

    def not_linted(self) -> str | None:
        """Why it cannot be linted here, or None."""
        absent = self.linter.absent()
        return None if absent is None else f"not linted: no {absent}"

    def check(self) -> None:
        """Lint the block, or the whole file that it includes.

        Raises:
            ExampleError: if anything is wrong; the message has a line for each finding.
            BadInput: if the included file cannot be read.
        """
        text, first, shown = self._text()
        findings = _lint(self.linter, text)
        if findings:
            lines = [f"{shown}:{first + each.line - 1}: line {each.line}: {each.what}" for each in findings]
            raise ExampleError(
                f"the {self.fence.language} block {self.id} cannot be right\n" + "\n".join(lines),
                where=self.place,
                expected=f"{self.fence.language} that can be read",
                remedy="correct the block; readers copy it",
            )

    def verdict(self) -> Verdict:
        """``linted``, ``failed`` with the first finding, or ``not-linted`` with what is missing."""
        reason = self.not_linted()
        if reason is not None:
            return Verdict("not-linted", reason)
        try:
            self.check()
        except (ExampleError, BadInput) as error:
            return Verdict("failed", " ".join(error.what.split("\n")[:2]))
        return Verdict("linted", self.fence.attributes["shown"])

    def _text(self) -> tuple[str, int, str]:
        """The text, the number of its first line and what messages call its file."""
        if not self.fence.includes:
            return self.fence.body, self.fence.body_line, self.page.shown
        include = self.fence.includes[0]
        path = include.resolve(self.project.snippets, self.page.place(include.line))
        return read_text(path).replace("\r\n", "\n"), 1, self.project.shown(path)


@lru_cache(maxsize=64)
def _lint(linter: Linter, text: str) -> list[Finding]:
    """A block is asked for twice in a run: by its test and by the inventory."""
    return linter.lint(text)


def shown_block(project: Project, page: Page, fence: Fence) -> ShownBlock | None:
    """A shown block as one that is linted; None if no linter knows its language.

    Raises:
        BadInput: if it has no id, which is what its test is called, or includes more than one file.
    """
    linter = linter_for(fence.language)
    if linter is None:
        return None
    where = page.place(fence.line)
    if fence.id is None:
        raise BadInput(
            f"a shown {fence.language} block without an id",
            where=where,
            expected=f'```{fence.language} {{#name shown="…"}}',
            remedy="give it an id: it is linted, and its test is called by the id",
        )
    if fence.includes and (has_own_lines(fence) or len({include.path for include in fence.includes}) > 1):
        raise BadInput(
            "the block holds an include and something else",
            where=where,
            expected="includes of one file, or text",
            remedy="move the text into the file",
        )
    return ShownBlock(project, page, fence, linter)
