"""DOM: the code blocks of a built page, as a browser finds them: comments and attributes' text are no elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.publishing.numbering import KIND, LANGUAGE, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from selectolax.lexbor import LexborHTMLParser, LexborNode

_PREFORMATTED = ("pre", "listing", "xmp")
_BLOCKS = ", ".join((*_PREFORMATTED, f"[{NUMBER}]"))
_FOOTNOTES = ", ".join(f".footnote {one}" for one in (*_PREFORMATTED, f"[{NUMBER}]"))

_NUMBERS = ".linenos"


@dataclass(frozen=True, slots=True)
class RenderedBlock:
    """A code block of a built page.

    Args:
        number: the number that it got when SuperFences rendered it; None for one that came otherwise.
        kind: what it is for, as the staged page says.
        language: as SuperFences read it.
        id: its anchor.
        copy: what the copy button gives, if that is not what is shown.
        text: what it shows, without title and line numbers.
        in_footnote: whether it stands among the footnotes, which follow the page's text.
    """

    number: int | None
    kind: str | None
    language: str | None
    id: str | None
    copy: str | None
    text: str
    in_footnote: bool


def parse(html: str) -> LexborHTMLParser:
    """A page's elements, as HTML5 parsers agree on them."""
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(html)


def code_blocks(page: LexborHTMLParser) -> list[RenderedBlock]:
    """The code blocks of a page, in the order in which it shows them.

    A code block is what SuperFences numbered, or any other preformatted element (``<pre>``). It ends with its element.
    """
    noted = {node.mem_id for node in page.css(_FOOTNOTES)}
    return [_block(node, in_footnote=node.mem_id in noted) for node in _outermost(page.css(_BLOCKS))]


def _outermost(nodes: Iterable[LexborNode]) -> Iterator[LexborNode]:
    """Elements that are in no other one of them; they come in the order of the page."""
    inside: set[int] = set()
    for node in nodes:
        if node.mem_id not in inside:
            inside.update(inner.mem_id for inner in node.css(_BLOCKS))
            yield node


def _block(node: LexborNode, *, in_footnote: bool) -> RenderedBlock:
    attributes = node.attributes
    if NUMBER not in attributes:
        inner = node.css_first(f"[{NUMBER}]")  # without Pygments, SuperFences puts them on <code>
        attributes = attributes if inner is None else inner.attributes
    number = attributes.get(NUMBER)
    return RenderedBlock(
        number=int(number) if number and number.isdecimal() else None,
        kind=attributes.get(KIND),
        language=attributes.get(LANGUAGE),
        id=attributes.get("id"),
        copy=attributes.get("data-copy"),
        text=_text(node),
        in_footnote=in_footnote,
    )


def _text(node: LexborNode) -> str:
    """What an element shows: its code if it has some, without line numbers."""
    code = [node] if node.tag == "code" else node.css("code")
    has_numbers = node.css_first(_NUMBERS) is not None
    return "".join(_without_numbers(part) if has_numbers else part.text() for part in code or [node])


def _without_numbers(node: LexborNode) -> str:
    shown = ""
    for child in node.iter(include_text=True):
        if child.is_text_node:
            shown += child.text_content or ""
        elif not child.css_matches(_NUMBERS):
            shown += _without_numbers(child)
    return shown
