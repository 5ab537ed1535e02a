"""Piece: what one source page becomes in the staged tree, in all languages, and what it needs there.

A piece depends on the page, on its translations and on the :class:`Surroundings`, which :attr:`Surroundings.key` sums
up: nothing else is read.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from edgedocs.core.errors import EdgeDocsError, gathered
from edgedocs.core.files import read_bytes
from edgedocs.examples import project as examples
from edgedocs.examples.collection import Collection, collect
from edgedocs.publishing import notices, plots, provenance, writer
from edgedocs.publishing.context import Context
from edgedocs.publishing.expected import ExpectedPage, expected_page
from edgedocs.publishing.memory import digest, digest_of_files
from edgedocs.publishing.notebooks.notebook import Draft
from edgedocs.publishing.prose import FILES, title_of
from edgedocs.publishing.provenance import Provenance
from edgedocs.translation import seal
from edgedocs.translation.status import SourcePage, status_of
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from edgedocs.examples.facts import Facts
    from edgedocs.pages.page import Page
    from edgedocs.publishing.definitions import Definition
    from edgedocs.publishing.languages import SiteLanguage
    from edgedocs.publishing.notices import State
    from edgedocs.publishing.reference.generated import GeneratedPage
    from edgedocs.translation.tree import Tree

LARGEST_FILE = 256 * 2**20
"""Bytes; a larger picture or download does not belong into a documentation."""


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
class Surroundings:
    """What all pages may look up.

    Args:
        documents: the folder of the source pages.
        snippets: that of the files that pages include and of the records.
        tree: the translations; None if there are none.
        languages: those of the site, the source first.
        facts: all recorded facts.
        definitions: what terms mean, by language.
        glossary: the name of the page with all terms; empty if the site has none.
    """

    documents: Path
    snippets: Path
    tree: Tree | None
    languages: Sequence[SiteLanguage]
    facts: Facts
    definitions: Mapping[str, Sequence[Definition]]
    glossary: str = ""

    @cached_property
    def key(self) -> str:
        """The hash of all of it, with what the files of ``snippets`` hold, facts among them."""
        files = sorted(path for path in self.snippets.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return digest(
            "surroundings",
            self.documents,
            self.snippets,
            self.tree.translations if self.tree else None,
            list(self.languages),
            sorted(self.definitions.items()),
            self.glossary,
            digest_of_files(self.snippets, files),
        )


@dataclass(frozen=True, slots=True)
class PageTerms:
    """The terms on a page: the ids of their entries in the glossary, the page's title and the language of its text."""

    entries: tuple[str, ...]
    title: str
    language: str


@dataclass
class Piece:
    """A part of the tree: its pages by path, what each must show, its notebook, its files, the terms on each page, and
    what is wrong."""

    files: dict[str, bytes] = field(default_factory=dict)
    recorded: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, StagedPage] = field(default_factory=dict)
    expected: dict[str, ExpectedPage] = field(default_factory=dict)
    notebooks: dict[str, Draft] = field(default_factory=dict)
    terms: dict[str, PageTerms] = field(default_factory=dict)
    errors: list[EdgeDocsError] = field(default_factory=list)


def piece_of(page: Page, translations: Mapping[str, str], surroundings: Surroundings) -> Piece:
    """What a source page becomes.

    Args:
        page: the page.
        translations: the texts of its translations, by language.
        surroundings: what it may look up.
    """
    return _Maker(page, surroundings).of_source(translations)


def piece_of_generated(made: GeneratedPage, page: Page, surroundings: Surroundings) -> Piece:
    """What a page that comes from no file becomes; its translations come from no files either."""
    return _Maker(page, surroundings).of_generated(made)


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


def state_of(source: SourcePage, translation: TranslatedPage, text: str, shown: str) -> State:
    """How a translation stands to its source; while its seal holds, the two need not be compared."""
    if seal.held(text, source.hash) is None:
        return notices.state_of(status_of(source, translation, shown))
    return "machine" if any(record.state == "machine" for record in translation.records or ()) else "translated"


class _Maker:
    def __init__(self, page: Page, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.piece = Piece()
        self.found: Collection = collect(examples.Project(surroundings.documents, surroundings.snippets), page)
        self.piece.errors += self.found.problems

    def of_source(self, translations: Mapping[str, str]) -> Piece:
        page, languages = self.found.page, self.surroundings.languages
        original = _Text(page.text, page.shown, languages[0])
        with gathered(self.piece.errors):
            self._stage(original, languages[0], "source")
        if self.found.problems:
            return self.piece  # code is the source's in all languages, so that each would say the same again
        source = SourcePage(page.path, page.text)
        for language in languages[1:]:
            with gathered(self.piece.errors):
                self._translation(original, language, source, translations.get(language.code))
        return self.piece

    def of_generated(self, made: GeneratedPage) -> Piece:
        languages = self.surroundings.languages
        for language in languages:
            state: State = "source" if language is languages[0] else "untranslated"
            text = _Text(made.text, made.shown, languages[0], origin=made.origin)
            if own := made.translations.get(language.code):
                state, text = "translated", _Text(own.text, own.shown, language, origin=own.origin)
            self._stage(text, language, state)
        return self.piece

    def _translation(self, original: _Text, language: SiteLanguage, source: SourcePage, text: str | None) -> None:
        if text is None:
            self._stage(original, language, "untranslated")
            return
        tree = self.surroundings.tree
        assert tree is not None, "only a tree has translations"
        name = self.found.page.name
        shown = f"{tree.translations.name}/{language.code}/{name}.md"
        translation = TranslatedPage.parse(text, shown)
        state = state_of(source, translation, text, shown)
        day = provenance.as_day(translation.header.translation_date) if translation.header else None
        self._stage(_Text(translation.body, shown, language, translation.body_line - 1, day), language, state)

    def _stage(self, text: _Text, language: SiteLanguage, state: State) -> None:
        """Add the page to the part of the site that ``language`` names."""
        around, name = self.surroundings, self.found.page.name
        context = Context(
            source=self.found,
            shown=text.shown,
            documents=around.documents,
            snippets=around.snippets,
            facts=around.facts,
            labels=text.language.labels,
            lines_before=text.lines_before,
            source_language=around.languages[0].code,
            lagging=state == "stale",
            definitions=() if text.origin else around.definitions.get(text.language.code, ()),
            glossary=self._path_of_glossary(),
        )
        content = text.content.removeprefix("\ufeff")
        notice = notices.notice_of(state, language, around.languages[0], name)
        staged = writer.write(content, context, lambda path: self._publish(path, text.language), notice)
        page = StagedPage(name, language.code, state, self._provenance(text, state))
        self.piece.pages[page.path] = page
        self.piece.expected[page.path] = expected_page(content, context)
        draft = Draft(content, context, language.notices.get(state, ""))
        if draft.has_code:
            self.piece.notebooks[page.path] = draft
        if staged.terms:
            self.piece.terms[page.path] = PageTerms(staged.terms, title_of(staged.text, name), text.language.code)
        self.piece.files[page.path] = staged.text.encode()

    def _path_of_glossary(self) -> str | None:
        """The glossary's file, relative to the page's, if there is one: in the part of the site that the page is in."""
        name = self.surroundings.glossary
        return posixpath.relpath(f"{name}.md", posixpath.dirname(self.found.page.name) or ".") if name else None

    def _provenance(self, text: _Text, state: State) -> Provenance:
        found = self.found
        records = self.surroundings.facts.records.get(found.page.name, {})
        return Provenance(
            state=state,
            source=text.origin or found.page.shown,
            file="" if text.origin else text.shown,
            translated=text.translated,
            runs=provenance.runs_of(records[one.name] for one in found.examples if one.name in records),
            examples=len(found.examples),
            requires=tuple(sorted({name for one in found.examples for name in one.requires})),
        )

    def _publish(self, path: Path, language: SiteLanguage) -> str:
        """Take a recorded file into the tree, once for all languages, and a plot with labels of a language for it, too.

        Where a language's folder lacks a file, the site has that of the source language.
        """
        around = self.surroundings
        relative = f"{FILES}/{path.relative_to(around.snippets).as_posix()}"
        data = read_bytes(path, LARGEST_FILE)
        self.piece.recorded[f"{around.languages[0].code}/{relative}"] = data
        if language is not around.languages[0] and path.suffix.lower() == ".svg":
            own = plots.in_language(data, language)
            if own != data:
                self.piece.recorded[f"{language.code}/{relative}"] = own
        return relative
