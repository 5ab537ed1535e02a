"""Block: one piece of a page, as it stands in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal[
    "front-matter",
    "heading",
    "paragraph",
    "list-item",
    "table",
    "fence",
    "html",
    "comment",
    "blank",
    "admonition",
    "tab",
    "definition",
    "footnote",
    "include",
    "quote",
    "code",
    "math",
    "rule",
    "reference",
    "abbreviation",
]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page.

    An admonition, a collapsible (``???``) and a content tab (``===``) are a block for the line that opens them; what
    they hold follows as blocks of their own, indented. The same holds for a list item, a definition and a footnote:
    their block ends with their first paragraph.

    Args:
        kind: what it is; ``code`` is an indented code block, ``rule`` a thematic break, ``reference`` the definition
            of a link (``[name]: address``).
        text: the text, whole lines with their indentation and their line ends as they are in the file.
        line: number of its first line in the file, from 1.
        indent: columns before its first line's text; a tab goes to the next multiple of four.
        inside: the kinds of the blocks that hold it, outermost first.
    """

    kind: BlockKind
    text: str
    line: int
    indent: int = 0
    inside: tuple[BlockKind, ...] = ()

    @property
    def end(self) -> int:
        """Number of the line after the last."""
        return self.line + count_lines(self.text)


def count_lines(text: str) -> int:
    r"""How many lines ``text`` has, counting ``\n``, ``\r\n`` and ``\r`` as line ends."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends + (bool(text) and not text.endswith(("\n", "\r")))
