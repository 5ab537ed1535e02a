"""Privacy: what a built page would ask other hosts for, without a reader's asking."""

from __future__ import annotations

import functools
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edgedocs.core.files import read_text
from edgedocs.publishing.memory import Memory, digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LARGEST_FILE = 64 * 2**20
"""Bytes of one page or style sheet."""

_LOADING = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "video": "src",
}
"""The attribute by which an element loads something."""

_LINKS = frozenset(
    {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}
)
_STYLE_ADDRESS = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"'\s)]+)""")
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"""<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>""")
_UNREAD = re.compile(r"<!--.*?-->|(<(?:script|style)\b[^>]*>).*?</(?:script|style)>", re.DOTALL | re.IGNORECASE)
"""Comments, and what stands in scripts and style sheets."""

_COUNTED = ("github.com", "gitlab.com")
"""Hosts that Material asks for the stars of a repository that its header names."""


def foreign_requests(site: Path, memory: Memory | None = None) -> dict[str, str]:
    """The addresses on other hosts that pages and style sheets of a built site load, each with a file that does.

    Args:
        site: the site's folder.
        memory: what earlier builds found in the same pages.
    """
    memory = memory or Memory()
    found: dict[str, str] = {}
    for path in sorted(site.rglob("*")):
        if path.suffix in (".html", ".css") and path.is_file():
            text = read_text(path, LARGEST_FILE)
            read = of_page if path.suffix == ".html" else _STYLE_ADDRESS.findall
            addresses = memory.recall(digest("addresses", path.suffix, text), functools.partial(read, text))
            for address in addresses:
                found.setdefault(address, path.relative_to(site).as_posix())
    return found


def of_page(html: str) -> list[str]:
    """The addresses on other hosts that a page loads."""
    styles = [address for style in _STYLE.findall(html) for address in _STYLE_ADDRESS.findall(style)]
    reader = _Reader()
    for tag in _TAG.findall(_UNREAD.sub(r"\1", html)):
        if "//" in tag:  # few have an address, and reading all would take as long as building the page
            reader.feed(tag)
    return [address for address in [*reader.found, *styles] if urlsplit(address).netloc]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in _LOADING:
            self.found.append(attributes.get(_LOADING[tag], ""))
            sets = attributes.get("srcset", "").split(",")
            self.found += [entry.split()[0] for entry in sets if entry.strip()]
        if tag == "link" and _LINKS & set(attributes.get("rel", "").lower().split()):
            self.found.append(attributes.get("href", ""))
        if tag == "a" and attributes.get("data-md-component") == "source":
            self.found += _repository(attributes)
        self.found += _STYLE_ADDRESS.findall(attributes.get("style", ""))


def _repository(attributes: Mapping[str, str]) -> list[str]:
    address = attributes.get("href", "")
    return [address] if (urlsplit(address).hostname or "").removeprefix("www.") in _COUNTED else []
