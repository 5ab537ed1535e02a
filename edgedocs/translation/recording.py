"""Recording: noting in a page that people translated from which source each of its segments was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.translation import seal
from edgedocs.translation.header import Header
from edgedocs.translation.interop import notebooks
from edgedocs.translation.locks import page_lock
from edgedocs.translation.records import Record
from edgedocs.translation.saving import save
from edgedocs.translation.status import SourcePage
from edgedocs.translation.structure import Difference, compare
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edgedocs.translation.segments import Segment
    from edgedocs.translation.tree import Tree

STATES = ("machine", "reviewed")
_SHOWN = 5


class StructureError(EdgeDocsError):
    """A page is not a translation of its source: it has other pieces, other code or other facts."""

    exit_code = 1

    def __init__(self, where: Path, source: Path, differences: Sequence[Difference]) -> None:
        self.differences = tuple(differences)
        listed = "\n".join(f"  {difference}" for difference in self.differences[:_SHOWN])
        more = len(self.differences) - _SHOWN
        super().__init__(
            f"does not correspond to {source.as_posix()}:\n{listed}" + (f"\n  and {more} more" if more > 0 else ""),
            where=where.as_posix(),
            expected="the same pieces in the same order, with the same code, facts and heading ids",
            remedy="correct the translation where it differs, from the top; nothing was recorded",
        )


@dataclass(frozen=True)
class Recorded:
    """What was recorded.

    Args:
        path: the translated page.
        segments: how many segments it has.
        changed: whether the file was written; it is not when it said the same already.
        assumed: segments of which nothing said who wrote them, and that are recorded as a machine's therefore.
    """

    path: Path
    segments: int
    changed: bool
    assumed: int = 0


def record(tree: Tree, language: str, page: str, state: str | None = None) -> Recorded:
    """Write header and records into a translated page; its text stays as it is.

    Args:
        tree: source and translations.
        language: code of a language of the tree.
        page: name of a page, such as ``04-gguf.md``.
        state: ``machine`` or ``reviewed`` for every segment. If None, segments recorded before whose source and
            translation are unchanged keep their state, those that a person edited since become ``edited``, and
            all others ``machine``.

    Raises:
        BadInput: if there is no such language, page or translation, or one of the files cannot be read.
        StructureError: if the translation does not correspond to its source piece by piece.
        CannotRun: if the page is locked by another process, or cannot be written.
    """
    tree.require_language(language)
    source_path, path = tree.source_path(page), tree.translation_path(language, page)
    if not path.is_file():
        raise BadInput(
            "no such translation",
            where=path.as_posix(),
            expected="a translated page",
            remedy="write it, then record it",
        )
    with page_lock(tree, language, page):
        source = SourcePage.load(source_path)
        text = files.read_text(path)
        translation = TranslatedPage.parse(notebooks.page_text(text, path), path.as_posix())
        outline = translation.outline(path.as_posix())
        differences = compare(source.outline, outline)
        if differences:
            raise StructureError(path, source_path, differences)
        records = _records(source.outline.segments, outline.segments, translation.records or (), state)
        unchanged = records == translation.records
        header = _header(source, tree.source_name(page), language, translation.header, unchanged=unchanged)
        page_text = seal.render(TranslatedPage(header, translation.body, records), source, path.as_posix())
        rendered = notebooks.file_text(page_text, text, path)
        if rendered != text:
            save(path, rendered, text)
    known = {(record.source, record.target) for record in translation.records or ()}
    assumed = [r for r in records if state is None and r.state == "machine" and (r.source, r.target) not in known]
    return Recorded(path, len(records), rendered != text, len(assumed))


def _header(source: SourcePage, name: str, language: str, before: Header | None, *, unchanged: bool) -> Header:
    digest = source.hash
    others = before.others if before else {}
    date = datetime.now(UTC).isoformat(timespec="seconds")
    if before and unchanged and before.original_hash == digest:
        date = before.translation_date
    return Header(digest, date, name, language, others)


def _records(
    source: Sequence[Segment], target: Sequence[Segment], before: Sequence[Record], state: str | None
) -> tuple[Record, ...]:
    pairs = [(old.digest, new.digest) for old, new in zip(source, target, strict=True)]
    if state is not None:
        return tuple(Record(*pair, state) for pair in pairs)
    kept = {(record.source, record.target): record.state for record in before if record.state != "failed"}
    sources = {record.source for record in before if record.state != "failed"}
    return tuple(Record(*pair, kept.get(pair, "edited" if pair[0] in sources else "machine")) for pair in pairs)
