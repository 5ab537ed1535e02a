"""Staging: one tree of plain Markdown and files, a folder for each language, that a site generator builds as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.core.files import read_bytes, read_text
from edgedocs.examples import facts
from edgedocs.examples import project as examples
from edgedocs.examples.collection import Collection, collect
from edgedocs.pages.page import Page
from edgedocs.publishing import definitions, folder, languages, notices, provenance, writer
from edgedocs.publishing.context import Context
from edgedocs.publishing.expected import ExpectedPage, expected_page
from edgedocs.publishing.notebooks.notebook import Draft
from edgedocs.publishing.prose import FILES
from edgedocs.publishing.provenance import Provenance
from edgedocs.translation import glossary
from edgedocs.translation.status import SourcePage, translation_status
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from edgedocs.publishing.definitions import Definition
    from edgedocs.publishing.languages import SiteLanguage
    from edgedocs.publishing.notices import State
    from edgedocs.publishing.reference.generated import GeneratedPage

_OTHER_SUFFIXES = frozenset({".markdown", ".mdown", ".mkdn", ".mkd"})
"""MkDocs takes such files for pages too, but nothing here would read and verify them."""

LARGEST_FILE = 256 * 2**20
"""Bytes; a larger picture or download does not belong into a documentation."""


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


@dataclass(frozen=True, slots=True)
class StagedPage:
    """A page of the tree: its name without suffix, its part of the site, how it stands to its source, its grounds."""

    name: str
    language: str
    state: State
    provenance: Provenance

    @property
    def path(self) -> str:
        """The page's path in the tree."""
        return f"{self.language}/{self.name}.md"


@dataclass(frozen=True)
class Stage:
    """A staged tree: its languages, the source first, its pages by path, what each must show, and its notebook."""

    languages: list[SiteLanguage]
    pages: Mapping[str, StagedPage]
    expected: Mapping[str, ExpectedPage]
    notebooks: Mapping[str, Draft] = field(default_factory=dict)


class StagingError(EdgeDocsError):
    """All that is wrong with the pages, of all languages, so that one build shows it."""

    exit_code = 1

    def __init__(self, errors: Sequence[EdgeDocsError]) -> None:
        self.errors = list({str(error): error for error in errors}.values())
        super().__init__("\n".join(str(error) for error in self.errors))


def stage(project: Project) -> Stage:
    """Write the tree; files that have not changed are left alone, and files that do not belong are removed.

    Raises:
        BadInput: if the languages cannot be read.
        StagingError: if pages cannot be staged; the tree is as it was before.
    """
    sources = (project.documents, project.snippets, project.translations)
    folder.require_own(project.staging, [source for source in sources if source])
    tree = Tree.open(project.documents, project.translations) if project.translations else None
    found = languages.find(project.source_language, tree)
    stager = _Stager(project, tree, found)
    stager.collect()
    if stager.errors:
        raise StagingError(stager.errors)
    folder.write(project.staging, stager.files)
    return Stage(found, stager.pages, stager.expected, stager.notebooks)


@dataclass(frozen=True)
class _Text:
    """A page's text, what messages call its file, its language, the lines that stand before it there, when it was
    translated, and what it is made of if it is made when the site is built."""

    content: str
    shown: str
    language: SiteLanguage
    lines_before: int = 0
    translated: date | None = None
    origin: str = ""


@dataclass
class _Stager:
    project: Project
    tree: Tree | None
    languages: list[SiteLanguage]
    files: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, StagedPage] = field(default_factory=dict)
    expected: dict[str, ExpectedPage] = field(default_factory=dict)
    notebooks: dict[str, Draft] = field(default_factory=dict)
    errors: list[EdgeDocsError] = field(default_factory=list)

    def collect(self) -> None:
        """Find all files of the tree, and all errors."""
        self.facts = facts.load(self.project.snippets)
        self.examples = examples.Project(self.project.documents, self.project.snippets)
        self.definitions: dict[str, list[Definition]] = {}
        for language in self.languages:
            self._attempt(self._define, language)
        names = []
        for path in folder.published_files(self.project.documents, self.project.excluded):
            relative = path.relative_to(self.project.documents).as_posix()
            if path.suffix == ".md":
                names.append(relative)
                self._attempt(self._page, path)
            else:
                self._attempt(self._asset, path, relative)
        self._attempt(self._generated, names)
        for language in self.languages[1:]:
            self._attempt(self._orphans, language, set(names))

    def _define(self, language: SiteLanguage) -> None:
        """Read what terms mean in a language."""
        path = self.project.definitions
        if path is None:
            return
        if language is self.languages[0]:
            self.definitions[language.code] = definitions.load(path)
        elif self.tree is not None:
            place = self.tree.translations / language.code
            names = {term.term: term.translation for term in glossary.load(place)}
            own = place / definitions.FILE_NAME
            self.definitions[language.code] = definitions.load(own, names, definitions.terms(path))

    def _attempt(self, action: Callable[..., None], *arguments: object) -> None:
        try:
            action(*arguments)
        except EdgeDocsError as error:
            self.errors.append(error)

    def _page(self, path: Path) -> None:
        page = Page.load(path, self.project.documents)
        found = collect(self.examples, page)
        self.errors += found.problems
        source = self.languages[0]
        original = _Text(page.text, page.shown, source)
        self._attempt(self._stage, found, original, source, "source")
        if found.problems:
            return  # code is the source's in all languages, so that each would say the same again
        for language in self.languages[1:]:
            self._attempt(self._translation, found, original, language)

    def _generated(self, names: list[str]) -> None:
        """Add the pages that come from no file; a file of the same name goes before them."""
        for made in self.project.generated():
            if f"{made.name}.md" in names:
                continue
            path = self.project.documents / f"{made.name}.md"
            found = collect(self.examples, Page(path, made.name, made.shown, made.text))
            self.errors += found.problems
            for language in self.languages:
                state: State = "source" if language is self.languages[0] else "untranslated"
                text = _Text(made.text, made.shown, self.languages[0], origin=made.origin)
                self._stage(found, text, language, state)

    def _translation(self, found: Collection, original: _Text, language: SiteLanguage) -> None:
        assert self.tree is not None, "only a tree has further languages"
        path = self.tree.translation_path(language.code, f"{found.page.name}.md")
        status = translation_status(SourcePage.load(found.page.path) if path.is_file() else None, path)
        state = notices.state_of(status)
        if state == "untranslated":
            self._stage(found, original, language, state)
            return
        shown = f"{self.tree.translations.name}/{language.code}/{found.page.name}.md"
        translation = TranslatedPage.parse(read_text(path), shown)
        day = provenance.as_day(translation.header.translation_date) if translation.header else None
        text = _Text(translation.body, shown, language, translation.body_line - 1, day)
        self._stage(found, text, language, state)

    def _stage(self, found: Collection, text: _Text, language: SiteLanguage, state: State) -> None:
        """Add a page to the part of the site that ``language`` names."""
        context = Context(
            source=found,
            shown=text.shown,
            documents=self.project.documents,
            snippets=self.project.snippets,
            facts=self.facts,
            labels=text.language.labels,
            lines_before=text.lines_before,
            source_language=self.project.source_language,
            lagging=state == "stale",
            definitions=() if text.origin else self.definitions.get(text.language.code, ()),
        )
        content = text.content.removeprefix("\ufeff")
        written = writer.write(content, context, self._publish)
        written = notices.with_notice(written, state, language, self.languages[0], found.page.name)
        page = StagedPage(found.page.name, language.code, state, self._provenance(found, text, state))
        self.pages[page.path] = page
        self.expected[page.path] = expected_page(content, context)
        draft = Draft(content, context, language.notices.get(state, ""))
        if draft.has_code:
            self.notebooks[page.path] = draft
        self.files[page.path] = written.encode()

    def _provenance(self, found: Collection, text: _Text, state: State) -> Provenance:
        records = self.facts.records.get(found.page.name, {})
        return Provenance(
            state=state,
            source=text.origin or found.page.shown,
            file="" if text.origin else text.shown,
            translated=text.translated,
            runs=provenance.runs_of(records[one.name] for one in found.examples if one.name in records),
            examples=len(found.examples),
            requires=tuple(sorted({name for one in found.examples for name in one.requires})),
        )

    def _publish(self, path: Path) -> str:
        """Take a recorded file into the tree, once for all languages."""
        relative = f"{FILES}/{path.relative_to(self.project.snippets).as_posix()}"
        self.files.setdefault(f"{self.project.source_language}/{relative}", read_bytes(path, LARGEST_FILE))
        return relative

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
