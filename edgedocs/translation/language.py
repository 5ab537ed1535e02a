"""Language: what the site and the checks must know of a language, from its ``language.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE_NAME = "language.toml"
CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*|x-[a-z0-9]{1,8}")
NOTICES = ("stale", "untranslated", "machine")
"""Sentences that a reader sees on a page: its source has changed; it is not translated; a machine translated it."""

DIRECTIONS = ("ltr", "rtl")
KEYS = ("name", "direction", "plural", "notices", "site", "reasons")
"""The keys of a ``language.toml``: three texts, then three tables of texts."""


@dataclass(frozen=True)
class Language:
    """A language.

    Args:
        code: its BCP 47 tag, such as ``cs``; the name of its folder.
        name: what its speakers call it.
        direction: ``ltr`` or ``rtl``.
        plural: gettext's plural rule, such as ``nplurals=2; plural=(n != 1);``.
        notices: the sentences of :data:`NOTICES`, in this language.
        site: further words that the site shows, by key.
        reasons: why code blocks are shown and not run, by the reason as the source page has it.
    """

    code: str
    name: str
    direction: str
    plural: str
    notices: Mapping[str, str]
    site: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """Its BCP 47 tag: the code, or what the code means as a folder of Co-op Translator, which has no notices."""
        return self.code if self.notices else canonical(self.code)

    @classmethod
    def load(cls, folder: Path) -> Language:
        """Read ``language.toml`` in a language's folder, whose name is the language's code.

        Raises:
            BadInput: if it is missing, no TOML, or a key is missing, unknown or of the wrong kind.
        """
        path = folder / FILE_NAME
        document = read_toml(path)
        if not CODE.fullmatch(folder.name):
            raise BadInput(f"{folder.name!r} is no language code", where=folder, expected="a code such as cs or pt-BR")
        for key in document.keys() - set(KEYS):
            raise BadInput(f"unknown key {key!r}", where=path, expected=", ".join(KEYS))
        for key in ("name", "direction", "plural"):
            _require_text(document.get(key), key, path)
        if document["direction"] not in DIRECTIONS:
            raise BadInput(f"direction {document['direction']!r}", where=path, expected=" or ".join(DIRECTIONS))
        notices, site, reasons = (_texts(document, table, path) for table in KEYS[3:])
        for key in NOTICES:
            _require_text(notices.get(key), f"notices.{key}", path)
        name, direction, plural = (document[key] for key in KEYS[:3])
        return cls(folder.name, name, direction, plural, notices, site, reasons)


ALIASES = {
    "br": "pt-BR",
    "cn": "zh-CN",
    "hk": "zh-HK",
    "jp": "ja",
    "kr": "ko",
    "mo": "zh-MO",
    "pt": "pt-PT",
    "tw": "zh-TW",
    "zh": "zh-CN",
}
"""What Co-op Translator called some languages, with their BCP 47 tags; in other trees ``br`` is Breton."""


@lru_cache(maxsize=1024)
def canonical(code: str) -> str:
    """The BCP 47 tag of a folder of Co-op Translator: aliases resolved, ``zh_tw`` and ``ZH-tw`` as ``zh-TW``."""
    first, *rest = code.replace("_", "-").split("-")
    if not rest and first.lower() in ALIASES:
        return ALIASES[first.lower()]
    cases = {2: str.upper, 4: str.title}
    return "-".join([first.lower(), *(cases.get(len(part), str)(part) for part in rest)])


def aliases_of(tag: str) -> list[str]:
    """The other names under which Co-op Translator may have filed a language, the tag's own spelling first."""
    wanted = canonical(tag)
    return [wanted, *(alias for alias, known in ALIASES.items() if known == wanted)]


RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ur", "yi"})
"""Languages that are written from right to left."""


def bare(code: str) -> Language:
    """A language of which nothing but its code is known, as in a tree that another tool made."""
    rtl = canonical(code).partition("-")[0] in RIGHT_TO_LEFT
    return Language(code, code, "rtl" if rtl else "ltr", "", {})


def read_toml(path: Path) -> dict[str, Any]:
    """The document in a TOML file.

    Raises:
        BadInput: if it is missing, not UTF-8 or no TOML.
    """
    try:
        return tomllib.loads(files.read_text(path).replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"no TOML: {error}", where=path) from error


def _texts(document: Mapping[str, Any], table: str, path: Path) -> dict[str, str]:
    found = document.get(table, {})
    if not isinstance(found, dict):
        raise BadInput(f"{table!r} is no table", where=path, expected=f"a table [{table}]")
    for key, value in found.items():
        _require_text(value, f"{table}.{key}", path)
    return found


def _require_text(value: object, key: str, path: Path) -> None:
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{key!r} is missing or no text", where=path, expected=f'{key} = "…"')
