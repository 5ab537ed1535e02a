"""Front matter: which of a page's values are text for readers."""

from __future__ import annotations

import re
from dataclasses import dataclass

TRANSLATED_KEYS = frozenset({"title", "subtitle", "description", "summary", "keywords"})
"""Keys whose values readers see. All others steer the site and are the same in every language."""

_KEY = re.compile(r"(?P<key>[A-Za-z_][\w-]*):(?=[ \t\n]|$)")


@dataclass(frozen=True)
class Entry:
    """A key at the left margin with its value.

    Args:
        key: the key.
        text: all its lines.
        offset: lines between the start of the front matter and the entry.
    """

    key: str
    text: str
    offset: int

    @property
    def translated(self) -> bool:
        """Whether readers see the value."""
        return self.key in TRANSLATED_KEYS

    @property
    def value(self) -> str:
        """What follows the key."""
        return self.text.partition(":")[2].strip()


def entries(text: str) -> list[Entry]:
    """The entries of a front matter, its line ends line feeds, with the lines of dashes around it.

    A line that is indented, or that starts no key, belongs to the entry above; comments and blank lines between
    entries are left out.
    """
    lines = text.split("\n")
    closing = max(place for place, line in enumerate(lines) if line.strip())
    found: list[tuple[str, int, list[str]]] = []
    for offset, line in enumerate(lines[1:closing], start=1):
        key = _KEY.match(line)
        if key or (not found and _has_content(line)):
            found.append((key["key"] if key else "", offset, [line]))
        elif _has_content(line):
            found[-1][2].append(line)
    return [Entry(key, "\n".join(content), offset) for key, offset, content in found]


def _has_content(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")
