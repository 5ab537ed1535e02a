"""Page checks: what pytest runs for a page beside its examples: shown blocks are linted, and typed numbers told."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgedocs.core.errors import EdgeDocsError
from edgedocs.examples.outcome import ExampleError
from edgedocs.examples.typed_numbers import TypedNumber, as_problem, typed_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgedocs.examples.collection import Collection
    from edgedocs.examples.shown import ShownBlock


class TypedNumberWarning(UserWarning):
    """A number in prose looks measured and was typed by hand."""


class CheckItem(pytest.Item):
    """A check, whose failure is told without a traceback."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, as the error says it."""
        if isinstance(excinfo.value, EdgeDocsError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class ShownItem(CheckItem):
    """A shown block that is linted, called by its id."""

    block: ShownBlock

    def prepare(self, block: ShownBlock, *, require_all: bool) -> None:
        """Take the block, and a mark if it cannot be linted here."""
        self.block = block
        reason = block.not_linted()
        if reason is not None and not require_all:
            self.add_marker(pytest.mark.skip(reason=f"block {block.id} is {reason}"))

    def runtest(self) -> None:
        """Lint the block."""
        reason = self.block.not_linted()
        if reason is not None:
            raise ExampleError(f"block {self.block.id} is {reason}", where=self.block.place, remedy="install it")
        self.block.check()

    def reportinfo(self) -> tuple[Path, int, str]:
        """The page, the block's line and its id."""
        return self.path, self.block.fence.line - 1, self.block.id


class NumbersItem(CheckItem):
    """The numbers of a page that were typed by hand: warnings, or with ``--require-all`` a failure."""

    found: Sequence[TypedNumber]
    require_all: bool

    def runtest(self) -> None:
        """Tell each."""
        if self.require_all:
            raise as_problem(self.found)
        for each in self.found:
            warnings.warn_explicit(each.message, TypedNumberWarning, each.page, each.line)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The page, the line of the first, and the check's name."""
        return self.path, self.found[0].line - 1, self.name


def page_checks(parent: pytest.File, found: Collection, *, require_all: bool) -> Iterator[pytest.Item]:
    """The checks of a page: one for each shown block that is linted, one for its typed numbers if it has any."""
    for block in found.shown:
        shown: ShownItem = ShownItem.from_parent(parent, name=block.id)
        shown.prepare(block, require_all=require_all)
        yield shown
    numbers = typed_numbers(found.page)
    if numbers:
        item: NumbersItem = NumbersItem.from_parent(parent, name=f"{found.page.name}:numbers")
        item.found, item.require_all = numbers, require_all
        yield item
