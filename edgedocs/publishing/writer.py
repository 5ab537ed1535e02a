"""Writer: one page as it is staged, plain Markdown that needs neither snippets nor records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgedocs.pages.fence import Fence, read_fence
from edgedocs.pages.scanner import scan
from edgedocs.publishing import bars, copying, fences, front_matter, prose
from edgedocs.publishing.definitions import Tooltips
from edgedocs.publishing.includes import expand
from edgedocs.publishing.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edgedocs.examples.collection import CodeBlock
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
        if block.kind == "front-matter":
            front_matter.require(block.text, self.context.shown, block.line + self.context.lines_before)
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
        copy, notes = copied(found, body, self.context), Notes(self.context).of(found)
        return fences.render(shown, body, kind=found.kind, copy=copy, notes=notes)


def copied(block: CodeBlock, body: str, context: Context) -> str | None:
    """What the copy button gives: of an example the whole file that was tested, of a session its input.

    Args:
        block: of the source page.
        body: what it shows, its includes expanded.
        context: the page's surroundings.
    """
    if block.kind == "output":
        return None
    if block.fence.language == "pycon":
        return copying.session_source(body)
    if block.fence.language == "console":
        return copying.console_commands(body) or None
    if block.example is None:
        return body
    return context.examples[block.example].code.replace("\r\n", "\n")


def _with_text(block: Block, text: str) -> Block:
    return block if text == block.text else replace(block, text=text)
