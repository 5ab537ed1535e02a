"""Placing: whether a text, in the place of its source, is read as one block of the same kind."""

from __future__ import annotations

import bisect
from functools import cached_property
from typing import TYPE_CHECKING

from edgedocs.pages.scanner import scan
from edgedocs.translation import front_matter
from edgedocs.translation.normalization import unify_line_ends
from edgedocs.translation.segments import Segment, split

if TYPE_CHECKING:
    from edgedocs.pages.block import Block


_MARKED = frozenset({"list-item", "heading", "fence", "admonition", "tab", "rule"})
"""Kinds that begin a block even right below a text."""

_FOLLOWERS = 2
"""Blocks behind a text that it could take in."""


class Places:
    """The places of a page into which translations come.

    Args:
        source: text of the source.
    """

    def __init__(self, source: str) -> None:
        self.source = unify_line_ends(source)

    @cached_property
    def _blocks(self) -> list[Block]:
        return scan(self.source)

    @cached_property
    def _lines(self) -> list[int]:
        return [block.line for block in self._blocks]

    def fits(self, segment: Segment, text: str) -> bool:
        """Whether ``text`` in place of a segment leaves the page's blocks as they are, but for this one's words."""
        if segment.kind == "front-matter":
            entries = front_matter.entries(f"---\n{segment.place[0]}: {text}".rstrip() + "\n---")
            return [(entry.key, entry.value) for entry in entries] == [(segment.place[0], text.strip())]
        place = bisect.bisect_left(self._lines, segment.line)
        start, end = self._window(place)
        before = "".join(block.text for block in self._blocks[start:place])
        after = "".join(block.text for block in self._blocks[place + 1 : end])
        old = split(before + segment.text + after, "").items
        new = split(before + unify_line_ends(text).rstrip("\n") + ("\n" if after else "") + after, "").items
        number = sum(1 for item in old if item.line < before.count("\n") + 1)
        expected = [item.signature if n == number else _whole(item) for n, item in enumerate(old)]
        found = [item.signature if n == number else _whole(item) for n, item in enumerate(new)]
        same_lines = number < len(new) and isinstance(new[number], Segment)
        return expected == found and same_lines and new[number].text.rstrip("\n") == unify_line_ends(text).rstrip("\n")

    def _window(self, place: int) -> tuple[int, int]:
        """Blocks that decide how one of them is read: from the one that holds it to the second behind it."""
        blocks = self._blocks
        if blocks[place].kind == "html":
            # An element that began far above may go on here.
            return 0, len(blocks)
        start = place
        while start and not self._stands_alone(start):
            start -= 1
        end = place + 1
        followers = 0
        while end < len(blocks) and followers < _FOLLOWERS:
            followers += blocks[end].kind != "blank"
            end += 1
        return start, end

    def _stands_alone(self, place: int) -> bool:
        """Whether a block is read as it is whatever stands before it."""
        block = self._blocks[place]
        begins = block.kind in _MARKED or self._blocks[place - 1].kind == "blank"
        return not block.inside and block.indent == 0 and begins and block.kind not in ("html", "code")


def _whole(item: object) -> tuple[object, ...]:
    return (item.signature, getattr(item, "text", None))  # type: ignore[attr-defined]
