"""Document: a page as Sybil sees it, its examples from the same scan as everything else that is done with the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sybil
from sybil.region import Region

from edgedocs.examples.collection import Collection, collect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sybil.typing import Evaluator

    from edgedocs.examples.example import Example
    from edgedocs.examples.project import Project
    from edgedocs.pages import Page


class PageDocument(sybil.Document):
    """A page of a project; ``found`` is what was collected from it."""

    def __init__(self, project: Project, page: Page) -> None:
        super().__init__(page.text, str(page.path))
        self.project = project
        self.page = page
        self.found = Collection(page)


class ExampleParser:
    """A Sybil parser that gives the examples of a page; the whole block is the region, the example what was parsed.

    Args:
        evaluator: what runs an example.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def __call__(self, document: sybil.Document) -> Iterable[Region]:
        """The regions of a page.

        Raises:
            BadInput: if anything is wrong with the page; the message names all of it.
        """
        assert isinstance(document, PageDocument), "PageSybil parses into page documents"
        found = document.found = collect(document.project, document.page)
        found.raise_problems()
        starts = {}
        place = 0
        for block in document.page.blocks:
            starts[block.line] = place
            place += len(block.text)
        for example in found.examples:
            start = starts[example.line]
            yield Region(start, start + len(example.fence.block.text), example, self.evaluator)


class PageSybil(sybil.Sybil):
    """Sybil over the pages of a project.

    Args:
        project: the project.
        evaluator: what runs an example.
    """

    def __init__(self, project: Project, evaluator: Evaluator) -> None:
        super().__init__([ExampleParser(evaluator)], path=str(project.docs))
        self.project = project

    def should_parse(self, path: Path) -> bool:
        """Whether a file is a page of the project."""
        return self.project.is_page(path)

    def parse(self, path: Path) -> PageDocument:
        """Read a page and collect its examples."""
        document = PageDocument(self.project, self.project.page(Path(path)))
        for parser in self.parsers:
            for region in parser(document):
                document.add(region)
        return document

    def identify(self, example: sybil.Example) -> str:
        """The example's own id, which no edit elsewhere changes: ``"04-gguf#quantize"``."""
        parsed: Example = example.parsed
        return parsed.id
