"""State file: ``.co-op-translator.json`` in a language's folder, from which source each page there was made.

Newer versions of Co-op Translator keep there what older ones wrote at the top of each page. It is rewritten in place by
every process that translates a page, so it is found torn; whatever of it is whole is still worth having.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.translation import header as headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edgedocs.translation.header import Header

FILE_NAME = ".co-op-translator.json"
FAILURES = "__translation_failures__"

# No escaped quotation mark in a name: so what is tried from one mark ends at the next, and the search stays linear.
_MEMBER = re.compile(r'"((?:[^"\\\n]|\\[^"\n]){1,4096})"\s{0,64}:\s{0,64}(?=\{)')
_LONGEST_ENTRY = 8192
"""Characters; an entry holds one path, one hash, one date and at most a message of a thousand characters."""

_MOST_CLOSINGS = 4
"""Closing braces that one entry may hold: its own and those of a small object or a message in it."""


@dataclass(frozen=True)
class Failure:
    """A page that Co-op Translator could not translate.

    Args:
        original_hash: MD5 of the source that it tried.
        reason: kind of error and message, as it noted them.
    """

    original_hash: str
    reason: str


@dataclass(frozen=True)
class StateFile:
    """What is known of the pages of one language.

    Args:
        pages: their headers, by path of the source with forward slashes.
        failures: pages that could not be translated, by the same paths.
        lost: paths of which only the name is left, or whose entry is malformed.
        error: what is wrong with the file; None if it is whole.
    """

    pages: Mapping[str, Header] = field(default_factory=dict)
    failures: Mapping[str, Failure] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    error: BadInput | None = field(default=None, compare=False)

    @classmethod
    def load(cls, folder: Path) -> StateFile:
        """The state file in a language's folder; an empty one if there is none. Never raises for what it holds."""
        path = folder / FILE_NAME
        if not path.is_file():
            return cls()
        if not path.resolve().is_relative_to(folder.resolve()):
            return cls(error=BadInput("the state file lies outside of its folder", where=path, remedy="copy it here"))
        try:
            text = files.read_text(path)
        except BadInput as error:
            return cls(error=error)
        return cls.parse(text, path.as_posix())

    @classmethod
    def parse(cls, text: str, where: str) -> StateFile:
        """What a state file says; of a torn one, every entry that is whole.

        Args:
            text: the file's text.
            where: its path, for messages.
        """
        text = text.removeprefix("\ufeff")
        problem = None
        try:
            document = json.loads(text)
            if not isinstance(document, dict):
                return cls(error=_bad(f"holds a JSON {type(document).__name__}", where))
            members = list(_flat(document))
        except json.JSONDecodeError as error:
            problem = f"torn in line {error.lineno}: {error.msg}"
            members = list(_salvaged(text))
        except (ValueError, RecursionError):
            problem = "nested too deeply, or with a number too long"
            members = list(_salvaged(text))
        return _collected(members, where, problem)

    def header(self, *names: str) -> Header | None:
        """The header of a page that goes by one of these paths, or by a path that ends with the last of them."""
        key = _key(self.pages, names)
        return self.pages[key] if key else None

    def failure(self, *names: str) -> Failure | None:
        """As :meth:`header`, of a page that could not be translated."""
        key = _key(self.failures, names)
        return self.failures[key] if key else None


def _key(known: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    for name in names:
        if name in known:
            return name
    ends = [key for key in known if key.endswith(f"/{names[-1]}")]
    return ends[0] if len(ends) == 1 else None


def _flat(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if key == FAILURES and isinstance(value, dict):
            yield from value.items()
        else:
            yield key, value


def _salvaged(text: str) -> Iterator[tuple[str, Any]]:
    """Every object in a text that is no JSON as a whole, with its name; None for one that is not whole."""
    decoder = json.JSONDecoder()
    for match in _MEMBER.finditer(text):
        try:
            name = json.loads(f'"{match[1]}"')
        except ValueError:
            name = match[1]
        if name != FAILURES:
            yield name, _whole(decoder, text, match.end())


def _whole(decoder: json.JSONDecoder, text: str, start: int) -> Any:
    """The small object that starts here, or None. Bounded, so that braces without end cost no more than one pass."""
    end = start
    for _ in range(_MOST_CLOSINGS):
        end = text.find("}", end, start + _LONGEST_ENTRY) + 1
        if not end:
            return None
        try:
            return decoder.decode(text[start:end])
        except (ValueError, RecursionError):
            continue
    return None


def _collected(members: list[tuple[str, Any]], where: str, problem: str | None) -> StateFile:
    pages: dict[str, Header] = {}
    failures: dict[str, Failure] = {}
    lost = []
    for name, value in members:
        key = name.replace("\\", "/")
        try:
            if isinstance(value, dict) and value.get("status") == "failed":
                failures[key] = _failure(value)
                continue
            header = headers.from_document(value, f"{where} ({key})")
        except BadInput:
            lost.append(key)
            continue
        # Of two entries for one page, as two writers leave them, the later one holds.
        if key not in pages or pages[key].translation_date <= header.translation_date:
            pages[key] = header
    missing = tuple(dict.fromkeys(key for key in lost if key not in pages))
    if missing and problem is None:
        problem = "an entry is malformed"
    saved = f"; {len(pages)} entries are whole" if problem else ""
    named = f", lost: {', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}" if missing else ""
    return StateFile(pages, failures, missing, _bad(f"{problem}{saved}{named}", where) if problem else None)


def _failure(value: dict[str, Any]) -> Failure:
    kind, message = str(value.get("error_type", "")), str(value.get("error_message", ""))
    return Failure(str(value.get("original_hash", "")), ": ".join(part for part in (kind, message) if part))


def _bad(what: str, where: str) -> BadInput:
    return BadInput(
        what,
        where=where,
        expected="a JSON object with an entry for each page",
        remedy="restore the file, or run `edgedocs translate import`: then each page says itself where it is from",
    )
