"""Rendered: what mkdocs-jupyter makes of a notebook, as a page of the site: with the theme's code blocks and styles.

mkdocs-jupyter gives a document of JupyterLab: half a megabyte of styles, scripts, frames for each cell, ids made of the
words of headings. Of that the cells are kept: prose as it is, code and outputs as blocks that look, copy and are proved
as those of any other page, and the prompt beside each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.publishing import bars
from edgedocs.publishing.numbering import KIND, LANGUAGE, NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgedocs.publishing.notebooks.notebook import CellBlock

_DROPPED = frozenset({"script", "style", "link", "svg"})
_DROPPED_CLASSES = frozenset(
    {"anchor-link", "celltoolbar", "clipboard-copy-txt", "jp-Collapser", "zeroclipboard-container"}
)
_PROMPT = "jp-InputPrompt"
_CODE_CELL = "jp-CodeCell"
_FAILED = "application/vnd.jupyter.stderr"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


@dataclass
class RenderedCells:
    """A notebook's cells as a page's HTML.

    Args:
        content: the HTML.
        headings: level, id and words of each heading, in order, as ``markdown.extensions.toc`` has them.
        anchors: all ids.
    """

    content: str
    headings: list[dict[str, Any]] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


def read_cells(
    html: str, blocks: Sequence[CellBlock], ids: Sequence[str | None], permalink: str, where: str
) -> RenderedCells:
    """Take the cells out of what mkdocs-jupyter made of a notebook.

    Args:
        html: a document of mkdocs-jupyter.
        blocks: the notebook's code blocks, in order.
        ids: the ids of its headings, in order.
        permalink: what a heading's link to itself is called.
        where: what messages call the page.

    Raises:
        BadInput: if a cell failed or wrote to standard error, or the document has other headings than the notebook.
    """
    reader = _Reader(blocks, ids, permalink, where)
    reader.feed(html)
    reader.close()
    if len(reader.found.headings) != len(ids):
        raise BadInput(
            f"mkdocs-jupyter shows {len(reader.found.headings)} headings",
            where=where,
            expected=f"{len(ids)}, as in the text",
            remedy="write headings as lines that begin with #",
        )
    reader.found.content = "".join(reader.out)
    return reader.found


class _Reader(HTMLParser):
    """Copies what is kept; elements that are not lose their tags, or all that is in them."""

    def __init__(self, blocks: Sequence[CellBlock], ids: Sequence[str | None], permalink: str, where: str) -> None:
        super().__init__(convert_charrefs=False)
        self.blocks, self.ids, self.permalink, self.where = blocks, ids, permalink, where
        self.out: list[str] = []
        self.found = RenderedCells("")
        self.open: list[tuple[str, str]] = []
        """Each open element and what its end tag becomes."""
        self.dropped = 0
        """The depth of the element that is left out with all that is in it; 0 outside one."""
        self.count = 0
        self.in_block = False
        self.block_start = 0
        """Where in ``out`` the open code block's HTML begins."""
        self.heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            if not self.dropped and tag not in _DROPPED:
                self.out.append(self.get_starttag_text() or "")
            return
        start, end = ("", "") if self.dropped else self._kept(tag, attributes)
        self.out.append(start)
        self.open.append((tag, end))
        if not self.dropped and (tag in _DROPPED or _DROPPED_CLASSES & set(attributes.get("class", "").split())):
            self.dropped = len(self.open)

    def _kept(self, tag: str, attributes: dict[str, str]) -> tuple[str, str]:
        """What stands for an element: its beginning and its end."""
        classes = attributes.get("class", "").split()
        if attributes.get("data-mime-type") == _FAILED:
            raise BadInput(
                "a cell of the notebook failed, or wrote to standard error",
                where=self.where,
                expected="the recorded output of each example",
                remedy="run pytest on the page; it says what is wrong",
            )
        if tag in _DROPPED or _DROPPED_CLASSES & set(classes):
            return "", ""
        if tag == "pre":
            return self._block()
        if self.in_block and tag == "code":
            return "", ""
        if tag in _HEADINGS:
            return self._heading(tag)
        in_cell = any(end == _CELL_END for _, end in self.open)
        if tag == "div" and _PROMPT in classes and in_cell:
            return '<div class="edgedocs-prompt" data-search-exclude>', "</div>"
        if tag == "div" and _CODE_CELL in classes and not in_cell:
            return '<div class="edgedocs-cell">', _CELL_END
        if tag in ("div", "main", "clipboard-copy") and any(name.startswith(_FRAMES) for name in classes):
            return "", ""
        if identifier := attributes.get("id"):
            self.found.anchors.add(identifier)
        return self.get_starttag_text() or "", f"</{tag}>"

    def _block(self) -> tuple[str, str]:
        """The next code block, as the theme has it."""
        self.in_block, self.block_start = True, len(self.out)
        if self.count >= len(self.blocks):  # which the proof reports
            return "<pre><code>", "</code></pre>"
        block = self.blocks[self.count]
        self.count += 1
        own = f' id="{block.id}"' if block.id else ""
        if block.id:
            self.found.anchors.add(block.id)
        output = "edgedocs-output " if block.kind == "output" else ""
        copy = f' data-copy="{escape(block.copy)}"' if block.copy is not None else ""
        marks = f'{NUMBER}="{self.count}" {LANGUAGE}="{escape(block.language)}" {KIND}="{block.kind}"{copy}'
        start = (
            f'<div{own} class="language-{escape(block.language)} {output}highlight" {marks}><pre><span></span><code>'
        )
        return start, _BLOCK_END

    def _end_block(self) -> None:
        self.in_block = False
        drawn = self.blocks[self.count - 1].bars if 0 < self.count <= len(self.blocks) else None
        if drawn is not None:
            columns, body = drawn
            self.out[self.block_start :] = [bars.drawn("".join(self.out[self.block_start :]), body, columns)]

    def _heading(self, tag: str) -> tuple[str, str]:
        place = len(self.found.headings)
        identifier = self.ids[place] if place < len(self.ids) else None
        self.heading = []
        entry = {"level": int(tag[1]), "id": identifier or "", "name": "", "html": "", "data-toc-label": ""}
        self.found.headings.append(entry)
        if identifier is None:
            return f"<{tag}>", f"</{tag}>"
        self.found.anchors.add(identifier)
        link = f'<a class="headerlink" href="#{identifier}" title="{escape(self.permalink)}">#</a>'
        return f'<{tag} id="{identifier}">', f"{link}</{tag}>"

    def handle_endtag(self, tag: str) -> None:
        if tag not in (name for name, _ in self.open):
            return
        while self.open:
            name, end = self.open.pop()
            if self.dropped:
                self.dropped = 0 if len(self.open) < self.dropped else self.dropped
            elif name in _HEADINGS and self.heading is not None:
                self.found.headings[-1]["html"] = self.found.headings[-1]["name"] = "".join(self.heading).strip()
                self.heading = None
            self.out.append(end)
            if name == "pre" and self.in_block:
                self._end_block()
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        self._text(data)

    def handle_entityref(self, name: str) -> None:
        self._text(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._text(f"&#{name};")

    def _text(self, text: str) -> None:
        if self.dropped:
            return
        self.out.append(text)
        if self.heading is not None:
            self.heading.append(text)


_FRAMES = ("jp-", "jupyter-wrapper", "highlight", "CodeMirror", "cm-")
"""How the classes of elements begin whose tags are left out."""

_CELL_END = "</div><!-- cell -->"
_BLOCK_END = "</code></pre></div>"
