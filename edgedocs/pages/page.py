"""Page: one Markdown file of the documentation, scanned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from edgedocs.core.files import read_text
from edgedocs.pages.attributes import parse_attributes
from edgedocs.pages.fence import Fence, read_fence
from edgedocs.pages.scanner import scan

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.pages.block import Block

_TRAILING_LIST = re.compile(r"[ \t]*\{:?[ \t]*(?P<list>[^{}]*)\}[ \t]*$")
_MARKS = re.compile(r"(#+)[ \t]*(.*?)[ \t]*#*[ \t]*$")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level (1 to 6), its text without marks and attributes, its explicit id, its line in the file."""

    level: int
    text: str
    id: str | None
    line: int


@dataclass(frozen=True)
class Page:
    """One Markdown file.

    Args:
        path: the file.
        name: its path below the documentation folder, without the suffix and with forward slashes: ``"04-gguf"``.
        shown: what messages call the file: ``"docs/04-gguf.md"``.
        text: what it holds.
    """

    path: Path
    name: str
    shown: str
    text: str

    @classmethod
    def load(cls, path: Path, root: Path) -> Page:
        """Read a page.

        Args:
            path: the file.
            root: the documentation folder that it lies in.

        Raises:
            BadInput: if it is missing, too large or not UTF-8.
        """
        relative = path.resolve().relative_to(root.resolve())
        shown = f"{root.resolve().name}/{relative.as_posix()}"
        return _page(path, relative.with_suffix("").as_posix(), shown, read_text(path))

    def place(self, line: int) -> str:
        """What messages call a line of this page."""
        return f"{self.shown}:{line}"

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks, whose texts joined give the page's text."""
        return scan(self.text)

    @cached_property
    def fences(self) -> list[Fence]:
        """The fenced code blocks that a reader sees: not those in comments or inside other fences."""
        return [read_fence(block) for block in self.blocks if block.kind == "fence"]

    @cached_property
    def headings(self) -> list[Heading]:
        """The headings."""
        return [heading_of(block) for block in self.blocks if block.kind == "heading"]


@lru_cache(maxsize=256)
def _page(path: Path, name: str, shown: str, text: str) -> Page:
    """The same page for the same text, so that it is scanned once however often it is asked for."""
    return Page(path, name, shown, text)


def heading_of(block: Block) -> Heading:
    """What a block that is a heading says."""
    lines = block.text.splitlines()
    first = lines[0].strip(" \t\ufeff")
    marked = _MARKS.match(first)
    if marked and len(lines) == 1:
        level, text = len(marked[1]), first[len(marked[1]) :].strip()
    else:
        level, text = (1 if lines[1].lstrip().startswith("=") else 2), first
    identifier = None
    if trailing := _TRAILING_LIST.search(text):
        identifier = parse_attributes(trailing["list"]).id
        text = text[: trailing.start()]
    return Heading(level, text.rstrip("#").strip(), identifier, block.line)
