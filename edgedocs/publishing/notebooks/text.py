"""Text: a page's prose as Markdown for Jupyter, which knows no attributes, admonitions, tabs or relative links."""

from __future__ import annotations

import base64
import html
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from edgedocs.core.files import read_bytes
from edgedocs.pages.inline import code_spans
from edgedocs.pages.lines import dedent, split_lines
from edgedocs.publishing import prose

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgedocs.pages.block import Block
    from edgedocs.publishing.context import Context

LARGEST_PICTURE = 2**20
"""Bytes; larger ones are left as links."""

FACT = re.compile(r'\[(?P<value>(?:[^\]\\]|\\.)*)\]\((?P<target>[^()\s]*) "(?P<title>[^"]*)"\)\{ \.edgedocs-fact \}')
"""A value with the link to its example, as :func:`edgedocs.publishing.prose.with_values` writes it."""

_ATTRIBUTES = re.compile(r"[ \t]*\{:?[ \t]*[#.][^{}\n]*\}|(?<=\))\{[^{}\n]*\}")
_LINK = re.compile(r"(?P<picture>!?)(?P<text>\[(?:[^\[\]\\]|\\.)*\])\(\s*<?(?P<target>[^)\s>]+)>?(?P<title>[^)]*)\)")
_OPENER = re.compile(
    r"[ \t]*(?P<mark>!!!|\?\?\?\+?|===)[ \t]?(?P<type>[\w-]*)(?P<types>[^\"\n]*)(?:\"(?P<title>.*)\")?"
)
_PICTURES = {".gif": "image/gif", ".jpg": "image/jpeg", ".png": "image/png", ".svg": "image/svg+xml"}
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """The HTML around what an admonition holds.

    Args:
        start: its beginning, with the title.
        end: its end.
    """

    start: str
    end: str


@dataclass(frozen=True)
class Text:
    """Turns blocks of prose of one page into Markdown for a notebook.

    Args:
        context: the page's surroundings.
        address: gives what a link to a page, by its path below the documentation folder, leads to.
    """

    context: Context
    address: Callable[[str], str]

    def markdown(self, block: Block) -> str:
        """The block, at the left margin if an admonition or a tab holds it; values in place of references to facts."""
        text = self._valued(block)
        columns = _COLUMNS * sum(kind in ("admonition", "tab") for kind in block.inside)
        text = "".join(dedent(line, columns) for line in split_lines(text))
        if block.kind in ("admonition", "tab"):
            opener = _OPENER.match(text)
            title = _title(opener) if opener else text.strip()
            return f"**{title}**\n" if title else ""
        return self._outside_code(text)

    def frame(self, block: Block) -> Frame | None:
        """The frame of an admonition, as Python-Markdown and SuperFences make it; None of another block."""
        opener = _OPENER.match(self._valued(block)) if block.kind == "admonition" else None
        if opener is None:
            return None
        classes = html.escape(f"{opener['type']}{opener['types']}".strip().lower())
        title = _inline(self._outside_code(_title(opener)))
        if opener["mark"] != "!!!":
            opened = " open" if opener["mark"].endswith("+") else ""
            return Frame(f'<details class="{classes}"{opened}>\n<summary>{title}</summary>', "</details>")
        shown = f'\n<p class="admonition-title">{title}</p>' if title else ""
        return Frame(f'<div class="admonition {classes}">{shown}', "</div>")

    def _valued(self, block: Block) -> str:
        """The block's text with values in place of references to facts."""
        return FACT.sub(r"\1", prose.with_values(block, self.context))

    def _outside_code(self, text: str) -> str:
        """The text with its links led elsewhere and its attributes removed, except in code spans."""
        pieces, place = [], 0
        for start, end in [*code_spans(text), (len(text), len(text))]:
            pieces += [self._plain(text[place:start]), text[start:end]]
            place = end
        return "".join(pieces)

    def _plain(self, text: str) -> str:
        return _LINK.sub(self._link, _ATTRIBUTES.sub("", text))

    def _link(self, link: re.Match[str]) -> str:
        target = html.unescape(link["target"])
        if ":" in target or target.startswith(("#", "/")):
            return link[0]
        path, _, anchor = target.partition("#")
        place = self._place(path)
        if link["picture"]:
            return f"!{link['text']}({_embedded(Path(place)) or target}{link['title']})"
        if not path.endswith(".md"):
            return link[0]
        page = posixpath.relpath(place, self.context.documents.as_posix()).removesuffix(".md")
        return f"{link['text']}({self.address(page)}{f'#{anchor}' if anchor else ''}{link['title']})"

    def _place(self, path: str) -> str:
        """What a relative link leads to, as an absolute path."""
        return posixpath.normpath(posixpath.join(self.context.documents.as_posix(), self.context.folder, path))


def _title(opener: re.Match[str]) -> str:
    """What an admonition is called; one whose title is empty on purpose, nothing."""
    return opener["type"].capitalize() if opener["title"] is None else opener["title"]


def _inline(text: str) -> str:
    """A line of Markdown as HTML, with whatever it begins: Python-Markdown reads titles so."""
    from markdown import Markdown  # type: ignore[import-untyped]

    converter, root = Markdown(), Element("div")
    SubElement(root, "p").text = text
    converter.treeprocessors["inline"].run(root)
    shown: str = converter.serializer(root[0])
    for postprocessor in converter.postprocessors:
        shown = postprocessor.run(shown)
    return shown.removeprefix("<p>").removesuffix("</p>")


def _embedded(path: Path) -> str | None:
    """A picture as an address that holds it, so that a notebook is one file."""
    if path.suffix not in _PICTURES or not path.is_file() or path.stat().st_size > LARGEST_PICTURE:
        return None
    data = base64.b64encode(read_bytes(path, LARGEST_PICTURE)).decode()
    return f"data:{_PICTURES[path.suffix]};base64,{data}"
