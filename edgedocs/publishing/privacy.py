"""Privacy: what a built page would ask other hosts for, without a reader's asking."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from selectolax.lexbor import LexborHTMLParser

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


def foreign_addresses(page: LexborHTMLParser) -> list[str]:
    """The addresses on other hosts that a page loads."""
    found: list[str] = []
    for node in page.css(_READ):
        found += _loaded(node.tag or "", {name: value or "" for name, value in node.attributes.items()})
        if node.tag == "style":
            found += foreign_style_addresses(node.text())
    return [address for address in found if urlsplit(address).netloc]


def foreign_style_addresses(css: str) -> list[str]:
    """The addresses on other hosts that a style sheet loads."""
    return _STYLE_ADDRESS.findall(css)


def _loaded(tag: str, attributes: Mapping[str, str]) -> list[str]:
    """The addresses that an element loads, on whatever host."""
    found = foreign_style_addresses(attributes.get("style", ""))
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
