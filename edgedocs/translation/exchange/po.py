"""PO files: one for each page and language, for people with a translation tool.

An entry is a segment. Its context (``msgctxt``) names it: the page, the hash of the source, and a number if the page
has the same text more than once. So an entry whose source has changed since is never taken for another. The
extracted comments say which translation was there when the file was made; on the way back, that tells a text that a
person changed from one that the page has changed meanwhile.

Only the translations and the flag ``fuzzy`` are read back. What is fuzzy is unfinished and stays as it is. A changed
text becomes ``edited``; a text that was fuzzy and is approved as it is becomes ``reviewed``.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun, EdgeDocsError, gathered
from edgedocs.translation import glossary
from edgedocs.translation.checks.base import Finding
from edgedocs.translation.classification import SegmentStatus
from edgedocs.translation.history import earlier_segments
from edgedocs.translation.normalization import DIGEST_LENGTH, digest, normalize
from edgedocs.translation.pairs import PageContext
from edgedocs.translation.revising import Revised, Revision, findings_of, numbered, revise, seen_hash, segment_statuses
from edgedocs.translation.splicing import bare_text
from edgedocs.translation.status import SourcePage
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edgedocs.translation.language import Language
    from edgedocs.translation.segments import Segment
    from edgedocs.translation.tree import Tree

SUFFIX = ".po"
_UNSETTLED = frozenset({"stale", "needs-review", "failed"})
_CONTEXT = re.compile(rf"(?P<page>.+) (?P<source>[0-9a-f]{{{DIGEST_LENGTH}}})(?: (?P<number>[1-9][0-9]{{0,4}}))?")
_SEEN = re.compile(rf"^translation: (?P<hash>[0-9a-f]{{{DIGEST_LENGTH}}}|none)\b", re.MULTILINE)
_TEXT = re.compile(r'(?:msgid|msgid_plural|msgstr|msgctxt|msgstr\[\d{1,9}\])[ \t]*"')
_EXPORT_ANEW = "export the page anew, and put the translation there"


@dataclass(frozen=True)
class Exported:
    """A PO file that was written.

    Args:
        path: the file.
        language: code of the language.
        page: name of the page.
        translated: entries that are done.
        fuzzy: entries with a translation that somebody must look at.
        untranslated: entries without one.
    """

    path: Path
    language: str
    page: str
    translated: int
    fuzzy: int
    untranslated: int

    def as_dict(self) -> dict[str, str | int]:
        """The file as JSON-ready data."""
        return {**vars(self), "path": self.path.as_posix()}


@dataclass(frozen=True)
class Imported:
    """What became of a PO file.

    Args:
        path: the file.
        language: code of its language.
        pages: what became of each page that it has entries of.
        findings: entries that were not taken over, and why.
        fuzzy: entries that are marked as unfinished, and stay so.
        untranslated: entries without a translation.
        errors: why the file, or pages, could not be read or written.
    """

    path: Path
    language: str
    pages: tuple[Revised, ...] = ()
    findings: tuple[Finding, ...] = ()
    fuzzy: int = 0
    untranslated: int = 0
    errors: tuple[EdgeDocsError, ...] = field(default=(), compare=False)

    @property
    def exit_code(self) -> int:
        """0 if all went well, 1 if an entry was not taken over, the error's own if something could not be read."""
        return max((error.exit_code for error in self.errors), default=1 if self.findings else 0)

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON-ready data."""
        return {
            "path": self.path.as_posix(),
            "language": self.language,
            "pages": [{"path": p.path.as_posix(), "changed": len(p.made), "written": p.written} for p in self.pages],
            "unchanged": sum(page.unchanged for page in self.pages),
            "fuzzy": self.fuzzy,
            "untranslated": self.untranslated,
            "findings": [finding.as_dict() for finding in self.findings],
            "errors": [error.as_dict() for error in self.errors],
        }


def export_po(tree: Tree, language: str, page: str, output: Path) -> Exported:
    """Write the PO file of a page: ``OUTPUT/LANGUAGE/PAGE.po``.

    Args:
        tree: source and translations.
        language: code of a language of the tree.
        page: name of a page of the source.
        output: folder for the files of all languages.

    Raises:
        BadInput: if there is no such language or page, one of the files cannot be read, or the PO file is there
            already and holds work that was not imported.
        CannotRun: if polib is not installed, or the file cannot be written.
    """
    document = po_document(tree, language, page)
    path = output / language / Path(page).with_suffix(SUFFIX)
    if path.is_file():
        _refuse_to_lose(path, tree, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(path, str(document))
    done = len([entry for entry in document if entry.msgstr and not entry.fuzzy])
    fuzzy = len([entry for entry in document if entry.fuzzy])
    return Exported(path, language, page, done, fuzzy, len(document) - done - fuzzy)


def po_document(tree: Tree, language: str, page: str) -> Any:
    """A page as polib's ``POFile``.

    Raises:
        BadInput: if there is no such language or page, or one of the files cannot be read.
        CannotRun: if polib is not installed.
    """
    polib = _polib()
    spoken = tree.language(language)
    context = PageContext(spoken, page, glossary.load(tree.translations / language))
    source = SourcePage.load(tree.source_path(page))
    path = tree.translation_path(language, page)
    translation = TranslatedPage.load(path) if path.is_file() else None
    document = polib.POFile(wrapwidth=0)
    document.metadata = _metadata(spoken, translation, tree.source_name(page))
    statuses = segment_statuses(source, translation, path.as_posix())
    outdated = [s.record.source for s in statuses if s.record and s.source and s.record.source != s.source.digest]
    earlier = earlier_segments(source.path, outdated)
    for (hash_of_source, number), status in numbered(statuses).items():
        if status.source is None or not status.source.text.strip():
            continue
        place = (tree.source_name(page), str(status.source.line))
        msgctxt = f"{page} {hash_of_source}" + (f" {number + 1}" if number else "")
        document.append(polib.POEntry(msgctxt=msgctxt, occurrences=[place], **_entry(context, status, earlier)))
    return document


def _entry(context: PageContext, status: SegmentStatus, earlier: Mapping[str, Segment]) -> dict[str, Any]:
    """What an entry says beside its identity, as polib names it."""
    source, target = status.source, status.target
    assert source is not None, "numbered segments are those of the source"
    msgid = bare_text(source)
    fuzzy = status.state in _UNSETTLED and target is not None
    placeholder = status.state == "failed" and target is not None and target.digest == source.digest
    found = findings_of(context, source, target.text) if target is not None and not placeholder else ()
    entry: dict[str, Any] = {
        "msgid": msgid,
        "msgstr": bare_text(target) if target is not None and not placeholder else "",
        "flags": ["fuzzy"] if fuzzy and not placeholder else [],
        "comment": "\n".join(_notes(context, status, msgid)),
        "tcomment": "\n".join(
            f"{finding.severity}: {_one_line(finding.message)} [{finding.check}]" for finding in found
        ),
    }
    before = earlier.get(status.record.source) if status.record and fuzzy else None
    if before is not None and before.digest != source.digest:
        entry["previous_msgid"] = bare_text(before)
    return entry


def _notes(context: PageContext, status: SegmentStatus, text: str) -> Iterator[str]:
    yield f"translation: {seen_hash(status.target) or 'none'}, {status.state}"
    if status.source is not None:
        yield f"kind: {' / '.join((*status.source.place, status.source.kind))}"
    for term in context.glossary:
        if re.search(rf"\b{re.escape(term.term)}\b", text, re.IGNORECASE):
            yield f"term: {term.term} → {term.translation}" + (f" ({_one_line(term.note)})" if term.note else "")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _metadata(language: Language, translation: TranslatedPage | None, source: str) -> dict[str, str]:
    metadata = {
        "Project-Id-Version": "EdgeDocs",
        "Report-Msgid-Bugs-To": "",
        "Language": language.code.replace("-", "_"),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "X-Source-File": source,
    }
    if translation and translation.header:
        metadata["PO-Revision-Date"] = translation.header.translation_date
    if language.plural:
        metadata["Plural-Forms"] = language.plural
    return metadata


def import_po(tree: Tree, paths: Sequence[Path], language: str | None = None) -> list[Imported]:
    """Take over what people changed in PO files. Each file and each entry fails alone.

    Args:
        tree: source and translations.
        paths: PO files that were exported.
        language: code of the language of files that do not name theirs.

    Raises:
        CannotRun: if polib is not installed.
    """
    _polib()
    return [_import(tree, path, language) for path in paths]


def _import(tree: Tree, path: Path, language: str | None) -> Imported:
    try:
        document = read_po(path)
        code = _language(tree, document, path, language)
    except EdgeDocsError as error:
        return Imported(path, language or "", errors=(error,))
    batch = _Batch(tree, code, path)
    for entry in document:
        batch.take(entry)
    return batch.result()


class _Batch:
    """The entries of one file, sorted by page."""

    def __init__(self, tree: Tree, language: str, path: Path) -> None:
        self.tree = tree
        self.language = language
        self.path = path
        self.known = set(tree.pages())
        self.revisions: dict[str, list[Revision]] = defaultdict(list)
        self.findings: list[Finding] = []
        self.sources: dict[str, dict[tuple[str, int], Segment] | EdgeDocsError] = {}
        self.fuzzy = self.untranslated = 0

    def take(self, entry: Any) -> None:
        """Sort one entry in."""
        if entry.obsolete:
            return
        if not entry.msgstr and not entry.msgstr_plural:
            self.untranslated += 1
        elif entry.fuzzy:
            self.fuzzy += 1
        elif revision := self._revision(entry):
            self.revisions[_page_of(entry)].append(revision)

    def _revision(self, entry: Any) -> Revision | None:
        match = _CONTEXT.fullmatch(entry.msgctxt or "")
        if match is None or entry.msgid_plural or match["page"] not in self.known:
            what = f"no entry of a page of {self.tree.source.as_posix()}: msgctxt {_shown(entry.msgctxt)}"
            self._report(entry, "", "identity", what, "keep msgctxt as it was exported; the page must exist")
            return None
        key = match["source"], int(match["number"] or 1) - 1
        source = self._source(match["page"])
        if isinstance(source, EdgeDocsError):
            self.revisions[match["page"]] += []
            return None
        if key in source and normalize(bare_text(source[key])) != normalize(entry.msgid):
            what = "the source text of the entry is not the page's"
            self._report(entry, match["page"], "identity", what, _EXPORT_ANEW)
            return None
        return Revision(*key, entry.msgstr, "edited", _seen(entry))

    def _source(self, page: str) -> dict[tuple[str, int], Segment] | EdgeDocsError:
        if page not in self.sources:
            try:
                segments = SourcePage.load(self.tree.source_path(page)).outline.segments
                statuses = [SegmentStatus("missing", segment, None) for segment in segments]
                self.sources[page] = {key: s.source for key, s in numbered(statuses).items() if s.source}
            except EdgeDocsError as error:
                self.sources[page] = error
        return self.sources[page]

    def _report(self, entry: Any, page: str, check: str, message: str, remedy: str) -> None:
        where = f"{self.path.as_posix()}:{entry.linenum}: {message}"
        self.findings.append(Finding(self.language, page, None, None, check, "error", where, remedy))

    def result(self) -> Imported:
        """Put the texts into their pages."""
        pages: list[Revised] = []
        errors: list[EdgeDocsError] = []
        for page, revisions in sorted(self.revisions.items()):
            source = self._source(page)
            with gathered(errors):
                if isinstance(source, EdgeDocsError):
                    raise source
                pages.append(revise(self.tree, self.language, page, revisions))
        refused = [finding for page in pages for refusal in page.refused for finding in refusal.findings]
        findings = (*self.findings, *sorted(refused, key=lambda f: (f.page, f.source_line or 0)))
        return Imported(self.path, self.language, tuple(pages), findings, self.fuzzy, self.untranslated, tuple(errors))


def read_po(path: Path) -> Any:
    """A PO file as polib's ``POFile``.

    Raises:
        BadInput: if it is missing, too large, not UTF-8 or no PO file.
        CannotRun: if polib is not installed.
    """
    polib = _polib()
    text = _joined(files.read_text(path))
    # polib takes apart what it is given as text at more characters than line ends, so it is given a file.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "joined.po"
        files.write_text(copy, text)
        return _parsed(polib, copy, path)


def _joined(text: str) -> str:
    """The file with each text on one line: polib's time grows with the square of the lines of a text.

    Blank lines come in the place of those that are joined, so that messages name the right line.
    """
    lines: list[str] = []
    parts: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        stripped = line.strip(" \t\r")
        if parts and len(stripped) > 1 and stripped.startswith('"') and stripped.endswith('"'):
            parts.append(stripped[1:-1])
            continue
        _close(lines, parts)
        if _TEXT.match(stripped) and stripped.endswith('"'):
            parts = [stripped[:-1]]
        else:
            parts = []
            lines.append(line)
    _close(lines, parts)
    return "\n".join(lines)


def _close(lines: list[str], parts: list[str]) -> None:
    if parts:
        lines.append("".join(parts) + '"')
        lines += [""] * (len(parts) - 1)


def _parsed(polib: Any, copy: Path, path: Path) -> Any:
    try:
        return polib.pofile(str(copy), encoding="utf-8")
    except (OSError, ValueError, UnicodeError, AttributeError, IndexError) as error:
        found = re.search(r"\(line (\d+)\)(?::\s*(.*))?", str(error))
        where = f"{path.as_posix()}:{found[1]}" if found else path.as_posix()
        detail = f": {found[2]}" if found and found[2] else ""
        raise BadInput(f"no PO file{detail}", where=where, expected="a file as `translate export` writes it") from error


def _language(tree: Tree, document: Any, path: Path, given: str | None) -> str:
    named = document.metadata.get("Language", "").replace("_", "-")
    if given and named and given != named:
        raise BadInput(f"the file is in {named!r}", where=path.as_posix(), expected=repr(given))
    if not named and not given:
        raise BadInput(
            "the file does not say in which language it is",
            where=path.as_posix(),
            expected="a line `Language:` in its header",
            remedy="add it, or name the language with --language",
        )
    return tree.require_language(named or given or "")


def _refuse_to_lose(path: Path, tree: Tree, language: str) -> None:
    """Nobody's unfinished work is overwritten: a text that is neither what was exported nor what the page has."""
    standing: dict[str, set[str]] = {}
    for entry in read_po(path):
        if not entry.msgstr or entry.obsolete:
            continue
        page = _page_of(entry)
        if page not in standing:
            standing[page] = _standing(tree, language, page)
        if normalize(entry.msgstr) not in standing[page] and digest(entry.msgstr) != _seen(entry):
            raise BadInput(
                "the file holds a translation that was not imported",
                where=f"{path.as_posix()}:{entry.linenum}",
                remedy="import it, delete it, or export to another folder",
            )


def _standing(tree: Tree, language: str, page: str) -> set[str]:
    """The texts that a page has."""
    try:
        path = tree.translation_path(language, page)
        outline = TranslatedPage.load(path).outline(path.as_posix())
    except EdgeDocsError:
        return set()
    return {normalize(bare_text(segment)) for segment in outline.segments}


def _seen(entry: Any) -> str | None:
    match = _SEEN.search(entry.comment)
    return match and match["hash"].replace("none", "")


def _page_of(entry: Any) -> str:
    match = _CONTEXT.fullmatch(entry.msgctxt or "")
    return match["page"] if match else ""


def _shown(text: str | None) -> str:
    return repr(text if text is None or len(text) <= 60 else f"{text[:60]}…")


def _polib() -> Any:
    try:
        import polib
    except ImportError as error:
        raise CannotRun("polib is not installed", remedy='pip install "edgedocs[translate]"') from error
    return polib
