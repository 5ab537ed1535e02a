"""Writer: one page as it is staged, plain Markdown that needs neither snippets nor records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgedocs.pages.fence import Fence, read_fence
from edgedocs.pages.scanner import scan
from edgedocs.publishing import copying, fences, prose
from edgedocs.publishing.definitions import Tooltips
from edgedocs.publishing.includes import expand
from edgedocs.publishing.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edgedocs.examples.collection import CodeBlock
    from edgedocs.pages.block import Block
    from edgedocs.publishing.context import Context

_UNTOUCHED = frozenset({"blank", "code", "comment", "front-matter", "math", "rule"})


def write(text: str, context: Context, publish: Callable[[Path], str]) -> str:
    """The staged form of a page: includes expanded, values in place of references, code blocks as readers see them.

    Args:
        text: the page, without header and segment records.
        context: what may be looked up.
        publish: takes a file of the snippets folder into the site; gives its path below the language's folder.

    Raises:
        BadInput: for a missing include, an unknown fact or an unsuitable format; names the page and the line.
    """
    writer = _Writer(context, publish, Tooltips(context.definitions, inflected=context.labels.language != "en"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(writer.block(block) for block in scan(text))


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
        linked = prose.with_recorded_files(block, self.context, self.publish)
        valued = prose.with_values(replace(block, text=linked), self.context)
        return self.tooltips.add(replace(block, text=valued))

    def _fence(self, fence: Fence) -> str:
        found = self.context.code_block(fence)
        if found is None:
            # A translation that lags behind still has what the source lost. Anything else is for the proof to report.
            return "" if self.context.lagging else fence.block.text
        shown = replace(found.fence, block=fence.block)
        body = expand(shown.body, fence.body_line, self.context)
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
