"""Header: the comment at the top of a translated page that says from which source it was made, and when."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.translation import records
from edgedocs.translation.normalization import BYTE_ORDER_MARK, unify_line_ends

if TYPE_CHECKING:
    from collections.abc import Mapping

LABEL = "CO_OP_TRANSLATOR_METADATA:"
_KEYS = ("original_hash", "translation_date", "source_file", "language_code")
_OPENING = re.compile(rf"{BYTE_ORDER_MARK}?<!--\s*(?:{LABEL}\s*)?(?=\{{)")
_CLOSING = re.compile(r"-->[ \t]*(?:\r?\n)?")
_HASH = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Header:
    """The keys known from Co-op Translator.

    Args:
        original_hash: :func:`original_hash` of the source that was translated (older tools: of its raw bytes).
        translation_date: ISO 8601 date and time with its offset.
        source_file: path of the source, with forward slashes.
        language_code: language of the page, such as ``cs``.
        others: further keys, kept as they were found.
    """

    original_hash: str
    translation_date: str
    source_file: str
    language_code: str
    others: Mapping[str, Any] = field(default_factory=dict)


def original_hash(text: str) -> str:
    """The MD5 of a source with line feeds as line ends and no byte order mark, in hexadecimal."""
    return _md5(unify_line_ends(text))


def is_hash_of(recorded: str, text: str) -> bool:
    """Whether a recorded hash is the source's, whatever the line ends and the byte order mark of that checkout."""
    return recorded in hashes_of(text)


@lru_cache(maxsize=8)
def hashes_of(text: str) -> frozenset[str]:
    """Every hash that a source can have been given: of the text as it is, and of each form that a checkout can have."""
    plain = unify_line_ends(text)
    variants = (plain, plain.replace("\n", "\r\n"))
    return frozenset({_md5(mark + variant) for mark in ("", BYTE_ORDER_MARK) for variant in variants} | {_md5(text)})


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()


def find(text: str) -> tuple[int, int] | None:
    """Start and end of the header in a page, or None; the comment may lack the label. A torn one ends with the page."""
    opening = _OPENING.match(text)
    if opening is None:
        return None
    closing = _CLOSING.search(text, opening.end())
    start = len(text) - len(text.removeprefix(BYTE_ORDER_MARK))
    end = len(text) if closing is None else closing.end()
    labelled = LABEL in opening.group()
    return (start, end) if labelled or '"original_hash"' in text[opening.end() : end] else None


def parse(text: str, where: str) -> Header | None:
    """The header of a page, or None if it has none.

    Args:
        text: the whole page.
        where: its path, for messages.

    Raises:
        BadInput: if the comment is not closed, holds no JSON object, or a key is missing or no text.
    """
    span = find(text)
    return None if span is None else of_comment(text[slice(*span)], where)


def of_comment(comment: str, where: str) -> Header:
    """The header in a comment, as :func:`find` delimits it.

    Raises:
        BadInput: as :func:`parse`.
    """
    start = comment.index("{")
    line = comment.count("\n", 0, start)
    if "-->" not in comment:
        raise _bad("the comment with the header is not closed", where, 1)
    try:
        document = json.loads(comment[start : comment.index("-->", start)])
    except json.JSONDecodeError as error:
        raise _bad(f"the header is no JSON: {error.msg}", where, line + error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise _bad("the header is no ordinary JSON", where, line + 1) from error
    return from_document(document, f"{where}:{line + 1}")


def from_document(document: Any, where: str) -> Header:
    """The header in a JSON document, which a page, a notebook or a state file may hold.

    Args:
        document: what was parsed.
        where: file and place, for messages.

    Raises:
        BadInput: if it is no object, a key is missing or no text, or it cannot be written again as UTF-8 JSON.
    """
    if not isinstance(document, dict):
        raise _misplaced("the header is no JSON object", where)
    for key in _KEYS:
        if not isinstance(document.get(key), str):
            raise _misplaced(f"the header has no text {key!r}", where)
    if not _HASH.fullmatch(document["original_hash"]):
        raise _misplaced("'original_hash' of the header is no MD5", where)
    try:
        _require_ordinary(document)
    except (ValueError, RecursionError) as error:
        raise _misplaced("the header is no ordinary JSON", where) from error
    known = {key: document[key] for key in _KEYS}
    return Header(**known, others={key: value for key, value in document.items() if key not in _KEYS})


def _require_ordinary(document: dict[str, Any]) -> None:
    """See that a document can be written again.

    Raises:
        ValueError: for half of a surrogate pair, or a number that JSON lacks.
        RecursionError: if it is too deep.
    """
    if all(isinstance(value, str) for value in document.values()):
        "".join([*document, *document.values()]).encode()  # much quicker than to write it
    else:
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def as_document(header: Header) -> dict[str, Any]:
    """The header as JSON-ready data; :func:`from_document` gives the same header back."""
    return {key: getattr(header, key) for key in _KEYS} | dict(header.others)


def _bad(what: str, where: str, line: int) -> BadInput:
    return _misplaced(what, f"{where}:{line}")


def _misplaced(what: str, where: str) -> BadInput:
    return BadInput(
        what,
        where=where,
        expected=f"a JSON object with the texts {', '.join(_KEYS)}",
        remedy="restore the comment at the top of the page, or delete it and run `edgedocs translate record`",
    )


def render(header: Header) -> str:
    """The comment, with line feeds; :func:`parse` gives the same header back."""
    document = as_document(header)
    # Inside a string of JSON the escape is the same character, and the comment does not end there.
    body = json.dumps(document, indent=2, ensure_ascii=False).replace("-->", "--\\u003e")
    return f"<!--\n{LABEL}\n{body}\n-->\n"


def strip(text: str) -> str:
    """The page that readers see: without the header and without the segment records. Never fails."""
    span = find(text)
    body = text if span is None else text[span[1] :]
    found = records.find(body)
    return body.removeprefix(BYTE_ORDER_MARK) if found is None else body[: found[0]].removeprefix(BYTE_ORDER_MARK)
