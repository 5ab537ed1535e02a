"""Reference check: the facts that the prose of a page refers to are recorded, and their formats suit them.

The site's build refuses such a reference as well; here it shows with the examples, before anything is built.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.examples import facts
from edgedocs.examples.formats import require_format
from edgedocs.examples.page_checks import CheckItem
from edgedocs.examples.references import Reference, references_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from edgedocs.examples.project import Project
    from edgedocs.pages import Page


class ReferencesItem(CheckItem):
    """The references of a page that do not hold: a failure."""

    problems: list[BadInput]

    def runtest(self) -> None:
        """Tell each."""
        raise BadInput("\n".join(str(problem) for problem in self.problems))

    def reportinfo(self) -> tuple[Path, int, str]:
        """The page and the check's name."""
        return self.path, 0, self.name


def reference_check(parent: pytest.File, project: Project, page: Page) -> Iterator[pytest.Item]:
    """The check of a page, if a reference of its prose does not hold."""
    problems = reference_problems(project, page)
    if problems:
        item: ReferencesItem = ReferencesItem.from_parent(parent, name=f"{page.name}:references")
        item.problems = problems
        yield item


def reference_problems(project: Project, page: Page) -> list[BadInput]:
    """What is wrong with the references of a page, in order."""
    problems = []
    try:
        found = [each for each in references_of(page.blocks, page.shown) if isinstance(each, Reference)]
        recorded = facts.load(project.snippets) if found else facts.Facts({})
    except BadInput as problem:
        return [problem]
    for reference in found:
        where = page.place(reference.line)
        name = f"{reference.page or page.name}#{reference.name}"
        try:
            fact = recorded.resolve(reference.page or page.name, reference.name, where)
            require_format(fact.value, reference.format)
        except BadInput as problem:
            told = BadInput(f"fact {name}: {problem.what}", where=where, expected=problem.expected)
            problems.append(problem if problem.where else told)
    return problems
