"""Records: the comment at the end of a translated page, one line for each of its segments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.translation.normalization import DIGEST_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKER = "<!-- EDGEDOCS_SEGMENTS"
VERSION = "v1"
LARGEST_COUNT = 20_000
"""Segments of one page; aligning so many takes 50 MB."""

STATES = ("machine", "edited", "reviewed", "failed")
_RECORD = re.compile(rf"([0-9a-f]{{{DIGEST_LENGTH}}}) ([0-9a-f]{{{DIGEST_LENGTH}}}) ({'|'.join(STATES)})")
_CLOSING = "-->"


@dataclass(frozen=True)
class Record:
    """What is remembered of one segment.

    Args:
        source: hash of the segment of the source that was translated.
        target: hash of its translation when it was recorded.
        state: who answers for the translation: ``machine``; ``edited`` or ``reviewed`` by a person; ``failed`` when
            the last attempt to translate it did not pass the checks.
    """

    source: str
    target: str
    state: str


def find(text: str) -> tuple[int, int] | None:
    """Start and end of the comment that ends a page, or None; what is torn off before its closing counts as ended."""
    start = len(text)
    while not _begins(text, start):
        start = text.rfind(MARKER, 0, start + len(MARKER) - 1)
        if start < 0:
            return None
    closing = text.find(_CLOSING, start)
    end = len(text) if closing < 0 else closing + len(_CLOSING)
    if text[end:].strip():
        return None
    return _without_separator(text, start), len(text)


def _begins(text: str, start: int) -> bool:
    """Whether a comment with records begins here: at the start of a line, its marker a word of its own."""
    after = text[start + len(MARKER) : start + len(MARKER) + 1]
    return text.startswith(MARKER, start) and text[start - 1 : start] in ("", "\n") and (not after or after.isspace())


def _without_separator(text: str, start: int) -> int:
    """Where the blank line begins that a page has before the comment."""
    separator = "\r\n" if text.endswith("\r\n", 0, start) else "\n"
    before = start - len(separator)
    is_blank_line = text.endswith(separator, 0, start) and (before == 0 or text.endswith("\n", 0, before))
    return before if is_blank_line else start


def parse(text: str, where: str, line: int = 1) -> tuple[Record, ...]:
    """The records in a comment.

    Args:
        text: the comment, as :func:`find` delimits it.
        where: path of the page, for messages.
        line: line of the page on which ``text`` starts.

    Raises:
        BadInput: if the comment is torn, of another version, too long, or one of its lines is no record.
    """
    lines = text.splitlines()
    first = next(place for place, content in enumerate(lines) if content.startswith(MARKER))
    line += first
    version = lines[first].removeprefix(MARKER).strip()
    if version != VERSION:
        raise _bad(f"the segment records are of version {version!r}", where, line, expected=repr(VERSION))
    content = [entry.strip() for entry in lines[first + 1 :]]
    if _CLOSING not in content:
        raise _bad("the segment records are torn: the comment is not closed", where, line, expected=repr(_CLOSING))
    content = content[: content.index(_CLOSING)]
    if len(content) > LARGEST_COUNT:
        raise _bad("too many segment records", where, line, expected=f"at most {LARGEST_COUNT}")
    return tuple(_record(entry, where, line + 1 + place) for place, entry in enumerate(content))


def _record(entry: str, where: str, line: int) -> Record:
    match = _RECORD.fullmatch(entry)
    if match is None:
        shown = entry if len(entry) <= 60 else f"{entry[:60]}…"
        expected = f"two hashes of {DIGEST_LENGTH} digits and one of {', '.join(STATES)}"
        raise _bad(f"no segment record: {shown!r}", where, line, expected)
    return Record(*match.groups())


def _bad(what: str, where: str, line: int, expected: str) -> BadInput:
    remedy = "restore the comment, or delete it, check the translation and run `edgedocs translate record`"
    return BadInput(what, where=f"{where}:{line}", expected=expected, remedy=remedy)


def render(entries: Sequence[Record]) -> str:
    """The comment, with line feeds; :func:`parse` gives the same records back."""
    lines = [f"{entry.source} {entry.target} {entry.state}" for entry in entries]
    return "\n".join([f"{MARKER} {VERSION}", *lines, _CLOSING, ""])
