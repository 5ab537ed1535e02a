"""Pages: the reference pages that a documentation asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.publishing.reference.catalog import catalog_pages, index_page
from edgedocs.publishing.reference.commands import commands_page
from edgedocs.publishing.reference.generated import locate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edgedocs.publishing.reference.generated import GeneratedPage


@dataclass(frozen=True)
class ReferenceSources:
    """What reference pages are made of.

    Args:
        root: the project's folder, which Python modules are looked for in.
        catalog: the path of a catalog, as :func:`locate` takes it; empty for no pages of it.
        commands: where a click group is, as ``"module:name"``; empty for none.
        modules: names of Python modules, in the order of reading.
    """

    root: Path
    catalog: str = ""
    commands: str = ""
    modules: Sequence[str] = ()

    def pages(self) -> list[GeneratedPage]:
        """The pages, an index among them if there are any.

        Raises:
            BadInput: if a source is not there or cannot be read.
        """
        made: list[GeneratedPage] = []
        entries = []
        if self.catalog:
            made += catalog_pages(locate(self.root, self.catalog), self.catalog)
            entries += [
                ("reference/formats", "Formats", "block formats and their sizes; recipes"),
                ("reference/support", "Support matrix", "what converts into what, and what runs it"),
            ]
        if self.commands:
            made.append(commands_page(self.commands))
            entries.append(("reference/commands", "Command line", "all commands and their options"))
        if self.modules:
            from edgedocs.publishing.reference.interface import interface_pages

            found = interface_pages(self.root, self.modules)
            made += [page for page, _ in found]
            entries += [(page.name, page.name.rpartition("/")[2], summary) for page, summary in found]
        return [index_page(entries, "the pages below"), *made] if made else []
