"""Writer: one page as it is staged, plain Markdown that needs neither snippets nor records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgedocs.examples.facts import NOT_RUN
from edgedocs.pages.fence import Fence, read_fence
from edgedocs.pages.scanner import scan
from edgedocs.publishing import bars, copying, fences, prose
from edgedocs.publishing.definitions import Tooltips
from edgedocs.publishing.fences import Note
from edgedocs.publishing.includes import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edgedocs.examples.collection import CodeBlock
    from edgedocs.examples.example import Example
    from edgedocs.pages.block import Block
    from edgedocs.publishing.context import Context

_BEFORE_TEXT = frozenset({"front-matter", "blank"})
_UNTOUCHED = frozenset({"blank", "code", "comment", "front-matter", "math", "rule"})


@dataclass(frozen=True)
class Written:
    """A page as it is staged, and the terms on it: the ids of their entries in the glossary, in order of first use."""

    text: str
    terms: tuple[str, ...]


def write(text: str, context: Context, publish: Callable[[Path], str], notice: str = "") -> Written:
    """The staged form of a page: includes expanded, values in place of references, code blocks as readers see them.

    Args:
        text: the page, without header and segment records.
        context: what may be looked up.
        publish: takes a file of the snippets folder into the site; gives its path below the language's folder.
        notice: what stands under the first heading, or before all else if the page begins with something else.

    Raises:
        BadInput: for a missing include, an unknown fact or an unsuitable format; names the page and the line.
    """
    inflected = context.labels.language != "en"
    tooltips = Tooltips(context.definitions, inflected=inflected, glossary=context.glossary)
    writer = _Writer(context, publish, tooltips)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = scan(text)
    parts = [writer.block(block) for block in blocks]
    written = _with_notice(parts, blocks, notice) if notice else "".join(parts)
    return Written(written, tuple(tooltips.used))


def _with_notice(parts: Sequence[str], blocks: Sequence[Block], notice: str) -> str:
    """A page with its notice under the first heading, or before all else if it begins with something else."""
    first = next((place for place, block in enumerate(blocks) if block.kind not in _BEFORE_TEXT), len(blocks))
    start = first + 1 if first < len(blocks) and blocks[first].kind == "heading" else first
    before, after = "".join(parts[:start]).rstrip(), "".join(parts[start:]).lstrip("\n")
    return f"{before}\n\n{notice}\n\n{after}" if before else f"{notice}\n\n{after}"


@dataclass(frozen=True)
class _Writer:
    context: Context
    publish: Callable[[Path], str]
    tooltips: Tooltips

    def block(self, block: Block) -> str:
        if block.kind == "fence":
            return self._fence(read_fence(block))
        if block.kind == "include":
            return expand(block.text, block.line, self.context)
        if block.kind in _UNTOUCHED:
            return block.text
        linked = _with_text(block, prose.with_recorded_files(block, self.context, self.publish))
        valued = _with_text(linked, prose.with_values(linked, self.context))
        return self.tooltips.add(valued)

    def _fence(self, fence: Fence) -> str:
        found = self.context.code_block(fence)
        if found is None:
            # A translation that lags behind still has what the source lost. Anything else is for the proof to report.
            return "" if self.context.lagging else fence.block.text
        shown = replace(found.fence, block=fence.block)
        body = expand(shown.body, fence.body_line, self.context)
        if columns := shown.attributes.get("bars"):
            bars.require(body, columns, f"{self.context.shown}:{fence.line + self.context.lines_before}")
        return fences.render(shown, body, kind=found.kind, copy=self._copied(found, body), notes=self._notes(found))

    def _copied(self, block: CodeBlock, body: str) -> str | None:
        """What the copy button gives: of an example the whole file that was tested, of a session its input."""
        if block.kind == "output":
            return None
        if block.fence.language == "pycon":
            return copying.session_source(body)
        if block.fence.language == "console":
            return copying.console_commands(body) or None
        if block.example is None:
            return body
        return self.context.examples[block.example].code.replace("\r\n", "\n")

    def _notes(self, block: CodeBlock) -> list[Note]:
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


def _with_text(block: Block, text: str) -> Block:
    return block if text == block.text else replace(block, text=text)
