"""Notes: what readers are told of a code block beside what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.examples.facts import NOT_RUN
from edgedocs.publishing.fences import Note

if TYPE_CHECKING:
    from edgedocs.examples.collection import CodeBlock
    from edgedocs.examples.example import Example
    from edgedocs.publishing.context import Context


@dataclass(frozen=True)
class Notes:
    """The notes with the code blocks of a page.

    Args:
        context: the page's surroundings.
    """

    context: Context

    def of(self, block: CodeBlock) -> list[Note]:
        """What readers are told of a block: its requirements, its verdict, or why it is not run."""
        labels, attributes = self.context.labels, block.fence.attributes
        notes = []
        if requires := attributes.get("requires"):
            names = ", ".join(f"`{name}`" for name in requires.split())
            notes.append(Note(labels["requires"].format(names=names), "requires", above=True))
        if block.kind == "shown":
            notes.append(Note(labels["shown"].format(reason=self._reason(attributes["shown"])), "shown"))
        example = self.context.examples.get(block.example or "")
        if example is not None:
            if block.kind == "output":
                notes += self._verdict(example)
            elif block.kind == example.kind and not example.expected:
                notes += self._not_run(example)
        return notes

    def _reason(self, text: str) -> str:
        """A reason in the page's language; screen readers are told where it stays in that of the code block."""
        language, labels = self.context.source_language, self.context.labels
        if language == labels.language:
            return text
        return labels.reasons.get(text) or f'<span lang="{language}">{text}</span>'

    def _not_run(self, example: Example) -> list[Note]:
        """That the example was not run when outputs were recorded last, for want of something that it requires."""
        provenance = self.context.provenance(example.name) or {}
        mark = provenance.get(NOT_RUN)
        if not example.requires or (provenance and mark is None):
            return []
        missing = mark.get("missing") if isinstance(mark, dict) else None
        names = ", ".join(f"`{name}`" for name in missing or example.requires)
        day = self.context.day(provenance)
        label = self.context.labels["not_run" if day else "never_run"]
        return [Note(label.format(names=names, date=day), "not-run")]

    def _verdict(self, example: Example) -> list[Note]:
        """When and where the output was verified, as far as that was recorded."""
        if not_run := self._not_run(example):
            return not_run
        provenance = self.context.provenance(example.name)
        day = self.context.day(provenance) if provenance else None
        if provenance is None or day is None:
            return []
        measured = example.comparison.name == "environment"
        text = self.context.labels["measured" if measured else "verified"].format(date=day)
        machine = {key: provenance.get(key) for key in ("processor", "system", "python")}
        if all(machine.values()):
            text += f" · {self.context.labels['machine'].format(**machine)}"
        return [Note(text, "measured" if measured else "verified")]
