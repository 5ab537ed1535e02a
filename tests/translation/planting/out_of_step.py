"""Pages and segments that are stale, missing or have no source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edgedocs.translation.segments import split
from tests.translation.planting.corpus import page as corpus_page
from tests.translation.planting.kinds import Plant, kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.translation.planting.corpus import CorpusPage

GROUP = "out of step"


def source_changed(page: CorpusPage, source: str) -> Plant:
    """A page whose source says something else than when it was translated."""
    return Plant(replace(page, source=source), before=page.source)


@kind(GROUP, "source paragraph changed")
def _(page: CorpusPage) -> Iterator[Plant]:
    for source, _target in page.pairs:
        if source.kind in ("paragraph", "list-item") and source.text.rstrip().endswith("."):
            changed = f"{source.text.rstrip()[:-1]}, unless you measured it.\n"
            yield source_changed(page, page.source.replace(source.text, changed, 1))


@kind(GROUP, "source number changed")
def _(page: CorpusPage) -> Iterator[Plant]:
    for old, new in (("32", "64"), ("3.11", "3.12"), ("50 %", "40 %"), ("five languages", "six languages")):
        if old in page.source:
            yield source_changed(page, page.source.replace(old, new, 1))


@kind(GROUP, "section added to the source")
def _(page: CorpusPage) -> Iterator[Plant]:
    for source, _target in page.pairs:
        if source.kind == "heading" and source.text.startswith("## "):
            added = "## Before you begin { #before }\n\nRead the page to its end first.\n\n"
            yield source_changed(page, page.source.replace(source.text, added + source.text, 1))


@kind(GROUP, "paragraph removed from the source")
def _(page: CorpusPage) -> Iterator[Plant]:
    for source, _target in page.pairs:
        if source.kind == "paragraph" and not source.place:
            yield source_changed(page, page.source.replace(f"{source.text}\n", "", 1))


@kind(GROUP, "page not translated")
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page, has_translation=False)


@kind(GROUP, "source page removed")
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page, has_source=False)


@kind(GROUP, "paragraph missing")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for _source, target in page.pairs:
        if target.kind == "paragraph" and not target.place:
            yield page.with_segment(target, "")


@kind(GROUP, "paragraph that the source lacks")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for other in ("formats.md", "index.md"):
        foreign = next(s for s in corpus_page(page.language, other).outline.segments if s.kind == "list-item")
        text = foreign.text.lstrip("-[] 1.*")
        for _source, target in page.pairs:
            if target.kind == "paragraph" and not target.place and other != page.name:
                yield page.with_segment(target, f"{target.text}\n{text}")


@kind(GROUP, "two sections exchanged")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    starts = [page.start(s) for s in split(page.body, "").segments if s.signature == ("heading", "2")]
    starts = [*starts, len(page.body)]
    for first, second, end in zip(starts, starts[1:], starts[2:], strict=False):
        parts = (page.body[:first], page.body[second:end].rstrip("\n"), page.body[first:second], page.body[end:])
        yield page.with_body(f"{parts[0]}{parts[1]}\n\n{parts[2]}{parts[3]}")
