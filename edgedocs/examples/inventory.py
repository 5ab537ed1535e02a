"""Inventory: every code block of a documentation, what it is for and what became of it. Nothing is left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.examples.collection import CodeBlock, Collection, collect
from edgedocs.examples.facts import load
from edgedocs.examples.share import EnvironmentShare
from edgedocs.examples.shown_output import shown_output
from edgedocs.examples.typed_numbers import TypedNumber, typed_numbers
from edgedocs.examples.verdicts import Verdict, known_verdicts, verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from edgedocs.examples.example import Example
    from edgedocs.examples.project import Project


@dataclass(frozen=True, slots=True)
class Entry:
    """One code block.

    Args:
        id: the example that it is, shows or belongs to (``"04-gguf#quantize"``); for other blocks, page and line.
        page: what messages call the page.
        line: number of its first line.
        kind: ``python``, ``doctest``, ``console``, ``output``, ``part`` or ``shown``.
        verdict: what became of it; a block that belongs to an example has the example's verdict.
        output: what readers are shown as its output: of an example all that the page shows for it, of an output block
            its own text; None where no output is shown, or none is recorded yet.
        comparison: how the example's output is compared; None for blocks that are not run.
    """

    id: str
    page: str
    line: int
    kind: str
    verdict: Verdict
    output: str | None
    comparison: str | None

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON-ready data."""
        return {
            "id": self.id,
            "page": self.page,
            "line": self.line,
            "kind": self.kind,
            "verdict": self.verdict.name,
            "reason": self.verdict.reason,
            "seconds": self.verdict.seconds,
            "output": self.output,
        }


@dataclass(frozen=True, slots=True)
class Inventory:
    """The code blocks of some pages, in order, and what is wrong with the pages.

    Args:
        entries: the code blocks.
        problems: what is wrong.
        share: how many examples of the whole documentation have outputs that are not compared.
        numbers: figures in the prose of the pages that look measured and were typed by hand.
    """

    entries: list[Entry]
    problems: list[BadInput]
    share: EnvironmentShare
    numbers: list[TypedNumber] = field(default_factory=list)

    @classmethod
    def of(
        cls, project: Project, paths: Iterable[Path] | None = None, share: EnvironmentShare | None = None
    ) -> Inventory:
        """Take the inventory of some pages, or of all.

        Args:
            project: the project.
            paths: the pages; by default all.
            share: that of the whole documentation, if it is known already.
        """
        entries: list[Entry] = []
        problems: list[BadInput] = []
        examples: list[Example] = []
        numbers: list[TypedNumber] = []
        known = known_verdicts(project)
        for path in project.page_paths() if paths is None else paths:
            try:
                found = collect(project, project.page(path))
            except BadInput as problem:
                problems.append(problem)
                continue
            problems += found.problems
            entries += [_entry(project, found, block, known) for block in found.blocks]
            examples += found.examples
            numbers += typed_numbers(found.page)
        if paths is not None:
            return cls(entries, problems, share or EnvironmentShare.of_project(project), numbers)
        share = EnvironmentShare.of(examples)
        too_many = share.problem()
        problems += [*_left_over_pages(project), *([too_many] if too_many else [])]
        return cls(entries, problems, share, numbers)

    def kinds(self) -> Counter[str]:
        """How many blocks there are of each kind."""
        return Counter(entry.kind for entry in self.entries)

    def linted(self) -> str:
        """How many shown blocks were linted, and how many could not be: ``"2 linted, 0 not linted"``."""
        shown = Counter(entry.verdict.name for entry in self.entries if entry.kind == "shown")
        return f"{shown['linted'] + shown['failed']} linted, {shown['not-linted']} not linted"

    def findings(self) -> list[dict[str, Any]]:
        """Typed numbers (warnings) and shown blocks that cannot be right (errors) as JSON-ready data, page by page."""
        blocks = [
            {
                "kind": "shown-block",
                "severity": "error",
                "page": entry.page,
                "line": entry.line,
                "text": entry.id,
                "message": entry.verdict.reason,
            }
            for entry in self.entries
            if entry.kind == "shown" and entry.verdict.name == "failed"
        ]
        found = [*blocks, *(each.as_dict() for each in self.numbers)]
        return sorted(found, key=lambda each: (each["page"], each["line"]))

    def as_dict(self) -> dict[str, Any]:
        """The inventory as JSON-ready data; the counts of the verdicts add up to ``rendered``."""
        verdicts = Counter(entry.verdict.name for entry in self.entries)
        return {
            "examples": [entry.as_dict() for entry in self.entries],
            "summary": {**dict(sorted(verdicts.items())), "rendered": len(self.entries)},
        }


def _left_over_pages(project: Project) -> list[BadInput]:
    """Records of pages that do not exist: nothing would ever verify them again."""
    pages = {project.name(path) for path in project.page_paths()}
    return [
        BadInput(
            "there is no page of these records",
            where=project.shown(project.snippets / page),
            expected=f"a page {project.docs.name}/{page}.md",
            remedy="delete the records, or bring the page back",
        )
        for page in load(project.snippets).records
        if page not in pages
    ]


def _entry(project: Project, found: Collection, block: CodeBlock, known: dict[str, Any]) -> Entry:
    page = found.page
    example = next((example for example in found.examples if example.name == block.example), None)
    linted = next((shown for shown in found.shown if shown.fence is block.fence), None)
    if linted is not None:
        verdict = linted.verdict()
    elif block.kind == "shown":
        verdict = Verdict("shown", block.fence.attributes["shown"])
    elif example is not None:
        verdict = verdict_of(known, project, example)
    else:
        verdict = Verdict("failed", "the page has errors")
    identifier = f"{page.name}#{block.example or block.fence.id or f'line-{block.fence.line}'}"
    runs = example is not None and block.kind == example.kind
    comparison = example.comparison.name if example is not None and runs else None
    output = shown_output(project, example, block) if example is not None else None
    return Entry(identifier, page.shown, block.fence.line, block.kind, verdict, output, comparison)
