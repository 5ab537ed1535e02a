"""DOM: the code blocks of a built page, as a browser finds them: comments and attributes' text are no elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from edgedocs.publishing.numbering import KIND, LANGUAGE, NUMBER

_PREFORMATTED = frozenset({"pre", "listing", "xmp"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


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
        line: its line in the HTML file, from 1.
        in_footnote: whether it stands among the footnotes, which follow the page's text.
    """

    number: int | None
    kind: str | None
    language: str | None
    id: str | None
    copy: str | None
    text: str
    line: int
    in_footnote: bool


def code_blocks(html: str) -> list[RenderedBlock]:
    """The code blocks of a page, in the order in which it shows them.

    A code block is what SuperFences numbered, or any other preformatted element (``<pre>``). It ends with its element.
    """
    lower = html.lower()
    if NUMBER not in lower and not any(f"<{tag}" in lower for tag in _PREFORMATTED):
        return []  # a page whose letters do not hold such an element need not be read as one
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.blocks


@dataclass(slots=True)
class _Open:
    """A block whose end has not come yet; ``depth`` is that of its element among the open ones."""

    attributes: dict[str, str | None]
    depth: int
    line: int
    in_footnote: bool
    has_code: bool = False
    code: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    def close(self) -> RenderedBlock:
        get = self.attributes.get
        number = get(NUMBER)
        return RenderedBlock(
            number=int(number) if number and number.isdecimal() else None,
            kind=get(KIND),
            language=get(LANGUAGE),
            id=get("id"),
            copy=get("data-copy"),
            text="".join(self.code if self.has_code else self.other),
            line=self.line,
            in_footnote=self.in_footnote,
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[RenderedBlock] = []
        self.elements: list[tuple[str, str]] = []
        self.block: _Open | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        attributes = dict(attrs)
        self.elements.append((tag, f" {attributes.get('class') or ''} "))
        if self.block is None:
            if tag in _PREFORMATTED or NUMBER in attributes:
                in_footnote = any(" footnote " in classes for _, classes in self.elements)
                self.block = _Open(attributes, len(self.elements), self.getpos()[0], in_footnote, tag == "code")
            return
        self.block.has_code |= tag == "code"
        if NUMBER in attributes and NUMBER not in self.block.attributes:
            self.block.attributes = attributes  # without Pygments, SuperFences puts them on <code>

    def handle_endtag(self, tag: str) -> None:
        # An end tag closes what was left open inside; one that closes nothing is ignored, as in a browser.
        for place in range(len(self.elements) - 1, -1, -1):
            if self.elements[place][0] == tag:
                del self.elements[place:]
                break
        if self.block is not None and len(self.elements) < self.block.depth:
            self.blocks.append(self.block.close())
            self.block = None

    def handle_data(self, data: str) -> None:
        if self.block is None:
            return
        inner = self.elements[self.block.depth - 1 :]
        if any(" linenos " in classes for _, classes in inner):
            return
        (self.block.code if any(tag == "code" for tag, _ in inner) else self.block.other).append(data)

    def close(self) -> None:
        super().close()
        if self.block is not None:
            self.blocks.append(self.block.close())
            self.block = None
