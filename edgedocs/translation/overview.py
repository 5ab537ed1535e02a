"""Overview: the status of every page of a tree in every language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.translation import seal
from edgedocs.translation.interop import notebooks
from edgedocs.translation.interop.origins import Origins
from edgedocs.translation.status import PageStatus, SourcePage, status_of, translation_status
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgedocs.translation.tree import Tree

FINDINGS = 1
"""Exit code when something is not in step."""


@dataclass(frozen=True)
class Entry:
    """One page in one language."""

    language: str
    page: str
    status: PageStatus

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON-ready data."""
        return {"language": self.language, "page": self.page, **self.status.as_dict()}


@dataclass(frozen=True)
class Overview:
    """The status of a tree.

    Args:
        entries: one for each language and page, in that order.
        problems: what is wrong beside the pages: a state file of another tool that is torn.
    """

    entries: tuple[Entry, ...]
    problems: tuple[EdgeDocsError, ...] = ()

    @property
    def errors(self) -> list[EdgeDocsError]:
        """What could not be read, and why, each reason once."""
        errors = [entry.status.error for entry in self.entries if entry.status.error is not None]
        return list({str(error): error for error in (*self.problems, *errors)}.values())

    @property
    def exit_code(self) -> int:
        """0 if every page is fresh, 1 if not, and the error's own code if a page could not be read."""
        if self.errors:
            return max(error.exit_code for error in self.errors)
        return FINDINGS if any(entry.status.state != "fresh" for entry in self.entries) else 0

    def as_dict(self) -> dict[str, Any]:
        """Pages and summary as JSON-ready data."""
        states = Counter(entry.status.state for entry in self.entries)
        segments: Counter[str] = Counter()
        for entry in self.entries:
            segments.update(entry.status.counts)
        return {
            "pages": [entry.as_dict() for entry in self.entries],
            "summary": {
                "languages": sorted({entry.language for entry in self.entries}),
                "pages": len(self.entries),
                "states": dict(sorted(states.items())),
                "segments": dict(sorted(segments.items())),
            },
        }


def overview(tree: Tree, languages: Sequence[str] = ()) -> Overview:
    """The status of a tree. A page that cannot be read fails alone; the others are looked at all the same.

    Args:
        tree: source and translations.
        languages: codes; all of the tree's languages if empty.

    Raises:
        BadInput: if the tree has no language, or not the one asked for.
    """
    codes = [tree.require_language(code) for code in languages] or tree.languages()
    if not codes:
        expected = "a folder for each language, such as cs, with a language.toml"
        raise BadInput("no translations here", where=tree.translations, expected=expected)
    origins = Origins(tree)
    entries = sorted(_entries(tree, codes, origins), key=lambda entry: (entry.language, entry.page))
    return Overview(tuple(entries), tuple(origins.errors))


def _entries(tree: Tree, languages: Sequence[str], origins: Origins) -> Iterator[Entry]:
    sources = set(tree.pages())
    translated = {language: set(tree.translated_pages(language)) for language in languages}
    for page in sorted(sources.union(*translated.values())):
        wanted = [language for language in languages if page in sources or page in translated[language]]
        try:
            source = SourcePage.load(tree.source_path(page)) if page in sources else None
        except EdgeDocsError as error:
            yield from (Entry(language, page, PageStatus("failed", error=error)) for language in wanted)
            continue
        for language in wanted:
            yield Entry(language, page, _status(tree, source, language, page, origins))


def _status(tree: Tree, source: SourcePage | None, language: str, page: str, origins: Origins) -> PageStatus:
    try:
        path = tree.translation_path(language, page)
        if source is None or not path.is_file():
            return translation_status(source, path)
        text = notebooks.page_text(files.read_text(path), path)
        sealed = seal.held(text, source.hash)
        if sealed is not None:
            return PageStatus("fresh", recorded=True, sealed=sealed)
        where = path.as_posix()
        return status_of(source, origins.complete(TranslatedPage.parse(text, where), language, page), where)
    except EdgeDocsError as error:
        return PageStatus("failed", error=error)
