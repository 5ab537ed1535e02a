"""Segments: the pieces of a page that are translated one by one, and the fixed pieces between them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.core.lazy import lazy
from edgedocs.pages.attributes import parse_attributes
from edgedocs.pages.inline import without_code_spans
from edgedocs.pages.lines import dedent, indentation, split_lines
from edgedocs.pages.scanner import scan
from edgedocs.translation import front_matter
from edgedocs.translation.normalization import digest, normalize_code, unify_line_ends
from edgedocs.translation.records import LARGEST_COUNT

if TYPE_CHECKING:
    from edgedocs.pages.block import Block

FIXED_KINDS = frozenset({"fence", "code", "include", "math", "reference", "rule"})
"""Blocks that a translation repeats as they are."""

SILENT_KINDS = frozenset({"blank", "comment"})
"""Blocks that no reader sees: a translation may have them or not."""

_FACT = re.compile(r"(?<![\\\[])\[\[(?!!)[^\[\]\n]+\]\](?![(\]])")
_ATTRIBUTES = re.compile(r"\{:?(?P<list>[^{}\n]*)\}[ \t#]*$", re.MULTILINE)
_WORDS_LENGTH = 60


@dataclass(frozen=True)
class Segment:
    """A piece that is translated.

    Args:
        kind: kind of its block; a front-matter value is of kind ``front-matter``.
        text: its text as it is in the page, line ends unified.
        line: number of its first line in the file, from 1.
        place: what it must have in common with its translation beside the kind: the kinds of the blocks that hold it,
            the level of a heading, the key of a front-matter value.
    """

    kind: str
    text: str
    line: int
    place: tuple[str, ...] = ()

    @lazy
    def digest(self) -> str:
        """Twelve hexadecimal digits that name the text."""
        return digest(self.text)

    @property
    def signature(self) -> tuple[str, ...]:
        """What a segment and its translation have in common."""
        return (self.kind, *self.place)

    @property
    def facts(self) -> Counter[str]:
        """The facts it refers to, as they are written; deliberate literals (``[[!5 %]]``) are none."""
        if "[[" not in self.text:
            return Counter()
        return Counter(_FACT.findall(without_code_spans(self.text)))

    @property
    def identifier(self) -> str | None:
        """The explicit id of a heading."""
        match = _ATTRIBUTES.search(self.text) if self.kind == "heading" else None
        return match and parse_attributes(match["list"]).id

    @property
    def words(self) -> str:
        """Its first words, for people."""
        words = " ".join(self.text[: 4 * _WORDS_LENGTH].split())
        return words if len(words) <= _WORDS_LENGTH else f"{words[: _WORDS_LENGTH - 1].rstrip()}…"


@dataclass(frozen=True)
class Fixed:
    """A piece that a translation repeats as it is: code, an include, a formula.

    Args:
        kind: kind of its block; a front-matter entry that is not translated is of kind ``front-matter``.
        text: its text without the indentation of its first line, line ends unified, trailing blanks removed.
        line: number of its first line in the file, from 1.
    """

    kind: str
    text: str
    line: int

    @property
    def signature(self) -> tuple[str, ...]:
        """What it and its repetition have in common: everything."""
        return ("fixed", self.kind, self.text)


@dataclass(frozen=True)
class Outline:
    """A page as its segments and fixed pieces, in order."""

    items: tuple[Segment | Fixed, ...]

    @lazy
    def segments(self) -> tuple[Segment, ...]:
        """What is translated."""
        return tuple(item for item in self.items if isinstance(item, Segment))

    @lazy
    def fixed(self) -> tuple[Fixed, ...]:
        """What is repeated."""
        return tuple(item for item in self.items if isinstance(item, Fixed))


def split(text: str, where: str, first_line: int = 1) -> Outline:
    """The outline of a page.

    Args:
        text: the page, without the header and the records of a translation.
        where: its path, for messages.
        first_line: line of the file on which ``text`` starts.

    Raises:
        BadInput: if it has more segments than :data:`LARGEST_COUNT`.
    """
    items: list[Segment | Fixed] = []
    for block in scan(unify_line_ends(text)):
        items.extend(_items(block, block.line + first_line - 1))
    outline = Outline(tuple(items))
    if len(outline.segments) > LARGEST_COUNT:
        raise BadInput(
            f"{len(outline.segments)} segments on one page",
            where=where,
            expected=f"at most {LARGEST_COUNT}",
            remedy="split the page",
        )
    return outline


def _items(block: Block, line: int) -> list[Segment | Fixed]:
    if block.kind in SILENT_KINDS:
        return []
    if block.kind == "front-matter":
        return [
            Segment("front-matter", entry.value, line + entry.offset, (entry.key,))
            if entry.translated
            else Fixed("front-matter", normalize_code(entry.text), line + entry.offset)
            for entry in front_matter.entries(block.text)
        ]
    if block.kind in FIXED_KINDS:
        return [Fixed(block.kind, _flush(block), line)]
    level = (str(_level(block.text)),) if block.kind == "heading" else ()
    return [Segment(block.kind, block.text, line, (*block.inside, *level))]


def _flush(block: Block) -> str:
    columns = indentation(block.text)
    text = "".join(dedent(line, columns) for line in split_lines(block.text)) if columns else block.text
    return normalize_code(text)


def _level(heading: str) -> int:
    bare = heading.lstrip()
    if bare.startswith("#"):
        return len(bare) - len(bare.lstrip("#"))
    return 1 if bare.rstrip().endswith("=") else 2
