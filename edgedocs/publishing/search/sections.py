"""Sections: what a search finds, from the entries that Material's search plug-in takes from the pages."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BLOCK = re.compile(r"</?(?:p|li|ol|ul|pre|br)\b[^>]*>")
_TAG = re.compile(r"<[^>]+>")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text below it.

    Args:
        page: the page's address, relative to the site's root.
        anchor: the heading's, or empty for the beginning of a page.
        title: its heading.
        text: what stands below, up to the next heading.
    """

    page: str
    anchor: str
    title: str
    text: str


def read_sections(entries: Iterable[Mapping[str, Any]]) -> list[Section]:
    """The sections of all pages in order; the first of a page is its beginning, whatever its anchor."""
    found = []
    pages = set()
    for entry in entries:
        page, _, anchor = str(entry["location"]).partition("#")
        page = "" if page in (".", "./") else page
        found.append(Section(page, anchor if page in pages else "", _plain(entry["title"]), _plain(entry["text"])))
        pages.add(page)
    return found


@lru_cache(maxsize=2**14)
def _plain(text: str) -> str:
    without = _TAG.sub("", _BLOCK.sub(" ", text))
    return _BLANKS.sub(" ", html.unescape(without)).strip()
