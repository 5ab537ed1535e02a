"""Project: where the pages of a documentation lie, and where the files that they include."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.pages import Page

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one documentation.

    Args:
        docs: the pages.
        snippets: the files that pages include, and what their examples recorded.
    """

    docs: Path
    snippets: Path

    @classmethod
    def open(cls, docs: Path, snippets: Path | None = None) -> Project:
        """A project whose snippets lie beside its pages, unless said otherwise.

        Raises:
            BadInput: if there is no folder ``docs``.
        """
        if not docs.is_dir():
            raise BadInput(
                "no such folder", where=docs, expected="the folder of the pages", remedy="name it with --docs"
            )
        return cls(docs.resolve(), (snippets or docs.resolve().parent / "snippets").resolve())

    def page_paths(self) -> list[Path]:
        """The files of all pages, sorted."""
        return sorted(path for path in self.docs.rglob("*.md") if self.is_page(path))

    def is_page(self, path: Path) -> bool:
        """Whether a path is that of a page; what begins with a dot is not published."""
        if path.suffix != ".md" or not path.is_relative_to(self.docs) or not path.is_file():
            return False
        return not any(part.startswith(".") for part in path.relative_to(self.docs).parts)

    def page(self, path: Path) -> Page:
        """Read one page."""
        return Page.load(path, self.docs)

    def name(self, path: Path) -> str:
        """The name of the page in a file."""
        return path.relative_to(self.docs).with_suffix("").as_posix()

    def shown(self, path: Path) -> str:
        """What messages call a file of this project: its path from the project's folder on."""
        path = path.resolve()
        for folder in (self.docs.parent, self.snippets.parent):
            if path.is_relative_to(folder):
                return path.relative_to(folder).as_posix()
        return str(path)
