"""Reviewing: which segments a person should look at, what they see beside each, and what they decide."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from edgedocs.translation import glossary
from edgedocs.translation.alignment import align, gaps
from edgedocs.translation.history import earlier_segments
from edgedocs.translation.pairs import PageContext
from edgedocs.translation.revising import Revised, Revision, findings_of, numbered, revise, seen_hash, segment_statuses
from edgedocs.translation.splicing import bare_text
from edgedocs.translation.status import SourcePage
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from edgedocs.translation.checks.base import Finding
    from edgedocs.translation.classification import SegmentStatus
    from edgedocs.translation.tree import Tree

REVIEW_STATES = (
    "needs-review",
    "failed",
    "stale",
    "moved",
    "orphan",
    "edited",
    "machine",
    "fresh",
    "reviewed",
    "missing",
)
"""As :data:`SegmentState`, with ``fresh`` told apart by who answers for the translation where that is recorded."""

OPEN = REVIEW_STATES[:8]
"""The states that are looked at unless others are asked for: what nobody has reviewed."""

Operation = Literal["same", "removed", "added"]
_MOST_WORDS = 10_000
"""Of texts that are compared word by word; comparing so many takes 12 MB."""

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Item:
    """A segment to look at.

    Args:
        context: language, page and glossary.
        status: the segment with its translation.
        number: which of the page's segments with this source text it is, from 0.
        findings: errors and warnings of the checks.
        source_before: the source text that was translated, if it was another one and git remembers it.
        target_before: the translation as it was recorded, likewise.
    """

    context: PageContext
    status: SegmentStatus
    number: int
    findings: tuple[Finding, ...] = ()
    source_before: str | None = None
    target_before: str | None = field(default=None)

    @property
    def state(self) -> str:
        """One of :data:`REVIEW_STATES`."""
        if self.status.state == "fresh" and self.status.record is not None:
            return self.status.record.state
        return self.status.state

    @property
    def source(self) -> str:
        """The source text; empty if its source is gone."""
        return bare_text(self.status.source) if self.status.source else ""

    @property
    def target(self) -> str:
        """The translation; empty if there is none."""
        return bare_text(self.status.target) if self.status.target else ""

    def as_dict(self) -> dict[str, Any]:
        """The item as JSON-ready data."""
        return {
            "language": self.context.language.code,
            "page": self.context.page,
            "state": self.state,
            "source_line": self.status.source.line if self.status.source else None,
            "line": self.status.target.line if self.status.target else None,
            "source": self.source or None,
            "target": self.target or None,
            "source_before": self.source_before,
            "target_before": self.target_before,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def review_items(tree: Tree, language: str, page: str, states: Collection[str] = OPEN) -> list[Item]:
    """The segments of a page that are in one of some states, in the order of the source.

    Args:
        tree: source and translations.
        language: code of a language of the tree.
        page: name of a page of the source.
        states: of :data:`REVIEW_STATES`.

    Raises:
        BadInput: if there is no such language or page, or one of the files cannot be read.
    """
    context = PageContext(tree.language(language), page, glossary.load(tree.translations / language))
    path = tree.translation_path(language, page)
    source = SourcePage.load(tree.source_path(page))
    translation = TranslatedPage.load(path) if path.is_file() else None
    statuses = segment_statuses(source, translation, path.as_posix())
    items = [Item(context, status, number) for (_, number), status in numbered(statuses).items()]
    items += [Item(context, status, 0) for status in statuses if status.source is None]
    wanted = [item for item in items if item.state in states]
    changed = [s for item in wanted if (s := item.status).record]
    sources = earlier_segments(source.path, {s.record.source for s in changed if s.record and _source_changed(s)})
    targets = earlier_segments(path, {s.record.target for s in changed if s.record and _target_changed(s)})
    return [
        Item(
            context,
            item.status,
            item.number,
            _findings(item),
            bare_text(sources[old.source]) if old and _source_changed(item.status) and old.source in sources else None,
            bare_text(targets[old.target]) if old and _target_changed(item.status) and old.target in targets else None,
        )
        for item in wanted
        for old in [item.status.record]
    ]


def _source_changed(status: SegmentStatus) -> bool:
    return bool(status.record and status.source and status.record.source != status.source.digest)


def _target_changed(status: SegmentStatus) -> bool:
    return bool(status.record and status.target and status.record.target != status.target.digest)


def _findings(item: Item) -> tuple[Finding, ...]:
    status = item.status
    if status.source is None or status.target is None:
        return ()
    return findings_of(item.context, status.source, status.target.text)


def mark_reviewed(tree: Tree, items: Sequence[Item], *, insists: bool = False) -> Revised:
    """Record translations of one page as reviewed; each only if it is still the one that was looked at.

    Args:
        tree: source and translations.
        items: segments of one page, at least one; those without source or translation are refused.
        insists: whether findings are known and accepted.

    Raises:
        BadInput: if the page cannot be read or has no records.
        CannotRun: if the page is being written by another process, or cannot be written.
    """
    revisions = [_revision(item, None, insists=insists) for item in items]
    return revise(tree, items[0].context.language.code, items[0].context.page, revisions)


def write_text(tree: Tree, item: Item, text: str, *, insists: bool = False) -> Revised:
    """Put a text into the place of a translation that a person has looked at; it is recorded as reviewed.

    Raises:
        BadInput: if the page cannot be read or has no records.
        CannotRun: if the page is being written by another process, or cannot be written.
    """
    revision = _revision(item, text, insists=insists)
    return revise(tree, item.context.language.code, item.context.page, [revision])


def _revision(item: Item, text: str | None, *, insists: bool) -> Revision:
    source = item.status.source.digest if item.status.source else ""
    return Revision(source, item.number, text, "reviewed", seen_hash(item.status.target), insists)


def word_difference(old: str, new: str) -> Iterator[tuple[Operation, str]]:
    """What makes one text another, word by word: runs of words that are the same, removed or added."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > _MOST_WORDS:
        yield "removed", old
        yield "added", new
        return
    pairs = align(before, after)
    position = 0
    for gap in gaps(pairs, len(before), len(after)):
        if text := "".join(before[position : gap.old.start]):
            yield "same", text
        if text := "".join(before[gap.old.start : gap.old.stop]):
            yield "removed", text
        if text := "".join(after[gap.new.start : gap.new.stop]):
            yield "added", text
        position = gap.old.stop
    if text := "".join(before[position:]):
        yield "same", text
