"""Writing: deciding for each segment which text the page gets, and putting the page in its file, under its lock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edgedocs.core.errors import EdgeDocsError
from edgedocs.translation import seal
from edgedocs.translation.classification import classify
from edgedocs.translation.header import Header
from edgedocs.translation.interop import notebooks
from edgedocs.translation.records import Record
from edgedocs.translation.saving import require_unchanged, save
from edgedocs.translation.segments import Segment
from edgedocs.translation.sync.assembling import Assembled, NotAssembled, Piece, assemble, kept_blocks
from edgedocs.translation.sync.journal import key
from edgedocs.translation.sync.planning import TRANSLATED
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgedocs.translation.classification import SegmentStatus
    from edgedocs.translation.sync.answering import Outcome
    from edgedocs.translation.sync.engine import PageResult
    from edgedocs.translation.sync.journal import Key
    from edgedocs.translation.sync.planning import Work
    from edgedocs.translation.tree import Tree

NotWritten = NotAssembled

NO_SOURCE = "0" * 32
"""Hash in the header of a page of which some segments have no translation yet: of no source."""

_BY_A_PERSON = frozenset({"edited", "reviewed"})


def write_page(tree: Tree, language: str, work: Work, outcomes: Mapping[Key, Outcome], result: PageResult) -> None:
    """Write a page with the translations that there are; the caller holds its lock.

    Args:
        tree: source and translations.
        language: folder of the language.
        work: the page as it is now.
        outcomes: what became of each segment to translate.
        result: filled in.

    Raises:
        BadInput: if a notebook has other cells than its source.
        NotAssembled: if the page would be read as other segments.
        ChangedMeanwhile: if the file is not as it was read.
        CannotRun: if it cannot be written.
    """
    source = work.source
    if work.needs_import:
        result.error = _Finding(
            "the page has no records, so nobody knows what in it a person wrote: it is left as it is",
            where=work.path.as_posix(),
            remedy="run `edgedocs translate import` or, if you know that it is right, `edgedocs translate record`",
        )
        return
    if source is None or work.is_settled:
        result.counts["needs-review"] += _needing_review(work)
        return
    pieces: dict[int, Piece] = {}
    for status in work.status.segments:
        if status.source is not None:
            pieces[status.source.line] = _piece(status, status.source, work, outcomes, result)
    body = _body(work, pieces, result)
    complete = not result.counts["failed"] and not result.counts["needs-review"]
    before = work.translation.header if work.translation else None
    original = source.hash if complete else before.original_hash if before else NO_SOURCE
    date = datetime.now(UTC).isoformat(timespec="seconds")
    if before and work.translation and (work.translation.body, work.translation.records) == (body.body, body.records):
        date = before.translation_date if before.original_hash == original else date
    header = Header(original, date, tree.source_name(work.context.page), language, before.others if before else {})
    where = work.path.as_posix()
    text = seal.render(TranslatedPage(header, body.body, body.records), source, where)
    text = notebooks.file_text(text, source.text, work.path)
    if text != work.text:
        save(work.path, text, work.text)
        result.written = True


def _piece(
    status: SegmentStatus, segment: Segment, work: Work, outcomes: Mapping[Key, Outcome], result: PageResult
) -> Piece:
    target, record = status.target, status.record
    if status.state in TRANSLATED or target is None:
        outcome = outcomes[key(segment)]
        if outcome.text is not None:
            result.counts["translated"] += 1
            return _recorded(segment, outcome.text, "machine")
        result.counts["failed"] += 1
        result.failures.append((segment.line, segment.words, outcome.reasons))
        target = target or work.previous.get(segment.line)
        if target is None:
            return _recorded(segment, segment.text, "failed")
        # The hash of the source stays: the old text translates the old source, whoever corrects it later.
        return Piece(target.text, Record(record.source if record else segment.digest, target.digest, "failed"))
    untouched = record is not None and record.target == target.digest
    state = record.state if record and untouched else "edited"
    if status.state == "needs-review" and record is not None:
        result.counts["needs-review"] += 1
        return Piece(target.text, Record(record.source, target.digest, state))
    result.counts["moved"] += status.state == "moved"
    return _recorded(segment, target.text, state, target.digest)


def _recorded(segment: Segment, text: str, state: str, digest: str | None = None) -> Piece:
    found = digest or Segment(segment.kind, text, 0).digest
    return Piece(text, Record(segment.digest, found, state))


def _body(work: Work, pieces: Mapping[int, Piece], result: PageResult) -> Assembled:
    if work.source is None:
        raise AssertionError("a page without a source is removed, not written")
    keep = {}
    for status in work.status.segments:
        if status.source is None and status.target is not None:
            if status.state == "orphan":
                result.counts["removed"] += 1
                continue
            result.counts["needs-review"] += 1
            record = status.record
            if record is not None and record.target != status.target.digest:
                record = Record(record.source, status.target.digest, "edited")
            keep[status.target.line] = (status.target, record)
    page, footer = work.body
    notebook = notebooks.is_notebook(work.path)
    kept = []
    if work.translation is not None:
        places = {target.line: line for line, target in work.previous.items()}
        line = work.translation.body_line
        kept = kept_blocks(work.source_text, page, line, places, keep, comments=not notebook)
    made = assemble(work.source_text, work.source.outline, pieces, kept, work.path.as_posix())
    body = made.body
    if footer and not notebook:
        body = body + ("" if body.endswith("\n") else "\n") + footer
    if work.translation and "\r\n" in work.translation.body:
        body = body.replace("\r\n", "\n").replace("\n", "\r\n")
    return Assembled(body, made.records)


def remove_orphan(work: Work, result: PageResult, *, allowed: bool) -> None:
    """Remove a page whose source is gone, if it is allowed and only a machine has written it; else report it."""
    page = work.translation
    if page is None:
        return
    records = page.records
    segments = page.outline(work.path.as_posix()).segments
    by_machine = records is not None and {s.state for s in classify((), segments, records)} <= {"orphan"}
    if allowed and by_machine:
        result.counts["removed"] += len(segments)
        require_unchanged(work.path, work.text)
        work.path.unlink()
        result.written = True
        return
    remedy = "run sync with --remove-orphans, or delete the file" if by_machine else "move its text, or delete the file"
    who = "only a machine has written it" if by_machine else "a person may have written it"
    result.error = _Finding(f"its source is gone; {who}", where=work.path.as_posix(), remedy=remedy)


class _Finding(EdgeDocsError):  # noqa: N818 - no error in the program
    """What a person has to decide."""

    exit_code = 1


def _needing_review(work: Work) -> int:
    found = sum(status.state == "needs-review" for status in work.status.segments)
    found += sum(difference.check != "fixed" for difference in work.status.differences)
    return found or int(work.status.state == "needs-review")
