"""Staging: one tree of plain Markdown and files, a folder for each language, that a site generator builds as it is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.core.files import read_bytes, read_text
from edgedocs.examples import facts
from edgedocs.pages.page import Page
from edgedocs.publishing import languages, notices, writer
from edgedocs.publishing.context import Context
from edgedocs.publishing.prose import FILES
from edgedocs.translation.status import SourcePage, translation_status
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from edgedocs.pages.fence import Fence
    from edgedocs.publishing.languages import SiteLanguage
    from edgedocs.publishing.notices import State

LARGEST_FILE = 256 * 2**20
"""Bytes; a larger picture or download does not belong into a documentation."""

MARKER = ".edgedocs-staging"
"""The file that tells a folder of ours from one whose files must not be removed."""

_NEVER_PUBLISHED = frozenset({"conftest.py", "__pycache__"})


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
    """

    documents: Path
    snippets: Path
    translations: Path | None
    staging: Path
    source_language: str = "en"
    excluded: Callable[[str], bool] = lambda path: False


@dataclass(frozen=True, slots=True)
class StagedPage:
    """A page of the tree: its name without suffix, the part of the site it is in, and how it stands to its source."""

    name: str
    language: str
    state: State

    @property
    def path(self) -> str:
        """The page's path in the tree."""
        return f"{self.language}/{self.name}.md"


@dataclass(frozen=True)
class Stage:
    """A staged tree: its languages, the source first, and its pages by path."""

    languages: list[SiteLanguage]
    pages: Mapping[str, StagedPage]


class StagingError(EdgeDocsError):
    """All that is wrong with the pages, of all languages, so that one build shows it."""

    exit_code = 1

    def __init__(self, errors: Sequence[EdgeDocsError]) -> None:
        self.errors = list(errors)
        super().__init__("\n".join(str(error) for error in errors))


def stage(project: Project) -> Stage:
    """Write the tree; files that have not changed are left alone, and files that do not belong are removed.

    Raises:
        BadInput: if the languages cannot be read.
        StagingError: if pages cannot be staged; the tree is as it was before.
    """
    _require_own(project)
    tree = Tree.open(project.documents, project.translations) if project.translations else None
    found = languages.find(project.source_language, tree)
    stager = _Stager(project, tree, found)
    stager.collect()
    if stager.errors:
        raise StagingError(stager.errors)
    _write(project.staging, stager.files)
    return Stage(found, stager.pages)


@dataclass
class _Stager:
    project: Project
    tree: Tree | None
    languages: list[SiteLanguage]
    files: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, StagedPage] = field(default_factory=dict)
    errors: list[EdgeDocsError] = field(default_factory=list)

    def collect(self) -> None:
        """Find all files of the tree, and all errors."""
        self.facts = facts.load(self.project.snippets)
        names = []
        for path in published_files(self.project.documents, self.project.excluded):
            relative = path.relative_to(self.project.documents).as_posix()
            if path.suffix == ".md":
                names.append(relative)
                self._attempt(self._page, path)
            else:
                self._attempt(self._asset, path, relative)
        for language in self.languages[1:]:
            self._attempt(self._orphans, language, set(names))

    def _attempt(self, action: Callable[..., None], *arguments: object) -> None:
        try:
            action(*arguments)
        except EdgeDocsError as error:
            self.errors.append(error)

    def _page(self, path: Path) -> None:
        page = Page.load(path, self.project.documents)
        fences = {key: fence for fence in page.fences if (key := writer.key_of(fence))}
        source = self.languages[0]
        self._attempt(self._stage, page.name, page.text, page.shown, fences, (source, source), "source")
        for language in self.languages[1:]:
            self._attempt(self._translation, page, fences, language)

    def _translation(self, page: Page, fences: Mapping[str, Fence], language: SiteLanguage) -> None:
        assert self.tree is not None, "only a tree has further languages"
        path = self.tree.translation_path(language.code, f"{page.name}.md")
        status = translation_status(SourcePage.load(page.path) if path.is_file() else None, path)
        state = notices.state_of(status)
        if state == "untranslated":
            self._stage(page.name, page.text, page.shown, fences, (language, self.languages[0]), state)
            return
        shown = f"{self.tree.translations.name}/{language.code}/{page.name}.md"
        translation = TranslatedPage.parse(read_text(path), shown)
        before = translation.body_line - 1
        self._stage(page.name, translation.body, shown, fences, (language, language), state, before)

    def _stage(
        self,
        name: str,
        text: str,
        shown: str,
        fences: Mapping[str, Fence],
        parts: tuple[SiteLanguage, SiteLanguage],
        state: State,
        lines_before: int = 0,
    ) -> None:
        """Add a page. ``parts``: the language of the site's part, and that of the text."""
        language, text_language = parts
        context = Context(
            name=name,
            shown=shown,
            snippets=self.project.snippets,
            documents=self.project.documents,
            facts=self.facts,
            labels=text_language.labels,
            locale=text_language.code,
            fences=fences,
            lines_before=lines_before,
        )
        written = writer.write(text.removeprefix("\ufeff"), context, self._publish)
        written = notices.with_notice(written, state, language, self.languages[0], name)
        page = StagedPage(name, language.code, state)
        self.pages[page.path] = page
        self.files[page.path] = written.encode()

    def _publish(self, path: Path) -> str:
        """Take a recorded file into the tree, once for all languages."""
        relative = f"{FILES}/{path.relative_to(self.project.snippets).as_posix()}"
        self.files.setdefault(f"{self.project.source_language}/{relative}", read_bytes(path, LARGEST_FILE))
        return relative

    def _asset(self, path: Path, relative: str) -> None:
        self.files[f"{self.project.source_language}/{relative}"] = read_bytes(path, LARGEST_FILE)
        for language in self.languages[1:]:
            assert self.tree is not None, "only a tree has further languages"
            localized = self.tree.translations / language.code / relative
            if localized.is_file():
                self.files[f"{language.code}/{relative}"] = read_bytes(localized, LARGEST_FILE)

    def _orphans(self, language: SiteLanguage, names: set[str]) -> None:
        assert self.tree is not None, "only a tree has further languages"
        for name in self.tree.translated_pages(language.code):
            if name not in names:
                raise BadInput(
                    "a translation of a page that does not exist",
                    where=f"{self.tree.translations.name}/{language.code}/{name}",
                    expected=f"a page {self.project.documents.name}/{name}",
                    remedy="rename the translation as the page was renamed, or delete it",
                )


def published_files(folder: Path, excluded: Callable[[str], bool]) -> Iterator[Path]:
    """The files of a documentation folder that readers are meant to get, in a fixed order."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") or part in _NEVER_PUBLISHED for part in relative.parts)
        if path.is_file() and not hidden and path.suffix != ".pyc" and not excluded(relative.as_posix()):
            yield path


def _require_own(project: Project) -> None:
    """Refuse a staging folder with files of somebody else, which staging would remove."""
    folder = project.staging
    for other in (project.documents, project.snippets, project.translations):
        if other and (folder.is_relative_to(other) or other.is_relative_to(folder)):
            raise BadInput(
                "the staging folder overlaps a folder of sources", where=folder, expected="a folder of its own"
            )
    if folder.exists() and not (folder / MARKER).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(
            "the staging folder holds files that staging did not write",
            where=folder,
            expected="an empty or a new folder",
            remedy="name another folder with the plug-in's option `staging`",
        )


def _write(staging: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder hold these files and no others; what is as it should be keeps its time of change."""
    files = {MARKER: b"", **files}
    for name, data in files.items():
        path = staging / PurePosixPath(name)
        if path.is_dir():
            shutil.rmtree(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)
    for path in sorted(staging.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(staging).as_posix() not in files:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
