"""Built: the files of a built site as they are read again, each of them once, for all that is asked of it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core.files import read_text
from edgedocs.publishing.dom import code_blocks, parse
from edgedocs.publishing.memory import Memory, digest
from edgedocs.publishing.privacy import foreign_addresses, foreign_style_addresses

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.publishing.dom import RenderedBlock

LARGEST_FILE = 64 * 2**20
"""Bytes of one page or style sheet."""


@dataclass(frozen=True)
class BuiltPage:
    """What is asked of a page that readers get.

    Args:
        blocks: its code blocks, in order.
        foreign: the addresses on other hosts that it loads.
    """

    blocks: list[RenderedBlock]
    foreign: list[str]

    @classmethod
    def of(cls, html: str) -> BuiltPage:
        """Read the text of a page."""
        page = parse(html)
        return cls(code_blocks(page), foreign_addresses(page))


class BuiltSite:
    """The pages of one build.

    Args:
        memory: what earlier builds found in the same texts.
    """

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._pages: dict[Path, BuiltPage] = {}

    def page(self, path: Path) -> BuiltPage:
        """What is asked of a page's file, which is not written any more in this build."""
        if path not in self._pages:
            html = read_text(path, LARGEST_FILE)
            key = digest("built page", html)
            self._pages[path] = self._memory.recall(key, functools.partial(BuiltPage.of, html))
        return self._pages[path]

    def foreign_requests(self, site: Path) -> dict[str, str]:
        """The addresses on other hosts that pages and style sheets load, each with a file that does.

        Args:
            site: the site's folder.
        """
        found: dict[str, str] = {}
        for path in sorted(site.rglob("*")):
            for address in self._foreign(path):
                found.setdefault(address, path.relative_to(site).as_posix())
        return found

    def _foreign(self, path: Path) -> list[str]:
        if path.suffix not in (".html", ".css") or not path.is_file():
            return []
        if path.suffix == ".html":
            return self.page(path).foreign
        css = read_text(path, LARGEST_FILE)
        return self._memory.recall(digest("style sheet", css), functools.partial(foreign_style_addresses, css))
