"""Origins: which file, and which of its lines, a part of the built site comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgedocs.translation.inline_parts import parts

if TYPE_CHECKING:
    from edgedocs.publishing.expected import ExpectedPage

_HTML_ADDRESS = re.compile(r"""\b(?:href|src)\s*=\s*["']([^"']+)["']""")
_REFERENCE = re.compile(r"^[ ]{0,3}\[[^\]]+\]:\s*(\S+)", re.MULTILINE)


def line_of_address(page: ExpectedPage, address: str) -> int:
    """The line of a page's file that has a link or a picture with this address, or its first line of text.

    Args:
        page: the page.
        address: as the page writes it.
    """
    text = page.text
    places = [link.start for link in parts(text).links if link.address == address and not link.reference]
    places += [match.start(1) for match in _HTML_ADDRESS.finditer(text) if match[1] == address]
    places += [match.start(1) for match in _REFERENCE.finditer(text) if match[1].strip("<>") == address]
    place = min(places, default=0)
    return page.lines_before + 1 + text.count("\n", 0, place)
