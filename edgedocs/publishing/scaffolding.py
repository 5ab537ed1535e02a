"""Scaffolding: a small executable, translated documentation, written whole, for others to begin with.

Its files are those of the folder ``scaffold`` beside this module. The suffix ``.template`` is taken off; it keeps
tools of this project from taking such a file for one of its own.

Its recorded outputs and translations are made in a documentation that was written, by ``pytest docs/ --update-outputs``
and ``edgedocs translate record``, and copied back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_bytes, write_bytes
from edgedocs.core.folders import atomic_folder
from edgedocs.publishing.adding import language_toml, theme_folders
from edgedocs.translation.language import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

SCAFFOLD = Path(__file__).with_name("scaffold")
TEMPLATE = ".template"
_TRANSLATIONS = "translations"
_LARGEST_FILE = 2**20


@dataclass(frozen=True)
class Scaffolded:
    """What was written.

    Args:
        path: the folder.
        languages: codes of the languages beside English.
        translated: those of them whose pages are translated.
        files: the files below the folder, with forward slashes, sorted.
    """

    path: Path
    languages: tuple[str, ...]
    translated: tuple[str, ...]
    files: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """What was written as JSON-ready data."""
        return {
            "path": str(self.path),
            "languages": list(self.languages),
            "translated": list(self.translated),
            "files": list(self.files),
        }


def translated_languages() -> list[str]:
    """Codes of the languages into which the pages of the scaffold are translated."""
    return sorted(folder.name for folder in (SCAFFOLD / _TRANSLATIONS).iterdir() if folder.is_dir())


def scaffold(folder: Path, languages: Iterable[str]) -> Scaffolded:
    """Write a new documentation.

    Args:
        folder: where to; nothing may be there yet, except an empty folder.
        languages: codes of the languages beside English. A language without translated pages gets a
            ``language.toml`` whose texts are in English, to be translated.

    Raises:
        BadInput: if something is in the folder, or a language is none; nothing is written.
        CannotRun: if the folder around it is missing or cannot be written to, or Babel is not installed.
    """
    path = folder.resolve()
    _check_free(path)
    codes = tuple(dict.fromkeys(languages))
    files = _common_files()
    for code in codes:
        files.update(_language_files(code))
    with atomic_folder(path, frozenset()) as temporary:
        for name, content in sorted(files.items()):
            target = temporary / name
            target.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(target, content)
    known = translated_languages()
    return Scaffolded(folder, codes, tuple(code for code in codes if code in known), tuple(sorted(files)))


def _check_free(path: Path) -> None:
    if path == Path.cwd():
        raise BadInput(
            "the current folder cannot be replaced while you are in it",
            where=path,
            expected="a new name",
            remedy="name a folder inside it, or run the command from elsewhere",
        )
    if path.is_symlink() or path.is_file() or (path.is_dir() and any(path.iterdir())):
        raise BadInput(
            "there is something here already",
            where=path,
            expected="a new name, or an empty folder",
            remedy="choose another name; nothing was written",
        )


def _common_files() -> dict[str, bytes]:
    return {name: data for name, data in _files(SCAFFOLD).items() if not name.startswith(f"{_TRANSLATIONS}/")}


def _language_files(code: str) -> dict[str, bytes]:
    prefix = f"{_TRANSLATIONS}/{code}"
    if code in translated_languages():
        return {f"{prefix}/{name}": data for name, data in _files(SCAFFOLD / prefix).items()}
    return {f"{prefix}/{FILE_NAME}": language_toml(code, [], theme_folders()).encode()}


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a folder under the names that they will have; texts with LF, whatever the checkout made of them."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            name = path.relative_to(folder).as_posix().removesuffix(TEMPLATE)
            name = f".{name}" if name == "gitignore" else name
            found[name] = read_bytes(path, _LARGEST_FILE).replace(b"\r\n", b"\n")
    return found
