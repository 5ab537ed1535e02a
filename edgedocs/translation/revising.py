"""Revising: putting texts and judgements of people into a translated page, and into nothing else of it.

A revision names a segment by the hash of its source and says which translation the person saw. If source or
translation are others by now, the revision is refused: who wrote last does not win, both texts stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.translation import glossary, seal
from edgedocs.translation.checks.base import Finding
from edgedocs.translation.classification import SETTLED, SegmentStatus
from edgedocs.translation.header import Header
from edgedocs.translation.interop import notebooks
from edgedocs.translation.locks import page_lock
from edgedocs.translation.normalization import digest, unify_line_ends
from edgedocs.translation.pairs import PageContext, pair_by_place
from edgedocs.translation.records import Record
from edgedocs.translation.segments import Segment
from edgedocs.translation.splicing import Splice, Spliced, bare_text, place_text, splice
from edgedocs.translation.status import SourcePage, status_of
from edgedocs.translation.structure import compare_segments
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from edgedocs.translation.segments import Outline
    from edgedocs.translation.tree import Tree

RevisedState = Literal["edited", "reviewed"]
_BY_A_PERSON = frozenset({"edited", "reviewed"})


@dataclass(frozen=True)
class Revision:
    """What a person says of the translation of one segment.

    Args:
        source: hash of the segment of the source.
        number: which of the page's segments with this hash it is, from 0.
        text: the translation, without indentation and without a line end at its end; None keeps the one that is there.
        state: what to record if the text is new: ``edited``, or ``reviewed`` if the person compared it with the source;
            a text that is kept is recorded as reviewed.
        seen: hash of the translation that the person saw, as :func:`seen_hash` gives it; empty if there was none, None
            if that is not known.
        insists: whether the person knows what the checks find and wants it all the same.
    """

    source: str
    number: int
    text: str | None = None
    state: RevisedState = "edited"
    seen: str | None = None
    insists: bool = False


@dataclass(frozen=True)
class Refusal:
    """A revision that was not made, and why."""

    revision: Revision
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Revised:
    """What became of the revisions of a page.

    Args:
        path: the translated page.
        made: those that were made.
        refused: those that were not.
        unchanged: how many say what the page says already.
        written: whether the file was written.
    """

    path: Path
    made: tuple[Revision, ...]
    refused: tuple[Refusal, ...]
    unchanged: int
    written: bool


def revise(tree: Tree, language: str, page: str, revisions: Sequence[Revision]) -> Revised:
    """Put revisions into a translated page. A page that does not exist is made: what has no translation stands in it
    as in the source, and is recorded as failed.

    Args:
        tree: source and translations.
        language: code of a language of the tree.
        page: name of a page of the source.
        revisions: at most one for each segment.

    Raises:
        BadInput: if there is no such language or page, the translation has no records, or a file cannot be read.
        CannotRun: if another process writes the page, or it cannot be written.
    """
    spoken = tree.language(language)
    context = PageContext(spoken, page, glossary.load(tree.translations / language))
    path = tree.translation_path(language, page)
    with page_lock(tree, language, page):
        source = SourcePage.load(tree.source_path(page))
        before = _Before.load(source, path)
        session = _Session(context, source, before)
        for revision in revisions:
            session.take(revision)
        if session.candidates and not before.recorded:
            raise BadInput(
                "the page has no records, so nothing can be revised segment by segment",
                where=path.as_posix(),
                remedy="run `edgedocs translate record` or `edgedocs translate import` on it first",
            )
        accepted = session.accepted()
        made = tuple(candidate.revision for candidate in accepted)
        if accepted:
            revised = _page(tree.source_name(page), language, source, before, accepted)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = seal.render(revised, source, path.as_posix())
            files.write_text(path, notebooks.file_text(text, before.file_text, path))
    return Revised(path, made, tuple(session.refused), session.unchanged, bool(accepted))


@dataclass(frozen=True)
class _Before:
    """The translated page as it is; for one that does not exist, the source stands in."""

    header: Header | None
    body: str
    outline: Outline
    statuses: tuple[SegmentStatus, ...]
    file_text: str
    exists: bool
    recorded: bool

    @classmethod
    def load(cls, source: SourcePage, path: Path) -> _Before:
        if not path.is_file():
            body = unify_line_ends(notebooks.page_text(source.text, source.path))
            missing = tuple(SegmentStatus("missing", segment, None) for segment in source.outline.segments)
            return cls(None, body, source.outline, missing, source.text, exists=False, recorded=True)
        where = path.as_posix()
        text = files.read_text(path)
        page = TranslatedPage.parse(notebooks.page_text(text, path), where)
        statuses = segment_statuses(source, page, where)
        recorded = page.records is not None
        return cls(page.header, page.body, page.outline(where), statuses, text, exists=True, recorded=recorded)


@dataclass(frozen=True)
class _Candidate:
    """A revision that may be made: the status of its segment, and the text as it will stand in the page."""

    revision: Revision
    status: SegmentStatus
    text: str | None


class _Session:
    """Sorts the revisions of one page into those that can be made and those that cannot."""

    def __init__(self, context: PageContext, source: SourcePage, before: _Before) -> None:
        self.context = context
        self.source = source
        self.before = before
        self.refused: list[Refusal] = []
        self.unchanged = 0
        self.candidates: list[_Candidate] = []
        self.by_key = numbered(before.statuses)
        self.seen: set[tuple[str, int]] = set()

    def take(self, revision: Revision) -> None:
        """Judge one revision by what source and translation are now."""
        key = revision.source, revision.number
        status = self.by_key.get(key)
        unchanged = revision.text is not None and digest(revision.text) == revision.seen
        if (status is None or status.source is None) and unchanged:
            self.unchanged += 1
        elif status is None or status.source is None:
            remedy = "export the page anew, and put the translation there"
            self._refuse(revision, None, "conflict", "the source has no such segment any more: it has changed", remedy)
        elif key in self.seen:
            self._refuse(revision, status, "conflict", "two texts for one segment", "leave one of them")
        else:
            self.seen.add(key)
            if revision.text is None and revision.seen not in (None, seen_hash(status.target)):
                message = "the page's translation has been changed meanwhile"
                self._refuse(revision, status, "conflict", message, "look at it once more")
            else:
                self._weigh(revision, status, status.source)

    def _weigh(self, revision: Revision, status: SegmentStatus, source: Segment) -> None:
        current = seen_hash(status.target)
        wanted = current if revision.text is None else digest(revision.text)
        changed_since = revision.seen is not None and revision.seen != current
        if wanted == current and (_is_settled_as(status, revision) or (changed_since and current)):
            self.unchanged += 1
        elif revision.text is not None and changed_since and wanted == revision.seen and current:
            self.unchanged += 1  # The page has changed since the person saw it; the person has changed nothing.
        elif not wanted:
            self._refuse(revision, status, "conflict", "there is no translation to approve of", "translate it")
        elif wanted != current and revision.seen != current and _is_by_a_person(status):
            remedy = "compare both texts, and put the better one into the page by hand or with `translate review`"
            self._refuse(revision, status, "conflict", "a person has changed the page's translation meanwhile", remedy)
        else:
            text = None
            if revision.text is not None and wanted != current:
                text = place_text(revision.text, status.target or source)
            candidate = _Candidate(revision, status, text)
            findings = () if revision.insists else self._findings(candidate, source)
            if findings:
                self.refused.append(Refusal(revision, findings))
            else:
                self.candidates.append(candidate)

    def _findings(self, candidate: _Candidate, source: Segment) -> tuple[Finding, ...]:
        target = candidate.status.target
        text = candidate.text if candidate.text is not None else (target.text if target else "")
        place = target or source
        wanted = Segment(source.kind, text, place.line, source.place)
        differences = [
            self._finding(candidate.status, d.check, d.message, "repeat them as they are in the source")
            for d in compare_segments(source, wanted)
        ]
        return (*differences, *findings_of(self.context, source, text))

    def accepted(self) -> list[_Candidate]:
        """The candidates that leave the rest of the page as it is; others are refused."""
        accepted: list[_Candidate] = []
        waiting = [self.candidates]
        while waiting:
            group = waiting.pop()
            if self._fits([*accepted, *group]):
                accepted += group
            elif len(group) > 1:
                waiting += [group[len(group) // 2 :], group[: len(group) // 2]]
            else:
                message = "this text would be another kind of block, or several, or change what stands around it"
                remedy = "keep the markers and indentation of the source, and blank lines out"
                self._refuse(group[0].revision, group[0].status, "structure", message, remedy)
        return accepted

    def _fits(self, candidates: Sequence[_Candidate]) -> bool:
        spliced = _spliced(self.source, self.before, candidates)
        return spliced is not None and _is_read_back(spliced.body)

    def _refuse(self, revision: Revision, status: SegmentStatus | None, check: str, message: str, remedy: str) -> None:
        self.refused.append(Refusal(revision, (self._finding(status, check, message, remedy),)))

    def _finding(self, status: SegmentStatus | None, check: str, message: str, remedy: str) -> Finding:
        line = status.target.line if status and status.target and self.before.exists else None
        source_line = status.source.line if status and status.source else None
        code, page = self.context.language.code, self.context.page
        return Finding(code, page, line, source_line, check, "error", message, remedy)


def segment_statuses(source: SourcePage, page: TranslatedPage | None, where: str) -> tuple[SegmentStatus, ...]:
    """The segments of a page with their states; without records, translations are told by their places.

    Args:
        source: the page.
        page: its translation; None if there is none.
        where: path of the translation, for messages.

    Raises:
        BadInput: if one of them has too many segments.
    """
    if page is None:
        return tuple(SegmentStatus("missing", segment, None) for segment in source.outline.segments)
    status = status_of(source, page, where)
    if status.recorded:
        return status.segments
    targets = {s.line: target for s, target in pair_by_place(source.outline, page.outline(where))}
    found = []
    for segment in status.segments:
        target = targets.get(segment.source.line) if segment.source else None
        found.append(SegmentStatus(segment.state if target else "missing", segment.source, target))
    return tuple(found)


def numbered(statuses: Sequence[SegmentStatus]) -> dict[tuple[str, int], SegmentStatus]:
    """The segments of the source with their statuses, by hash and number, as a :class:`Revision` names them."""
    found: dict[tuple[str, int], SegmentStatus] = {}
    counts: dict[str, int] = {}
    for status in statuses:
        if status.source is not None:
            number = counts.get(status.source.digest, 0)
            counts[status.source.digest] = number + 1
            found[status.source.digest, number] = status
    return found


def findings_of(context: PageContext, source: Segment, text: str) -> tuple[Finding, ...]:
    """The errors and warnings that the checks find in a translation of one segment."""
    from edgedocs.translation.checking import check_segment

    return tuple(finding for finding in check_segment(context, source, text) if finding.severity != "info")


def _is_settled_as(status: SegmentStatus, revision: Revision) -> bool:
    """Whether nothing would be said anew: a text that stands there already, or an approval that is recorded."""
    if status.state not in {*SETTLED, "moved"}:
        return False
    if revision.text is not None:
        return True
    return status.record is not None and status.record.state == "reviewed" and _is_recorded(status)


def _is_recorded(status: SegmentStatus) -> bool:
    return bool(status.record and status.target and status.record.target == status.target.digest)


def _is_by_a_person(status: SegmentStatus) -> bool:
    """Whether there is a translation that is not as a machine left it."""
    if status.target is None:
        return False
    return not _is_recorded(status) or status.record is None or status.record.state in _BY_A_PERSON


def seen_hash(target: Segment | None) -> str:
    """What a revision says of the translation that the person saw."""
    return digest(bare_text(target)) if target else ""


def _is_read_back(body: str) -> bool:
    """Whether a body is the same when it is read from a file: a text could look like a header or like records."""
    try:
        return TranslatedPage.parse(TranslatedPage(None, body, ()).render(), "").body.startswith(body)
    except BadInput:
        return False


def _spliced(source: SourcePage, before: _Before, candidates: Sequence[_Candidate]) -> Spliced | None:
    """The body with the candidates' texts; None if anything else would be read differently then."""
    splices = [
        Splice(c.status.source, c.status.target if before.exists else c.status.source, c.text)
        for c in candidates
        if c.text is not None and c.status.source is not None
    ]
    targets = {s.source.line: s.target for s in before.statuses if s.source and s.target}
    text = unify_line_ends(notebooks.page_text(source.text, source.path))
    return splice((text, source.outline), (before.body, before.outline), targets, splices)


def _page(
    name: str, language: str, source: SourcePage, before: _Before, accepted: Sequence[_Candidate]
) -> TranslatedPage:
    """The page with what was accepted.

    Args:
        name: path of the source, for the header.
        language: code of the language.
        source: the source.
        before: the page as it is.
        accepted: candidates that were spliced together before.
    """
    spliced = _spliced(source, before, accepted)
    assert spliced is not None, "accepted candidates were tried together"
    records = tuple(_records(spliced.origins, before, accepted))
    others = before.header.others if before.header else {}
    date = datetime.now(UTC).isoformat(timespec="seconds")
    page = TranslatedPage(Header(source.hash, date, name, language, others), spliced.body, records)
    settled = all(status.state in SETTLED for status in status_of(source, page, "").segments)
    if before.header is not None and not settled:
        # Other tools go by this hash alone: it must not say that the page is in step.
        return replace(page, header=replace(before.header, translation_date=date))
    return page


def _records(origins: Sequence[Segment | Splice], before: _Before, accepted: Sequence[_Candidate]) -> Iterator[Record]:
    """A record for each segment of the new body, in order, except those of which nothing was known before."""
    candidates = {c.status.source.line: c for c in accepted if c.status.source is not None}
    statuses = {s.target.line: s for s in before.statuses if s.target is not None}
    for origin in origins:
        if isinstance(origin, Splice):
            yield Record(origin.source.digest, digest(origin.text), candidates[origin.source.line].revision.state)
        elif not before.exists:
            # There is nothing to translate in an empty value.
            yield Record(origin.digest, origin.digest, "failed" if origin.text.strip() else "machine")
        else:
            status = statuses[origin.line]
            approved = candidates.get(status.source.line) if status.source else None
            if approved is not None and status.source is not None:
                yield Record(status.source.digest, origin.digest, "reviewed")
            elif status.record is not None and status.record.target != origin.digest:
                yield Record(status.record.source, origin.digest, "edited")
            elif status.record is not None:
                yield status.record
