"""Links: addresses of links and images, compared as multisets."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from itertools import combinations
from typing import TYPE_CHECKING

from edgedocs.translation import addresses
from edgedocs.translation.checks.base import Check, Finding
from edgedocs.translation.inline_parts import InlineParts, parts
from edgedocs.translation.likeness import folded, likeness
from edgedocs.translation.segments import Fixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.inline_parts import Link
    from edgedocs.translation.pairs import PageContext, PagePair, SegmentPair

_ATTRIBUTE = re.compile(
    r"""\b(?:href|src|srcset|poster)\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_DEFINITION = re.compile(r"[ \t>]*\[([^\]]+)\]:[ \t]*<?([^\s>]+)>?")
_LISTED = 5
_FEW = 12
"""Links of a segment beyond which no pairs are set against each other: those of a long table, say."""

_CLEARLY = 0.15


class Links(Check):
    """A segment's links and images lead where those of its source lead; their order is free.

    Relative addresses may be rewritten for the folder of the translation. In-page links are counted here, and
    looked up by the check of anchors.
    """

    name = "links"
    severity = "error"
    compares = True

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """Addresses that are missing, new, broken or exchanged."""
        old, new = parts(pair.source.text), parts(pair.target.text)
        if not old.has_markup and not new.has_markup:
            return
        before, after = _addresses(old), _addresses(new)
        if before != after:
            lost, added = _leftover(pair.context, before, after)
            yield from self._differences(pair, lost, added)
            if lost or added:
                return
        if len(new.links) > 1:
            yield from self._exchanged(pair, old, new)

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """Addresses behind labels (``[label]: address``) that differ."""
        if pair.source is None or pair.outline is None:
            return
        old = _definitions(pair.source.outline.fixed)
        new = _definitions(pair.outline.fixed)
        for label, (address, line) in old.items():
            if label not in new:
                message = f"the address of [{label}] is missing"
                yield self.in_page(pair, message, "repeat the line of the source", source_line=line)
            elif not addresses.is_same(pair.context, address, new[label][0]):
                message = f"[{label}] leads to {_short(address)} in the source, to {_short(new[label][0])} here"
                remedy = "repeat the address of the source"
                yield self.in_page(pair, message, remedy, line=new[label][1], source_line=line)
        for label in new.keys() - old.keys():
            message = f"an address that the source lacks: [{label}]: {_short(new[label][0])}"
            yield self.in_page(pair, message, "delete it", line=new[label][1])

    def _differences(self, pair: SegmentPair, lost: Counter[str], added: Counter[str]) -> Iterator[Finding]:
        remedy = "give each link and image the address that the source has"
        if lost and added:
            message = f"addresses differ: {_listed(lost)} in the source, {_listed(added)} here"
            yield self.in_segment(pair, message, remedy, line=_line_of(pair, added))
        elif lost:
            yield self.in_segment(pair, f"links are missing: {_listed(lost)}", remedy)
        elif added:
            message = f"links that the source lacks: {_listed(added)}"
            yield self.in_segment(pair, message, "delete them", line=_line_of(pair, added))

    def _exchanged(self, pair: SegmentPair, old: InlineParts, new: InlineParts) -> Iterator[Finding]:
        """Links whose texts say that each leads where the other should."""
        ours = _unique(new.links)
        both = [(link, ours[link.address]) for link in _unique(old.links).values() if link.address in ours]
        if not 2 <= len(both) <= _FEW:
            return
        for (first, first_here), (second, second_here) in combinations(both, 2):
            if (first.start < second.start) == (first_here.start < second_here.start):
                continue
            straight = _likeness(pair.context, first, first_here) + _likeness(pair.context, second, second_here)
            crossed = _likeness(pair.context, first, second_here) + _likeness(pair.context, second, first_here)
            if crossed > straight + _CLEARLY:
                message = f"the addresses {_short(first.address)} and {_short(second.address)} seem to be exchanged"
                yield self.in_segment(pair, message, "give each link text its own address")


def _addresses(found: InlineParts) -> list[str]:
    listed = [link.address.casefold() if link.reference else link.address for link in found.links]
    listed += found.autolinks
    for tag in found.tags:
        if "=" in tag.text:
            listed += [unescape(a or b or c) for a, b, c in _ATTRIBUTE.findall(tag.text)]
    return listed


def _leftover(context: PageContext, old: list[str], new: list[str]) -> tuple[Counter[str], Counter[str]]:
    """Addresses of each side that lead nowhere the other side leads."""
    lost, added = Counter(old) - Counter(new), Counter(new) - Counter(old)
    if not lost or not added:
        return lost, added
    for address in [*added.elements()][:200]:
        for candidate in lost:
            if lost[candidate] > 0 and addresses.is_same(context, candidate, address):
                lost[candidate] -= 1
                added[address] -= 1
                break
    return +lost, +added


def _definitions(fixed: tuple[Fixed, ...]) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for piece in fixed:
        if piece.kind == "reference" and (match := _DEFINITION.match(piece.text)):
            found.setdefault(match[1].casefold(), (match[2], piece.line))
    return found


def _unique(links: list[Link]) -> dict[str, Link]:
    counted = Counter(link.address for link in links)
    return {link.address: link for link in links if counted[link.address] == 1 and not link.image}


def _likeness(context: PageContext, source: Link, target: Link) -> float:
    """How much a link text looks like the translation of another, from 0 to 1, by what both languages write alike."""
    old, new = folded(source.text), folded(target.text)
    if not old or not new:
        return 0.0
    known = [term for term in context.glossary if term.term.casefold() in source.text.casefold()]
    if any(folded(term.translation)[:5] in new for term in known if len(term.translation) > 3):
        return 1.0
    return likeness(old, new)


def _line_of(pair: SegmentPair, added: Counter[str]) -> int:
    place = pair.target.text.find(next(iter(added)))
    return pair.target.text.count("\n", 0, place) if place > 0 else 0


def _short(address: str) -> str:
    return address if len(address) <= 100 else f"{address[:97]}…"


def _listed(found: Counter[str]) -> str:
    names = sorted(found)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(map(_short, names[:_LISTED])) + more


CHECK = Links()
