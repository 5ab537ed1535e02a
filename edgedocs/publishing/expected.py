"""Expected: the code blocks that a built page must show, from the inventory of its source page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.pages.fence import read_fence
from edgedocs.pages.rules import FENCE
from edgedocs.pages.scanner import scan
from edgedocs.publishing.context import key_of
from edgedocs.publishing.includes import expand

if TYPE_CHECKING:
    from edgedocs.examples.classification import FenceKind
    from edgedocs.examples.collection import CodeBlock
    from edgedocs.pages.fence import Fence
    from edgedocs.publishing.context import Context

TAB = 4


@dataclass(frozen=True, slots=True)
class ExpectedBlock:
    """A code block of the inventory, as readers must see it.

    Args:
        page: what messages call the file that it stands in.
        line: number of its first line there.
        kind: what it is for.
        language: its language.
        id: its id, if it has one.
        text: what it shows, includes in place, tabs as blanks.
        copy: for an example that is a Python program, the code that was run; None for other blocks.
    """

    page: str
    line: int
    kind: FenceKind
    language: str
    id: str | None
    text: str
    copy: str | None = None

    @property
    def place(self) -> str:
        """What messages call its place: ``"docs/04-gguf.md:12"``."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class ExpectedPage:
    """What a page must show.

    Args:
        shown: what messages call the file of the page's text.
        text: the text.
        lines_before: lines of the file before the text.
        blocks: the code blocks, in order.
    """

    shown: str
    text: str
    lines_before: int
    blocks: tuple[ExpectedBlock, ...]


def expected_page(text: str, context: Context) -> ExpectedPage:
    """The code blocks that the page with this text must show.

    All blocks of the source page, in its order; a translation that lags behind shows those that it knows.

    Raises:
        BadInput: for an include that cannot be read.
    """
    own = [read_fence(block) for block in scan(text) if block.kind == "fence"]
    blocks = list(context.source.blocks)
    if context.lagging:
        blocks = [found for fence in own if (found := context.code_block(fence))]
    places: dict[str, list[Fence]] = {}
    for fence in own:
        places.setdefault(key_of(fence), []).append(fence)
    expected = []
    for block in blocks:
        here = places.get(key_of(block.fence))
        expected.append(_expected(block, here.pop(0) if here else None, context))
    return ExpectedPage(context.shown, text, context.lines_before, tuple(expected))


def _expected(block: CodeBlock, here: Fence | None, context: Context) -> ExpectedBlock:
    """A block, at the place where the text at hand has it, or at that of the source page."""
    fence = block.fence
    source = context.source.page
    page, line = (context.shown, here.line + context.lines_before) if here else (source.shown, fence.line)
    example = context.examples.get(block.example or "")
    runs = block.kind == "python" and example is not None
    return ExpectedBlock(
        page=page,
        line=line,
        kind=block.kind,
        language=fence.language,
        id=fence.id,
        text=_without_tabs(expand(fence.body, fence.body_line, context), here or fence),
        copy=example.code.replace("\r\n", "\n") if runs and example else None,
    )


def _without_tabs(text: str, fence: Fence) -> str:
    """The text as Python-Markdown reads it: tabs end at every fourth column of the page's line."""
    opening = FENCE.match(fence.block.text.partition("\n")[0])
    before = len(opening["prefix"].expandtabs(TAB)) % TAB if opening else 0
    return "\n".join((" " * before + line).expandtabs(TAB)[before:] for line in text.split("\n"))
