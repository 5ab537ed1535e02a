"""Importing: pages of another tool become ours, with header and records, and not a word of them is translated again.

A page is written once, whole, under its lock. One that has records already is left alone, so an import can be repeated,
continued after it was killed, or run by two at a time.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from edgedocs.core import files
from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.translation import seal
from edgedocs.translation.header import Header, is_hash_of
from edgedocs.translation.history import History
from edgedocs.translation.interop import footers, notebooks
from edgedocs.translation.interop.origins import Origins
from edgedocs.translation.interop.pairing import correspondences
from edgedocs.translation.interop.revisions import as_translated, edited_since
from edgedocs.translation.locks import page_lock
from edgedocs.translation.normalization import DIGEST_LENGTH
from edgedocs.translation.records import Record
from edgedocs.translation.segments import Outline, split
from edgedocs.translation.status import PageStatus, SourcePage, status_of
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.tree import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgedocs.core.progress import Progress
    from edgedocs.translation.interop.pairing import Correspondence
    from edgedocs.translation.segments import Segment
    from edgedocs.translation.tree import Tree

UNKNOWN = "0" * DIGEST_LENGTH
"""In place of the hash of a source segment that is not known, so that its translation is not taken for fresh."""

Origin = Literal["current", "history", "unknown", "none"]
"""Where the source is that a page was made from: as it is now; in git; a hash is known, the text is not; nothing is."""

STATES = ("machine", "reviewed")


@dataclass(frozen=True)
class Options:
    """How to import.

    Args:
        state: who answers for a translation that no person is known to have edited: ``machine`` or ``reviewed``.
        keep_footer: whether the sentence on how a page was made stays in it, between its two comments.
        use_history: whether git is asked for older versions of sources and translations.
        dry_run: whether nothing is written.
    """

    state: str = "machine"
    keep_footer: bool = False
    use_history: bool = True
    dry_run: bool = False


@dataclass(frozen=True)
class Imported:
    """What became of one page.

    Args:
        language: code of the language.
        page: name of the page.
        outcome: ``imported``; ``recorded``, it had records before and was left alone; ``missing``, there is no
            translation; ``orphan``, there is no source; ``failed``, it cannot be read or written.
        origin: where the source is that it was made from.
        status: of the page as imported, or as it was left.
        edited: how many segments a person has edited since.
        uncertain: how many translations have more than one likely source; they become stale.
        footer: whether it had a sentence on how it was made, or the rule that such a sentence leaves.
        note: why Co-op Translator has no translation, if it noted that.
        error: why it failed.
    """

    language: str
    page: str
    outcome: Literal["imported", "recorded", "missing", "orphan", "failed"]
    origin: Origin | None = None
    status: PageStatus | None = None
    edited: int = 0
    uncertain: int = 0
    footer: bool = False
    note: str | None = None
    error: EdgeDocsError | None = None

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON-ready data."""
        document: dict[str, Any] = {"language": self.language, "page": self.page, "outcome": self.outcome}
        if self.outcome == "imported":
            document |= {
                "origin": self.origin,
                "edited": self.edited,
                "uncertain": self.uncertain,
                "footer": self.footer,
            }
        if self.status is not None:
            document |= {"state": self.status.state, "segments": self.status.counts}
        if self.note is not None:
            document["note"] = self.note
        if self.error is not None:
            document["error"] = self.error.as_dict()
        return document


@dataclass(frozen=True)
class Import:
    """What became of a tree.

    Args:
        pages: one for each language and page.
        problems: what is wrong beside the pages: a state file that is torn.
    """

    pages: tuple[Imported, ...]
    problems: tuple[EdgeDocsError, ...] = ()

    @property
    def errors(self) -> list[EdgeDocsError]:
        """What could not be read or written, and why, each reason once."""
        errors = [page.error for page in self.pages if page.error is not None]
        return list({str(error): error for error in (*self.problems, *errors)}.values())

    @property
    def exit_code(self) -> int:
        """0 if every page was taken over or had been, whatever its state; else that of the gravest error."""
        return max((error.exit_code for error in self.errors), default=0)

    def as_dict(self) -> dict[str, Any]:
        """Pages and summary as JSON-ready data."""
        states = Counter(page.status.state for page in self.pages if page.status is not None)
        return {
            "pages": [page.as_dict() for page in self.pages],
            "summary": {
                "pages": len(self.pages),
                "outcomes": dict(sorted(Counter(page.outcome for page in self.pages).items())),
                "states": dict(sorted(states.items())),
                "edited": sum(page.edited for page in self.pages),
                "uncertain": sum(page.uncertain for page in self.pages),
                "problems": [problem.as_dict() for problem in self.problems],
            },
        }


def import_tree(
    tree: Tree,
    languages: Sequence[str] = (),
    options: Options | None = None,
    progress: Progress | None = None,
) -> Import:
    """Take the pages of a tree over. A page that cannot be read fails alone; the others are imported all the same.

    Args:
        tree: source and translations, as Co-op Translator left them.
        languages: codes; all of the tree's languages if empty.
        options: how to import.
        progress: called after each page.

    Raises:
        BadInput: if the tree has no language, or not the one asked for.
    """
    options = options or Options()
    codes = [tree.require_language(code) for code in languages] or tree.languages()
    if not codes:
        expected = "a folder for each language, named by its code, such as cs"
        raise BadInput("no translations here", where=tree.translations, expected=expected)
    sources = set(tree.pages())
    wanted = [(code, page) for code in codes for page in sorted({*sources, *tree.translated_pages(code)})]
    done = []
    with ExitStack() as stack:
        importer = _Importer(tree, options, stack)
        for number, (code, page) in enumerate(wanted, 1):
            done.append(importer.page(code, page, has_source=page in sources))
            if progress is not None:
                progress(number, len(wanted))
        return Import(tuple(done), tuple(importer.origins.errors))


@dataclass(frozen=True)
class _Basis:
    """What a page was translated from."""

    origin: Origin
    outline: Outline | None


class _Importer:
    """What is read once for many pages."""

    def __init__(self, tree: Tree, options: Options, stack: ExitStack) -> None:
        self.tree = tree
        self.options = options
        self.origins = Origins(tree)
        self._sources: dict[str, SourcePage] = {}
        self._source_history: History | None = None
        self._history: History | None = None
        if options.use_history:
            self._source_history = self._history = stack.enter_context(History(tree.source, SUFFIXES))
            if not tree.translations.resolve().is_relative_to(tree.source.resolve()):
                self._history = stack.enter_context(History(tree.translations, SUFFIXES))

    def page(self, language: str, page: str, *, has_source: bool) -> Imported:
        """Import one page."""
        try:
            path = self.tree.translation_path(language, page)
            if not path.is_file():
                failure = self.origins.state_file(language).failure(page, self.tree.source_name(page))
                return Imported(language, page, "missing", note=failure.reason if failure else None)
            if not has_source:
                TranslatedPage.load(path)
                return Imported(language, page, "orphan")
            if page not in self._sources:
                self._sources[page] = SourcePage.load(self.tree.source_path(page))
            if self.options.dry_run:
                return self._take_over(language, page, self._sources[page])
            with page_lock(self.tree, language, page):
                return self._take_over(language, page, self._sources[page])
        except EdgeDocsError as error:
            return Imported(language, page, "failed", error=error)

    def _take_over(self, language: str, page: str, source: SourcePage) -> Imported:
        path = self.tree.translation_path(language, page)
        where = path.as_posix()
        file_text = files.read_text(path)
        translation = TranslatedPage.parse(notebooks.page_text(file_text, path), where)
        if translation.records is not None:
            return Imported(language, page, "recorded", status=status_of(source, translation, where))
        translation = self.origins.complete(translation, language, page)
        if translation.header is None:
            self._refuse_loss(language)
        basis = self._basis(source, translation.header)
        file_text, body, footer = self._without_footer(file_text, translation.body, source, where)
        bare = replace(translation, body=body)
        outline = bare.outline(where)
        pairs = correspondences(basis.outline, outline) if basis.outline else []
        edited = self._edited(language, page, translation.header, outline)
        records = tuple(self._records(pairs, outline, basis, edited))
        header = self._header(language, page, source, translation.header, basis)
        text = seal.render(TranslatedPage(header, body, records), source, where)
        if not self.options.dry_run:
            files.write_text(path, notebooks.file_text(text, file_text, path))
        return Imported(
            language,
            page,
            "imported",
            basis.origin,
            status_of(source, TranslatedPage.parse(text, where), where),
            edited=sum(record.state == "edited" for record in records),
            uncertain=sum(not pair.certain for pair in pairs),
            footer=bool(footer),
        )

    def _refuse_loss(self, language: str) -> None:
        """The entry of a page may be what a torn state file has lost; once imported, the page would not be again."""
        error = self.origins.state_file(language).error
        if error is not None:
            raise BadInput(
                "the state file is damaged, and what is left of it says nothing of this page",
                where=error.where,
                expected="an entry for this page",
                remedy="restore the state file and import again; or delete it, then such pages need review",
            )

    def _basis(self, source: SourcePage, header: Header | None) -> _Basis:
        if header is None:
            return _Basis("none", None)
        if is_hash_of(header.original_hash, source.text):
            return _Basis("current", source.outline)
        where = source.path.as_posix()
        text = self._source_history.source(source.path, header.original_hash) if self._source_history else None
        if text is None:
            return _Basis("unknown", None)
        try:
            return _Basis("history", split(notebooks.page_text(text, source.path), f"{where} (an older version)"))
        except BadInput:
            return _Basis("unknown", None)

    def _edited(self, language: str, page: str, header: Header | None, outline: Outline) -> frozenset[int]:
        """Lines of the segments that a person has edited since the page was translated, as far as git can tell."""
        path = self.tree.translation_path(language, page)
        first = as_translated(self._history, path, header) if self._history and header else None
        return frozenset() if first is None else edited_since(first, outline)

    def _records(
        self, pairs: Sequence[Correspondence], outline: Outline, basis: _Basis, edited: frozenset[int]
    ) -> Iterator[Record]:
        """Records of the segments whose source is known; if no source is, of all of them."""
        if basis.outline is None:
            yield from (self._record(segment, UNKNOWN, basis, edited) for segment in outline.segments)
        for pair in pairs:
            yield self._record(pair.target, pair.source.digest if pair.certain else UNKNOWN, basis, edited)

    def _record(self, target: Segment, source: str, basis: _Basis, edited: frozenset[int]) -> Record:
        # Nobody knows how a page without any note came about, so it counts as a person's.
        by_a_person = basis.origin == "none" or target.line in edited
        state = "edited" if by_a_person and self.options.state == "machine" else self.options.state
        return Record(source, target.digest, state)

    def _header(self, language: str, page: str, source: SourcePage, before: Header | None, basis: _Basis) -> Header:
        name = self.tree.source_name(page)
        if before is None:
            return Header("0" * 32, datetime.now(UTC).isoformat(timespec="seconds"), name, language)
        digest = source.hash if basis.origin == "current" else before.original_hash
        return Header(digest, before.translation_date, name, language, before.others)

    def _without_footer(self, file_text: str, body: str, source: SourcePage, where: str) -> tuple[str, str, str]:
        """The file and its body as they are to be kept, and the footer that was found."""
        if notebooks.is_notebook(where):
            return self._without_cell(file_text, body, where)
        source_has_one = bool(footers.split(source.text, without_link=True)[1])
        kept, footer = footers.split(body, without_link=not source_has_one)
        ends_with_rule = bool(footers.split_rule(source.text)[1])
        if ends_with_rule and footer and not footers.split_rule(kept)[1]:
            kept += footers.rule_of(footer)  # it is the source's own
        while not ends_with_rule and (rule := footers.split_rule(kept)[1]):
            kept, footer = kept.removesuffix(rule), rule + footer
        if not footer:
            return file_text, body, ""
        kept = _ended(kept, body)
        if not self.options.keep_footer or not footer.strip("- \t\r\n"):
            return file_text, kept, footer
        newline = "\r\n" if "\r\n" in body else "\n"
        return file_text, kept + footers.mark(footer.replace("\r\n", "\n")).replace("\n", newline), footer

    def _without_cell(self, file_text: str, body: str, where: str) -> tuple[str, str, str]:
        if self.options.keep_footer:
            return file_text, body, footers.split(body)[1]
        file_text, footer = notebooks.without_footer(file_text, where)
        return file_text, TranslatedPage.parse(notebooks.as_page(file_text, where), where).body, footer


def _ended(text: str, body: str) -> str:
    """A page that ends with one line end, of the kind that it has."""
    newline = "\r\n" if "\r\n" in body else "\n"
    kept = text.rstrip()
    return kept + newline if kept else ""
