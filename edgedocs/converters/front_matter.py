"""The front matter of a model card: names with a text or a list of texts, read within bounds.

That is the part of YAML that model cards say such things in; names that are not asked for are passed over, whatever
they hold. No text is taken for a number or a truth value: ``no`` is a language, and ``1.0`` a version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from edgedocs.core.errors import BadInput

LARGEST = 2**20
"""Characters; the results of many evaluations take a tenth of that."""
MOST_ITEMS = 1000
LONGEST_TEXT = 10_000
LARGEST_LIST = 100_000
"""Characters of a list in brackets."""

Value = str | list[str]

_NAME = re.compile(r"([A-Za-z_][\w-]{0,63})[ \t]*:(?:[ \t]+(.*))?$")
_ITEM = re.compile(r"""[ \t]*+("(?:[^"\\]|\\.)*+"[ \t]*+|'(?:[^']|'')*+'[ \t]*+|[^,\[\]{}"'][^,\[\]{}]*+)(?:,|$)""")
_BLANKS = " \t"
"""YAML knows no others; a no-break space is text."""
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOTHING = ("", "~", "null", "Null", "NULL")


class _UnreadableError(Exception):
    """A value is none of those that are read here."""


def read(text: str, names: Collection[str], path: Path) -> dict[str, Value]:
    """The values of some names in a page's front matter; those that are missing or empty are left out.

    Args:
        text: the page.
        names: what is asked for.
        path: the page's file, for error messages.

    Raises:
        BadInput: if a value that is asked for is neither a text nor a list of texts, comes twice, or is longer than any
            in use.
    """
    lines = _lines(text, path)
    found: dict[str, Value] = {}
    for number, name, block in _entries(lines):
        if name not in names:
            continue
        if name in found:
            raise BadInput(f"{name} stands twice", where=f"{path}:{number}", expected="each name once")
        try:
            value = _value(block)
        except _UnreadableError as error:
            raise BadInput(
                f"{name} cannot be read: {error}",
                where=f"{path}:{number}",
                expected="a text, or a list of texts",
                remedy="mend the model card's front matter, or take it out",
            ) from error
        if value not in ("", []):
            found[name] = value
    return found


def _lines(text: str, path: Path) -> list[str]:
    """The lines of the front matter; none where there is no front matter."""
    head = _LINE_END.split(text[: LARGEST + 1].removeprefix("\ufeff"))
    if head[0].rstrip(_BLANKS) != "---":
        return []
    for place, line in enumerate(head[1:], 1):
        if line.rstrip(_BLANKS) in ("---", "..."):
            return head[1:place]
    if len(text) > LARGEST:
        raise BadInput("the front matter does not end", where=path, expected=f"--- within {LARGEST} characters")
    return []


def _entries(lines: list[str]) -> Iterator[tuple[int, str, list[str]]]:
    """Each name with its line's number in the file, and its value: the rest of the line, and the lines below."""
    current: tuple[int, str, list[str]] | None = None
    for number, line in enumerate(lines, 2):
        match = _NAME.match(line)
        if match:
            if current:
                yield current
            current = number, match[1], [match[2] or ""]
        elif current and (not line.strip(_BLANKS) or line[0] in " \t-#]"):
            current[2].append(line)
        elif current:
            yield current
            current = None
    if current:
        yield current


def _value(block: list[str]) -> Value:
    first, rest = block[0].strip(_BLANKS), block[1:]
    if first[:1] in ("|", ">"):
        text = ("\n" if first[0] == "|" else " ").join(line.strip(_BLANKS) for line in rest)
        return _bounded(text.strip(_BLANKS + "\n"))
    rest = [line for line in rest if line.strip(_BLANKS) and not line.lstrip(_BLANKS).startswith("#")]
    first = _without_comment(first)
    if first.startswith("["):
        return _flow(" ".join([first, *(_without_comment(line.strip(_BLANKS)) for line in rest)]))
    if not first and rest and rest[0].lstrip(_BLANKS).startswith("-"):
        return _items(rest)
    return _scalar(" ".join([first, *(_without_comment(line.strip(_BLANKS)) for line in rest)]).strip(_BLANKS))


def _items(lines: list[str]) -> list[str]:
    """A list with an item a line."""
    _counted(lines)
    indent = len(lines[0]) - len(lines[0].lstrip(_BLANKS))
    items = []
    for line in lines:
        stripped = line.strip(_BLANKS)
        if len(line) - len(line.lstrip(_BLANKS)) != indent or not (stripped == "-" or stripped.startswith("- ")):
            raise _UnreadableError(f"{stripped[:40]!r} is no item of a list of texts")
        items.append(_scalar(_without_comment(stripped[1:].strip(_BLANKS))))
    return [item for item in items if item]


def _flow(text: str) -> list[str]:
    """A list in brackets."""
    if not text.endswith("]") or len(text) > LARGEST_LIST:
        raise _UnreadableError("a list without its end, or too long")
    text, place, items = text[1:-1].strip(_BLANKS), 0, []
    while place < len(text):
        match = _ITEM.match(text, place)
        if match is None:
            raise _UnreadableError("a list of other things than texts")
        items.append(_scalar(match[1].strip(_BLANKS)))
        place = match.end()
    return _counted([item for item in items if item])


def _scalar(text: str) -> str:
    if text in _NOTHING:
        return ""
    if text[0] == '"':
        try:
            value = json.loads(text)
            value.encode("utf-8")
        except (ValueError, AttributeError) as error:
            raise _UnreadableError(f"{text[:40]!r} is no text in quotes") from error
        return _bounded(value)
    if text[0] == "'":
        if len(text) < 2 or text[-1] != "'" or "'" in text[1:-1].replace("''", ""):
            raise _UnreadableError(f"{text[:40]!r} is no text in quotes")
        return _bounded(text[1:-1].replace("''", "'"))
    if text[0] in "[]{},&*!|>%@`" or ": " in text or text.endswith(":") or text.startswith(("- ", "? ")):
        raise _UnreadableError(f"{text[:40]!r} is no plain text")
    return _bounded(text)


def _without_comment(text: str) -> str:
    """A text without what follows ``#`` after a blank, unless that is in quotes."""
    if text[:1] in ("'", '"'):
        end = text.rfind(text[0])
        return text[: end + 1] if end > 0 and text[end + 1 :].lstrip(_BLANKS)[:1] in ("", "#") else text
    if text.startswith("#"):
        return ""
    return re.split(r"[ \t]#", text, maxsplit=1)[0].rstrip(_BLANKS)


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise _UnreadableError(f"{len(text)} characters, more than {LONGEST_TEXT}")
    return text


def _counted(items: list[str]) -> list[str]:
    if len(items) > MOST_ITEMS:
        raise _UnreadableError(f"{len(items)} items, more than {MOST_ITEMS}")
    return items
