"""Adding a language: the files that it begins with, and what they say until somebody translates them."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.publishing import labels, layout
from edgedocs.translation import glossary
from edgedocs.translation.language import CODE, FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SOURCE = "en"
NOTICES = {
    "stale": "The English original of this page has changed since it was translated.",
    "untranslated": "This page is not translated yet. You see the English original.",
    "machine": "A machine translated this page.",
}
"""Until somebody translates them."""

_CUSTOM_DIR = re.compile(r"^\s+custom_dir:\s*['\"]?([^'\"#\n]+)", re.MULTILINE)


@dataclass(frozen=True)
class Added:
    """A language that was added.

    Args:
        code: its code.
        name: what its speakers call it.
        direction: ``ltr`` or ``rtl``.
        written: the files that were written.
    """

    code: str
    name: str
    direction: str
    written: tuple[Path, ...]

    def as_dict(self) -> dict[str, Any]:
        """What was added as JSON-ready data."""
        written = [path.as_posix() for path in self.written]
        return {"language": self.code, "name": self.name, "direction": self.direction, "written": written}


def add_language(source: Path, translations: Path, code: str) -> Added:
    """Write what a language begins with: ``language.toml``, and a ``glossary.tsv`` for its terms.

    A folder without ``language.toml``, as other tools make them, is taken over; its pages stay as they are.

    Args:
        source: folder of the source pages.
        translations: folder with a folder for each language; made if it is missing.
        code: a language tag of BCP 47, such as ``pt-BR``.

    Raises:
        BadInput: if the code is none or is not written as it should be, the language is there already, or a site is
            built here whose theme has no words in it.
        CannotRun: if Babel is not installed, or a file cannot be written.
    """
    if not source.is_dir():
        remedy = "run in the project's root, or name the folder with --source"
        raise BadInput("no such folder", where=source, remedy=remedy)
    locale_of(code)
    folder = translations / code
    _refuse_existing(folder, translations)
    text = language_toml(code, _reasons(source), _themes(translations.resolve().parent))
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / FILE_NAME]
    files.write_text(folder / FILE_NAME, text)
    if not (folder / glossary.FILE_NAME).exists():
        terms = "\t".join(glossary.COLUMNS) + "\n"
        files.write_text(folder / glossary.FILE_NAME, terms)
        written.append(folder / glossary.FILE_NAME)
    locale = locale_of(code)
    return Added(code, own_name(locale, code), direction(locale), tuple(written))


def _refuse_existing(folder: Path, translations: Path) -> None:
    if translations.is_dir():
        for entry in translations.iterdir():
            if entry.name.casefold() == folder.name.casefold() and entry.name != folder.name:
                raise BadInput("the language is here already, by another spelling", where=entry)
    if (folder / FILE_NAME).exists():
        raise BadInput(
            "the language is here already", where=folder / FILE_NAME, remedy="change that file; nothing was written"
        )
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BadInput("something else is here already", where=folder, expected="no such name, or a folder of pages")


def _reasons(source: Path) -> list[str]:
    """Why code blocks of the pages are shown and not run, each reason once."""
    from edgedocs.pages.page import Page

    found: dict[str, None] = {}
    for path in sorted(source.rglob("*.md")):
        try:
            fences = Page.load(path, source).fences
        except BadInput:
            continue  # `translate status` tells of it; adding a language is not the place.
        reasons = (fence.attributes.get("shown") for fence in fences)
        found |= dict.fromkeys(reason for reason in reasons if reason)
    return list(found)


def theme_folders() -> list[Path]:
    """The folders of templates of Material for MkDocs, if it is installed."""
    theme = importlib.util.find_spec("material")
    return [Path(place) / "templates" for place in theme.submodule_search_locations or ()] if theme else []


def _themes(project: Path) -> list[Path]:
    """The folders of templates with which a site is built here; none if there is no site."""
    settings = project / "mkdocs.yml"
    if not settings.is_file() or not theme_folders():
        return []
    custom = _CUSTOM_DIR.search(files.read_text(settings))
    return [*([project / custom[1].strip()] if custom else []), *theme_folders()]


def locale_of(code: str) -> Any:
    """What Unicode's locale data has of a language.

    Raises:
        BadInput: if it has nothing, or the code is not written as BCP 47 recommends.
        CannotRun: if Babel is not installed.
    """
    try:
        from babel import Locale, UnknownLocaleError
    except ImportError as error:
        raise CannotRun("Babel is not installed", remedy="python -m pip install 'edgedocs[docs,site]'") from error
    expected = f"a language that Unicode's locale data has, other than {SOURCE}; such as cs or pt-BR"
    try:
        locale = Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError) as error:
        raise BadInput(f"unknown language {code!r}", where="--language", expected=expected) from error
    if not CODE.fullmatch(code) or code == SOURCE:
        raise BadInput(f"{code!r} cannot be a language beside {SOURCE}", where="--language", expected=expected)
    wanted = "-".join(_subtag(part, first=not place) for place, part in enumerate(re.split("[-_]", code)))
    if code != wanted:
        raise BadInput(f"{code!r} is not how this language is written", where="--language", expected=repr(wanted))
    return locale


def _subtag(part: str, *, first: bool) -> str:
    """A part of a language tag in the letters that BCP 47 recommends: ``zh-Hant-TW``."""
    if first:
        return part.lower()
    return {4: part.title(), 2: part.upper()}.get(len(part), part.lower())


def own_name(locale: Any, code: str) -> str:
    """What its speakers call a language."""
    name = str(locale.get_display_name(locale) or code)
    return name[:1].upper() + name[1:]


def direction(locale: Any) -> str:
    """In which direction a language is written: ``ltr`` or ``rtl``."""
    return "rtl" if locale.character_order == "right-to-left" else "ltr"


def language_toml(code: str, reasons: Iterable[str], themes: Sequence[Path]) -> str:
    """A ``language.toml`` whose texts are in English, to be translated.

    Args:
        code: code of the language.
        reasons: why code blocks are shown and not run; they stand as comments, since a reason in English is marked
            as such on the site.
        themes: folders of templates that must have words in the language, if any are given.

    Raises:
        BadInput: if there is no such language, or the themes have no words in it.
        CannotRun: if Babel is not installed.
    """
    locale = locale_of(code)
    from babel.messages.plurals import get_plural

    if themes:
        layout.require_words(code, themes)
    plural = get_plural(locale).plural_forms
    lines = [
        "# What the site and the checks know of this language.",
        *_entries({"name": own_name(locale, code), "direction": direction(locale), "plural": plural}),
        "",
        "# These texts are English still: translate them, and keep what stands in braces.",
        "[notices]",
        *_entries(NOTICES),
        "",
        "[site]",
        *_entries(labels.defaults()),
    ]
    shown = [f'# {_quoted(reason)} = ""' for reason in reasons]
    if shown:
        head = "# Why a code block is shown and not run: take the # away and put the translation between the quotes."
        lines += ["", head, "[reasons]", *shown]
    return "\n".join(lines) + "\n"


def _entries(table: Any) -> list[str]:
    return [f"{key} = {_quoted(value)}" for key, value in table.items()]


def _quoted(text: object) -> str:
    return json.dumps(str(text), ensure_ascii=False)
