"""Pairs: a page beside its translation, and a segment beside its own, as checks and translators see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgedocs.core.lazy import lazy
from edgedocs.translation.alignment import align, gaps
from edgedocs.translation.segments import Segment
from edgedocs.translation.structure import compare_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.glossary import Term
    from edgedocs.translation.language import Language
    from edgedocs.translation.plots import Plot
    from edgedocs.translation.segments import Outline
    from edgedocs.translation.status import PageStatus, SourcePage
    from edgedocs.translation.structure import Difference
    from edgedocs.translation.translated_page import TranslatedPage


@dataclass(frozen=True)
class PageContext:
    """What is known beside the texts.

    Args:
        language: the language of the translation.
        page: name of the page.
        glossary: how the language renders the terms of the field.
        source_folder: path of the source folder from the language's folder, with forward slashes, so that relative
            addresses can be resolved; empty if it is not known.
        ratio: how long pages of this language are, for each character of their source; 0 if it is not known.
        plots: those that the source page shows.
        plot_labels: the labels of plots that the language has; None if they cannot be read.
    """

    language: Language
    page: str
    glossary: tuple[Term, ...] = ()
    source_folder: str = ""
    ratio: float = 0.0
    plots: tuple[Plot, ...] = ()
    plot_labels: tuple[str, ...] | None = ()

    @lazy
    def kept_terms(self) -> frozenset[str]:
        """The terms that the language keeps as they are, in small letters."""
        return frozenset(term.term.lower() for term in self.glossary if term.term == term.translation)


@dataclass(frozen=True)
class SegmentPair:
    """A segment of the source and its translation."""

    context: PageContext
    source: Segment
    target: Segment


@dataclass(frozen=True)
class PagePair:
    """A page of the source and its translation; one of the two may be missing.

    Args:
        context: language, page and glossary.
        source: the page; None if the translation is an orphan.
        translation: the translated page; None if it is missing.
        outline: its segments and fixed pieces; None if it is missing.
        status: what the classifier says of it.
    """

    context: PageContext
    source: SourcePage | None
    translation: TranslatedPage | None
    outline: Outline | None = field(repr=False)
    status: PageStatus = field(repr=False)

    @lazy
    def segments(self) -> tuple[SegmentPair, ...]:
        """Each segment of the source that has a translation made from it as it is now, with that translation.

        By the records where there are some; else by the place in the page.
        """
        if self.source is None or self.outline is None:
            return ()
        if self.status.recorded:
            held = {"fresh", "edited", "moved"}
            pairs = [(s.source, s.target) for s in self.status.segments if s.state in held]
        else:
            pairs = [*pair_by_place(self.source.outline, self.outline)]
        return tuple(SegmentPair(self.context, source, target) for source, target in pairs if source and target)

    @lazy
    def differences(self) -> tuple[Difference, ...]:
        """The pieces that the translation has more, fewer or other than the source from which it was made.

        Where records say that a segment is new in the source, or gone from it, it counts on neither side.
        """
        if self.source is None or self.outline is None:
            return ()
        source, target = self.source.outline.items, self.outline.items
        if self.status.recorded:
            new = {s.source for s in self.status.segments if s.state == "missing" and s.record is None}
            gone = {s.target for s in self.status.segments if s.source is None and s.record is not None}
            source = tuple(item for item in source if item not in new)
            target = tuple(item for item in target if item not in gone)
        return tuple(compare_items(source, target))

    @lazy
    def additions(self) -> tuple[Segment, ...]:
        """The segments of the translation that no segment of the source is paired with."""
        if self.outline is None:
            return ()
        paired = {pair.target for pair in self.segments}
        return tuple(segment for segment in self.outline.segments if segment not in paired)


def pair_by_place(source: Outline, target: Outline) -> Iterator[tuple[Segment, Segment]]:
    """Segments of a page and of its translation that correspond, told by kind and place alone.

    What both have in the same order is paired; between those, a gap with as many pieces of one kind on both sides is
    paired too.
    """
    pairs = align([item.signature for item in source.items], [item.signature for item in target.items])
    yield from ((s, t) for left, right in pairs if (s := _segment(source, left)) and (t := _segment(target, right)))
    for gap in gaps(pairs, len(source.items), len(target.items)):
        old = [s for place in gap.old if (s := _segment(source, place))]
        new = [t for place in gap.new if (t := _segment(target, place))]
        if [s.kind for s in old] == [t.kind for t in new]:
            yield from zip(old, new, strict=True)


def _segment(outline: Outline, place: int) -> Segment | None:
    item = outline.items[place]
    return item if isinstance(item, Segment) else None
