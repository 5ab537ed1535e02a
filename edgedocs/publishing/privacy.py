"""Privacy: what a built page would ask other hosts for, without a reader's asking."""

from __future__ import annotations

import functools
import re
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
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "img": ("src",),
    "input": ("src",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src",),
    "track": ("src",),
    "video": ("src", "poster"),
}
"""The attributes by which an element loads something."""

_LINKS = frozenset(
    {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}
)
_STYLE_ADDRESS = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"'\s)]+)""")
_READ = ", ".join((*_LOADING, "link", "style", "[style]", 'a[data-md-component="source"]'))
"""All elements that may load something."""

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
    from selectolax.lexbor import LexborHTMLParser

    found: list[str] = []
    for node in LexborHTMLParser(html).css(_READ):
        found += _loaded(node.tag or "", {name: value or "" for name, value in node.attributes.items()})
        if node.tag == "style":
            found += _STYLE_ADDRESS.findall(node.text())
    return [address for address in found if urlsplit(address).netloc]


def _loaded(tag: str, attributes: Mapping[str, str]) -> list[str]:
    """The addresses that an element loads, on whatever host."""
    found = _STYLE_ADDRESS.findall(attributes.get("style", ""))
    if tag in _LOADING:
        found += [attributes.get(name, "") for name in _LOADING[tag]]
        sets = attributes.get("srcset", "").split(",")
        found += [entry.split()[0] for entry in sets if entry.strip()]
    if tag == "link" and _LINKS & set(attributes.get("rel", "").lower().split()):
        found.append(attributes.get("href", ""))
    if tag == "a" and attributes.get("data-md-component") == "source":
        found += _repository(attributes)
    return found


def _repository(attributes: Mapping[str, str]) -> list[str]:
    address = attributes.get("href", "")
    return [address] if (urlsplit(address).hostname or "").removeprefix("www.") in _COUNTED else []
