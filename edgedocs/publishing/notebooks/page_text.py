"""Page text: a page's prose as Markdown for the notebook that the site shows, with the links and tooltips of a page."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.publishing import prose
from edgedocs.publishing.notebooks.text import FACT, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgedocs.pages.block import Block
    from edgedocs.publishing.definitions import Tooltips


@dataclass(frozen=True)
class PageText(Text):
    """Turns blocks of prose of one page into Markdown for the notebook that is this page of the site.

    Args:
        locate: gives the address, relative to the page, of a file by its path in the staged tree of a language
            (``"recorded/lab/error.svg"``); None if the site has no such file.
        tooltips: what terms on the page mean.
    """

    locate: Callable[[str], str | None]
    tooltips: Tooltips

    def _valued(self, block: Block) -> str:
        """The block's text with values that lead to their examples, and a tooltip on each term."""
        valued = replace(block, text=prose.with_values(block, self.context))
        return FACT.sub(self._fact, self.tooltips.add(valued))

    def _fact(self, fact: re.Match[str]) -> str:
        page, _, anchor = fact["target"].partition("#")
        target = f"{self._address(page) if page else ''}#{anchor}"
        return f'<a class="edgedocs-fact" href="{html.escape(target)}" title="{fact["title"]}">{fact["value"]}</a>'

    def _link(self, link: re.Match[str]) -> str:
        target = html.unescape(link["target"])
        if ":" in target or target.startswith(("#", "/")):
            return link[0]
        path, _, anchor = target.partition("#")
        address = self._address(path)
        return f"{link['picture']}{link['text']}({address}{f'#{anchor}' if anchor else ''}{link['title']})"

    def _address(self, path: str) -> str:
        place, context = PurePosixPath(self._place(path)), self.context
        documents, snippets = PurePosixPath(context.documents.as_posix()), PurePosixPath(context.snippets.as_posix())
        found = None
        if place.is_relative_to(documents):
            found = self.locate(place.relative_to(documents).as_posix())
        elif place.is_relative_to(snippets):
            found = self.locate(f"{prose.FILES}/{place.relative_to(snippets).as_posix()}")
        if found is None:
            raise BadInput(
                f"the link {path!r} leads nowhere", where=context.shown, expected="a page or a file of the site"
            )
        return found
