"""Links: each address in the built pages leads to a file of the site, and each anchor is there, in every language."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from edgedocs.core.files import read_text
from edgedocs.publishing.built import LARGEST_FILE
from edgedocs.publishing.checking.finding import Finding
from edgedocs.publishing.checking.origins import line_of_address
from edgedocs.translation.inline_parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edgedocs.publishing.expected import ExpectedPage

_ADDRESSES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src", "iframe": "src"}
_GENERATED = ("__", "fn:", "fnref:")
"""How the anchors begin that the theme's script makes, and those of footnotes."""


@dataclass
class LinkCheck:
    """The links of a built site.

    Args:
        site: the site's folder.
        root: the path of the site's address, which addresses from the root begin with: ``"/handbook/"``.
        pages: what each HTML file shows, by its path; files that are no pages, such as 404.html, are not in it.
        count: how many addresses were followed.
    """

    site: Path
    root: str
    pages: Mapping[Path, ExpectedPage]
    count: int = field(default=0, init=False)

    def findings(self) -> Iterator[Finding]:
        """Addresses that lead nowhere."""
        for path in sorted(self.site.rglob("*.html")):
            anchors_and_addresses = _read(path)
            for address in dict.fromkeys(anchors_and_addresses[1]):
                if message := self._problem(path, address):
                    yield self._finding(path, address, message)

    def _problem(self, path: Path, address: str) -> str | None:
        """Why an address of a page leads nowhere; None if it leads somewhere, or to another site."""
        split = urlsplit(address)
        if split.scheme or split.netloc or not address:
            return None
        self.count += 1
        target = self._target(path, unquote(split.path))
        if target is None:
            return f"{split.path} is no file of the site"
        anchor = unquote(split.fragment)
        if not anchor or anchor.startswith(_GENERATED) or target.suffix != ".html":
            return None
        return None if anchor in _read(target)[0] else f"{self._name(target)} has no anchor #{anchor}"

    def _target(self, path: Path, address: str) -> Path | None:
        if not address:
            return path
        if address.startswith("/"):
            if not address.startswith(self.root):
                return None
            relative = address[len(self.root) :]
        else:
            relative = posixpath.join(path.parent.relative_to(self.site).as_posix(), address)
        relative = posixpath.normpath(relative) if relative else "."
        if relative.startswith(".."):
            return None
        found = self.site / relative
        if found.is_dir():
            found /= "index.html"
        return found if found.is_file() else None

    def _finding(self, path: Path, address: str, message: str) -> Finding:
        page = self.pages.get(path)
        if page is None:
            return Finding(f"{self.site.name}/{self._name(path)}", 1, "links", f"the link {address!r}: {message}")
        written = _as_written(page, address)
        line = line_of_address(page, written or address)
        return Finding(page.shown, line, "links", f"the link {written or address!r}: {message}")

    def _name(self, path: Path) -> str:
        return path.relative_to(self.site).as_posix()


def _as_written(page: ExpectedPage, address: str) -> str | None:
    """The address as the page's text has it, of which MkDocs has made another."""
    wanted = urlsplit(address)
    for link in parts(page.text).links:
        found = urlsplit(link.address)
        if link.address == address:
            return link.address
        if found.fragment == wanted.fragment and not found.scheme:
            stem = PurePosixPath(found.path).stem
            if (not found.path and not wanted.path) or (stem and stem in wanted.path.split("/")):
                return link.address
    return None


@lru_cache(maxsize=4096)
def _cached(path: Path, changed: int) -> tuple[frozenset[str], tuple[str, ...]]:
    reader = _Reader()
    reader.feed(read_text(path, LARGEST_FILE))
    reader.close()
    return frozenset(reader.anchors), tuple(reader.addresses)


def _read(path: Path) -> tuple[frozenset[str], tuple[str, ...]]:
    """The anchors and the addresses of an HTML file."""
    return _cached(path, path.stat().st_mtime_ns)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        for name in ("id", "name"):
            if value := attributes.get(name):
                self.anchors.add(value)
        if tag in _ADDRESSES and (address := attributes.get(_ADDRESSES[tag])):
            self.addresses.append(address.strip())
