"""Tree: the folder of source pages, the folder of translations, and which file belongs to which."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.core.lazy import lazy
from edgedocs.translation.language import CODE, FILE_NAME, Language, aliases_of, bare, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SETTINGS_NAME = "translate.toml"
SUFFIXES = (".md", ".ipynb")
"""Of pages; a notebook is read as the page that its cells make."""

_SEPARATORS = re.compile(r"[/\\]")

_OTHER_FOLDERS = frozenset({"translated_images", "node_modules", "site-packages", "__pycache__"})
"""Beside the translations in a source folder that is a whole project: what no one wrote there to be translated."""


@dataclass(frozen=True)
class Tree:
    """Source pages with their translations.

    Args:
        source: folder of the pages.
        translations: folder with a folder for each language, which mirrors ``source``.
        exclude: patterns of pages that are not translated; ``*`` also crosses folders: ``project/*``.
    """

    source: Path
    translations: Path
    exclude: tuple[str, ...] = ()

    @classmethod
    def open(cls, source: Path, translations: Path) -> Tree:
        """The tree of two folders; ``translate.toml`` in ``translations``, if there, may list patterns: ``exclude``.

        Raises:
            BadInput: if one of the folders is missing, or the settings are malformed.
        """
        for folder, option in ((source, "--source"), (translations, "--translations")):
            if not folder.is_dir():
                remedy = f"run in the project's root, or name the folder with {option}"
                raise BadInput("no such folder", where=folder, remedy=remedy)
        settings = translations / SETTINGS_NAME
        return cls(source, translations, _excluded(settings) if settings.is_file() else ())

    def languages(self) -> list[str]:
        """Codes of the languages: the folders of translations whose names are language codes, sorted."""
        with os.scandir(self.translations) as entries:
            return sorted(e.name for e in entries if e.is_dir(follow_symlinks=False) and CODE.fullmatch(e.name))

    def require_language(self, code: str) -> str:
        """The code, if it is a language of this tree; or its folder's name, where Co-op Translator named it otherwise.

        Raises:
            BadInput: if it is not; the message lists those that there are.
        """
        known = self.languages()
        if code not in known:
            filed = [name for name in aliases_of(code) if name in known]
            if len(filed) == 1 and not (self.translations / filed[0] / FILE_NAME).is_file():
                return filed[0]
            expected = f"one of {', '.join(known)}" if known else f"a folder of translations in {self.translations}"
            raise BadInput(f"unknown language {code!r}", where=self.translations, expected=expected)
        return code

    def language(self, code: str) -> Language:
        """What is known of a language: its ``language.toml``, or in a tree that has none, its code.

        Raises:
            BadInput: if it is no language of this tree, or its ``language.toml`` is malformed.
        """
        folder = self.translations / self.require_language(code)
        return Language.load(folder) if (folder / FILE_NAME).is_file() else bare(folder.name)

    def pages(self) -> list[str]:
        """Names of the pages to translate: paths below the source folder, with forward slashes, sorted.

        Where the source folder is a whole project, the translations in it are none of its pages.
        """
        below = self.translations.resolve()
        return self._names(self.source, below if below.is_relative_to(self.source.resolve()) else None)

    def translated_pages(self, language: str) -> list[str]:
        """Names of the pages that a language has, whether or not the source has them."""
        return self._names(self.translations / language)

    def source_path(self, page: str) -> Path:
        """The file of a page."""
        return _inside(self.source, page)

    def source_name(self, page: str) -> str:
        """The path of a page from the folder in which the translations lie, the same on every machine."""
        return (self._from_project / page).as_posix()

    @lazy
    def _from_project(self) -> Path:
        """The path of the source folder from the folder in which the translations lie."""
        folder, project = self.source.resolve(), self.translations.resolve().parent
        return folder.relative_to(project) if folder.is_relative_to(project) else Path(folder.name)

    def translation_path(self, language: str, page: str) -> Path:
        """The file of a page's translation, whether it exists or not."""
        if language not in self._folders:
            self._folders[language] = self.translations / language
        return _inside(self._folders[language], page)

    @lazy
    def _folders(self) -> dict[str, Path]:
        """The folders of languages that were asked for: a path takes its time to be joined."""
        return {}

    def page_name(self, argument: str, language: str) -> str:
        """The name of the page that a person means: its name, or a path to its file or to that of its translation.

        Raises:
            BadInput: if it leaves the tree, or the source has no such page.
        """
        written = Path(argument)
        for folder in (self.source, self.translations / language):
            if written.exists() and written.resolve().is_relative_to(folder.resolve()):
                name = written.resolve().relative_to(folder.resolve()).as_posix()
                break
        else:
            name = PurePosixPath(*written.parts).as_posix()
        if not self.source_path(name).is_file() or not name.endswith(SUFFIXES):
            expected = f"a page of the source, ending in {' or '.join(SUFFIXES)}"
            raise BadInput(f"no page {name!r}", where=self.source, expected=expected)
        return name

    def _names(self, folder: Path, translations: Path | None = None) -> list[str]:
        names = _walk(os.fspath(folder), translations)
        return sorted(name for name in names if not any(fnmatchcase(name, pattern) for pattern in self.exclude))


def _walk(folder: str, translations: Path | None, above: str = "") -> Iterator[str]:
    """The names of all pages below a folder; hidden ones, the translations and folders behind symbolic links are left
    out."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                other = entry.name in _OTHER_FOLDERS or Path(entry.path).resolve() == translations
                if translations is None or not other:
                    yield from _walk(entry.path, translations, f"{above}{entry.name}/")
            elif entry.name.endswith(SUFFIXES) and entry.is_file():
                yield above + entry.name


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    # Texts, not paths: this is asked for each page of a large tree.
    parts = _SEPARATORS.split(name)
    outside = ".." in parts or not parts[0] or os.path.splitdrive(name)[0] != ""
    if outside or (_is_linked(os.fspath(folder), parts) and _leaves(folder, path)):
        raise BadInput(f"{name!r} leaves the folder", where=folder, expected="a page inside it")
    return path


def _is_linked(place: str, parts: Sequence[str]) -> bool:
    """Whether a symbolic link is on the way; asking each part costs far less than following the whole path."""
    for part in parts:
        place = f"{place}{os.sep}{part}"
        if os.path.islink(place):  # noqa: PTH114
            return True
    return False


def _leaves(folder: Path, path: Path) -> bool:
    return not path.resolve().is_relative_to(folder.resolve())


def _excluded(settings: Path) -> tuple[str, ...]:
    document = read_toml(settings)
    patterns = document.get("exclude", [])
    unknown = sorted(document.keys() - {"exclude", "translator"})
    if unknown or not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise BadInput("malformed settings", where=settings, expected='exclude = ["pattern", …] and [translator]')
    return tuple(patterns)
