"""Navigation: pages in the order of their files, out of the folder of their language, sections by their index page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.structure.nav import Section
from mkdocs.structure.pages import Page

if TYPE_CHECKING:
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation


def arrange(nav: Navigation, last: str) -> None:
    """Take the pages out of their language's folder, and put one behind all others, where readers seek it.

    Args:
        nav: what MkDocs made of the order of the files.
        last: the page's path in the staged tree; a tree without it is left in its order.
    """
    if len(nav.items) == 1 and isinstance(nav.items[0], Section):
        nav.items = nav.items[0].children
        for item in nav.items:
            item.parent = None
    moved = [item for item in nav.items if isinstance(item, Page) and item.file.src_uri == last]
    if moved:
        nav.items = [item for item in nav.items if item not in moved] + moved
        nav.pages = [page for page in nav.pages if page not in moved] + moved
        _link(nav.pages)


def _link(pages: list[Page]) -> None:
    """Lead from each page to the one before it and the one after it."""
    for page, before, after in zip(pages, [None, *pages[:-1]], [*pages[1:], None], strict=True):
        page.previous_page, page.next_page = before, after


def name_sections(files: Files) -> None:
    """Name each section by the heading of its index page, once the pages have been read."""
    for file in files.documentation_pages():
        page = file.page
        if page and page.is_index and isinstance(page.parent, Section):
            page.parent.title = page.title
