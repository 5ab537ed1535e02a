"""Staging: one tree of plain Markdown and files, a folder for each language, that a site generator builds as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput, EdgeDocsError, gathered
from edgedocs.core.files import read_bytes, read_text
from edgedocs.examples import facts
from edgedocs.pages.page import Page
from edgedocs.publishing import definitions, folder, languages
from edgedocs.publishing.memory import Memory, digest
from edgedocs.publishing.piece import LARGEST_FILE, Piece, Surroundings, piece_of, piece_of_generated
from edgedocs.publishing.reference import glossary
from edgedocs.translation import glossary as translation_glossary
from edgedocs.translation.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from edgedocs.publishing.definitions import Definition
    from edgedocs.publishing.expected import ExpectedPage
    from edgedocs.publishing.languages import SiteLanguage
    from edgedocs.publishing.notebooks.notebook import Draft
    from edgedocs.publishing.piece import PageTerms, StagedPage
    from edgedocs.publishing.reference.generated import GeneratedPage

_OTHER_SUFFIXES = frozenset({".markdown", ".mdown", ".mkdn", ".mkd"})
"""MkDocs takes such files for pages too, but nothing here would read and verify them."""


@dataclass(frozen=True)
class Project:
    """The folders of a documentation.

    Args:
        documents: the source pages.
        snippets: what the pages include, and what examples recorded; need not exist.
        translations: a folder for each further language; None if there are none.
        staging: where the tree goes; its content belongs to this module.
        source_language: code of the language of ``documents``.
        excluded: whether a file of ``documents``, by its path there, is not to be published.
        generated: makes the pages that come from no file of ``documents``; they are in the source language alone.
        definitions: what terms mean, in the source language; None if nothing says so.
    """

    documents: Path
    snippets: Path
    translations: Path | None
    staging: Path
    source_language: str = "en"
    excluded: Callable[[str], bool] = lambda path: False
    generated: Callable[[], Sequence[GeneratedPage]] = lambda: ()
    definitions: Path | None = None


@dataclass(frozen=True)
class Stage:
    """A staged tree: its languages, the source first, its pages by path, what each must show, and its notebook.

    ``keys`` has, for each page, the hash of all that page and notebook are made of; ``glossary`` is the name of the
    page with all terms, empty if none was made.
    """

    languages: list[SiteLanguage]
    pages: Mapping[str, StagedPage]
    expected: Mapping[str, ExpectedPage]
    notebooks: Mapping[str, Draft] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    glossary: str = ""


class StagingError(EdgeDocsError):
    """All that is wrong with the pages, of all languages, so that one build shows it."""

    exit_code = 1

    def __init__(self, errors: Sequence[EdgeDocsError]) -> None:
        self.errors = list({str(error): error for error in errors}.values())
        super().__init__("\n".join(str(error) for error in self.errors))


def stage(project: Project, memory: Memory | None = None) -> Stage:
    """Write the tree; files that have not changed are left alone, and files that do not belong are removed.

    Args:
        project: the folders.
        memory: what earlier builds made of pages that are as they were.

    Raises:
        BadInput: if the languages cannot be read.
        StagingError: if pages cannot be staged; the tree is as it was before.
    """
    sources = (project.documents, project.snippets, project.translations)
    folder.require_own(project.staging, [source for source in sources if source])
    tree = Tree.open(project.documents, project.translations) if project.translations else None
    found = languages.find(project.source_language, tree)
    stager = _Stager(project, tree, found, memory or Memory())
    stager.collect()
    if stager.errors:
        raise StagingError(stager.errors)
    folder.write(project.staging, stager.files)
    return Stage(found, stager.pages, stager.expected, stager.notebooks, stager.keys, stager.glossary)


@dataclass
class _Stager:
    project: Project
    tree: Tree | None
    languages: list[SiteLanguage]
    memory: Memory
    files: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, StagedPage] = field(default_factory=dict)
    expected: dict[str, ExpectedPage] = field(default_factory=dict)
    notebooks: dict[str, Draft] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    glossary: str = ""
    terms: dict[str, PageTerms] = field(default_factory=dict)
    errors: list[EdgeDocsError] = field(default_factory=list)

    def collect(self) -> None:
        """Find all files of the tree, and all errors."""
        recorded = facts.load(self.project.snippets)
        for language in self.languages:
            with gathered(self.errors):
                self._define(language)
        documents, snippets = self.project.documents, self.project.snippets
        published = list(folder.published_files(documents, self.project.excluded))
        self.glossary = glossary.NAME if self._has_glossary(published) else ""
        around = Surroundings(documents, snippets, self.tree, self.languages, recorded, self.definitions, self.glossary)
        names = []
        for path in published:
            relative = path.relative_to(documents).as_posix()
            with gathered(self.errors):
                if path.suffix == ".md":
                    names.append(relative)
                    self._page(path, around)
                else:
                    self._asset(path, relative)
        with gathered(self.errors):
            self._generated(names, around)
        if self.glossary:
            self._add_generated(self._glossary(), around)
        for language in self.languages[1:]:
            with gathered(self.errors):
                self._orphans(language, set(names))

    def _define(self, language: SiteLanguage) -> None:
        """Read what terms mean in a language."""
        path = self.project.definitions
        if path is None:
            return
        if language is self.languages[0]:
            self.definitions[language.code] = definitions.load(path)
        elif self.tree is not None:
            place = self.tree.translations / language.code
            names = {term.term: term.translation for term in translation_glossary.load(place)}
            own = place / definitions.FILE_NAME
            self.names[language.code] = names
            self.definitions[language.code] = definitions.load(own, names, definitions.terms(path))

    def _has_glossary(self, published: Sequence[Path]) -> bool:
        """Whether a page with all terms is made: not if there are none, or the documentation has a page of its name."""
        own = self.project.documents / f"{glossary.NAME}.md"
        defined = self.definitions.get(self.project.source_language)
        return bool(defined) and own not in published and not self.project.excluded(own.name)

    def _glossary(self) -> GeneratedPage:
        """The page with all terms, which links to where the pages so far have them first."""
        places = {self.project.source_language: str(self.project.definitions and self.project.definitions.name)}
        for language in self.languages[1:]:
            assert self.tree is not None, "only a tree has further languages"
            places[language.code] = f"{self.tree.translations.name}/{language.code}/{definitions.FILE_NAME}"
        uses: dict[str, list[glossary.Use]] = {}
        for path, found in self.terms.items():
            page = self.pages[path]
            uses.setdefault(page.language, []).append(
                glossary.Use(page.name, found.title, found.language, frozenset(found.entries))
            )
        return glossary.Glossary(self.languages, self.definitions, self.names, uses, places).page()

    def _page(self, path: Path, around: Surroundings) -> None:
        page = Page.load(path, self.project.documents)
        translations: dict[str, str] = {}
        for language in self.languages[1:]:
            with gathered(self.errors):
                self._translation(page.name, language, translations)
        key = digest("piece", around.key, page.name, page.text, sorted(translations.items()))
        self._add(key, lambda: piece_of(page, translations, around))

    def _translation(self, name: str, language: SiteLanguage, found: dict[str, str]) -> None:
        assert self.tree is not None, "only a tree has further languages"
        path = self.tree.translation_path(language.code, f"{name}.md")
        if path.is_file():
            found[language.code] = read_text(path)

    def _generated(self, names: list[str], around: Surroundings) -> None:
        """Add the pages that come from no file; a file of the same name goes before them."""
        for made in self.project.generated():
            if f"{made.name}.md" not in names:
                self._add_generated(made, around)

    def _add_generated(self, made: GeneratedPage, around: Surroundings) -> None:
        self._add(digest("generated", around.key, made), lambda: self._piece_of_generated(made, around))

    def _piece_of_generated(self, made: GeneratedPage, around: Surroundings) -> Piece:
        page = Page(self.project.documents / f"{made.name}.md", made.name, made.shown, made.text)
        return piece_of_generated(made, page, around)

    def _add(self, key: str, make: Callable[[], Piece]) -> None:
        """Add what a page becomes, made anew if it was not made of the same before, or if something was wrong."""
        piece = self.memory.recall(key, make, lambda made: not made.errors)
        self.files |= piece.files
        for name, data in piece.recorded.items():
            self.files.setdefault(name, data)
        self.pages |= piece.pages
        self.expected |= piece.expected
        self.notebooks |= piece.notebooks
        self.terms |= piece.terms
        self.keys |= dict.fromkeys(piece.pages, key)
        self.errors += piece.errors

    def _asset(self, path: Path, relative: str) -> None:
        if path.suffix in _OTHER_SUFFIXES:
            raise BadInput(
                f"a page whose name ends in {path.suffix}",
                where=f"{self.project.documents.name}/{relative}",
                expected="pages whose names end in .md",
                remedy="rename it",
            )
        self.files[f"{self.project.source_language}/{relative}"] = read_bytes(path, LARGEST_FILE)
        for language in self.languages[1:]:
            assert self.tree is not None, "only a tree has further languages"
            localized = self.tree.translations / language.code / relative
            if localized.is_file():
                self.files[f"{language.code}/{relative}"] = read_bytes(localized, LARGEST_FILE)

    def _orphans(self, language: SiteLanguage, names: set[str]) -> None:
        assert self.tree is not None, "only a tree has further languages"
        for name in self.tree.translated_pages(language.code):
            if name not in names and not (self.project.documents / name).is_file():  # it may be one that is excluded
                raise BadInput(
                    "a translation of a page that does not exist",
                    where=f"{self.tree.translations.name}/{language.code}/{name}",
                    expected=f"a page {self.project.documents.name}/{name}",
                    remedy="rename the translation as the page was renamed, or delete it",
                )
