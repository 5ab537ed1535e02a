"""Kinds: what can be planted into a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.translation.planting.corpus import CorpusPage

    Planter = Callable[[CorpusPage], Iterable["CorpusPage | Plant"]]

CLEAN = "clean"
"""The class of what is no defect."""


@dataclass(frozen=True)
class Plant:
    """What a page becomes.

    Args:
        page: the page with the plant.
        has_source: whether the source still has the page.
        has_translation: whether the language has it.
        before: the source from which the translation was made, if the source has changed since.
        header: the header above the translation; None for one that fits.
        mark: what stands before the header: a byte order mark.
        newline: line end of the translation.
        source_newline: line end of the source.
    """

    page: CorpusPage
    has_source: bool = True
    has_translation: bool = True
    before: str | None = None
    header: str | None = None
    mark: str = ""
    newline: str = "\n"
    source_newline: str = "\n"


@dataclass(frozen=True)
class Kind:
    """A kind of defect, or of harmless variation.

    Args:
        group: the class of defects that it belongs to.
        name: what happens, in a few words.
        plant: every place of a page where it can happen.
        recorded: ways in which a page is written for it: with records, without, or each.
    """

    group: str
    name: str
    plant: Planter = field(repr=False)
    recorded: tuple[bool, ...] = (True, False)

    @property
    def is_clean(self) -> bool:
        """Whether a check must let it pass."""
        return self.group == CLEAN


KINDS: list[Kind] = []
"""All kinds, in the order of their modules."""


def kind(group: str, name: str, *, recorded: tuple[bool, ...] = (True, False)) -> Callable[[Planter], Planter]:
    """List the decorated function as a kind."""

    def listed(plant: Planter) -> Planter:
        KINDS.append(Kind(group, name, plant, recorded))
        return plant

    return listed
