"""References to facts in prose: ``[[quantize.saving|.1%]]``, and deliberate literals: ``[[!5 %]]``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.pages.block import count_lines
from edgedocs.pages.inline import code_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edgedocs.pages import Block

_BRACKETS = re.compile(r"(?<!\\)(?<!\[)\[\[(?P<content>[^\[\]\r\n]*)\]\](?![(\]])")
_CONTENT = re.compile(
    r"(?:(?P<page>[^#|!]+)\#)?(?P<example>[a-z0-9-]+)\.(?P<fact>[A-Za-z_]\w*)(?:\|(?P<format>[^|]*))?", re.VERBOSE
)
WITHOUT_PROSE = frozenset({"fence", "code", "comment", "front-matter", "include", "math", "blank"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a fact.

    Args:
        start: where it begins in the text.
        end: where it ends in the text.
        line: number of its line, from 1.
        example: id of the example.
        fact: name of the fact.
        page: name of the page that the example stands on; None for the same page.
        format: the Python format specification; ``""`` if there is none.
    """

    start: int
    end: int
    line: int
    example: str
    fact: str
    page: str | None = None
    format: str = ""

    @property
    def name(self) -> str:
        """Example and fact, as :meth:`edgedocs.examples.facts.Facts.resolve` takes them."""
        return f"{self.example}.{self.fact}"


@dataclass(frozen=True, slots=True)
class Literal:
    """A number that the author typed on purpose: where it begins and ends, its line, and the text to show."""

    start: int
    end: int
    line: int
    text: str


def find_references(text: str, shown: str | None = None, first_line: int = 1) -> Iterator[Reference | Literal]:
    """The references and literals of a text, in order, without those in code spans.

    Args:
        text: prose; of a whole page use :func:`references_of`, which knows what is code.
        shown: what an error calls the file.
        first_line: number of the text's first line.

    Raises:
        BadInput: if something in double brackets is neither.
    """
    spans = code_spans(text)
    for brackets in _BRACKETS.finditer(text):
        if any(start <= brackets.start() < end for start, end in spans):
            continue
        line = first_line + count_lines(text[: brackets.start()] + "[") - 1
        content = brackets["content"]
        if content.startswith("!"):
            yield Literal(*brackets.span(), line, content[1:])
            continue
        match = _CONTENT.fullmatch(content)
        if match is None:
            raise BadInput(
                f"cannot read {brackets[0]!r} as a reference to a fact",
                where=None if shown is None else f"{shown}:{line}",
                expected="[[example.fact|format]], [[page#example.fact|format]] or [[!literal]]",
                remedy="correct it, or write it as code or with a backslash before the brackets",
            )
        yield Reference(*brackets.span(), line, match["example"], match["fact"], match["page"], match["format"] or "")


def without_references(text: str) -> str:
    """The text with all that stands in double brackets replaced by as many blanks, whether it can be read or not."""
    return _BRACKETS.sub(lambda match: " " * len(match[0]), text)


def references_of(blocks: Iterable[Block], shown: str | None = None) -> Iterator[Reference | Literal]:
    """The references and literals in the prose of a page; ``start`` and ``end`` are places in the page's text.

    Args:
        blocks: all blocks of the page, in order.
        shown: what an error calls the page.
    """
    offset = 0
    for block in blocks:
        if block.kind not in WITHOUT_PROSE:
            for found in find_references(block.text, shown, block.line):
                yield replace(found, start=found.start + offset, end=found.end + offset)
        offset += len(block.text)
