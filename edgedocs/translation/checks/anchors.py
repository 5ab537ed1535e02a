"""Anchors: ids of headings, and links to places of the same page."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from edgedocs.translation.addresses import fragment
from edgedocs.translation.checks.base import Check, Finding
from edgedocs.translation.headings import heading_words, slugs
from edgedocs.translation.inline_parts import parts
from edgedocs.translation.likeness import folded, likeness
from edgedocs.translation.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edgedocs.translation.pairs import PagePair, SegmentPair
    from edgedocs.translation.segments import Outline

_LIST = re.compile(r"\{[^{}\n]*\#(?P<id>[^\s{}#.\"'=]+)[^{}\n]*\}")
_HTML = re.compile(r"\b(?:id|name)\s{0,8}=\s{0,8}[\"']([^\"'\s]+)[\"']", re.IGNORECASE)
_NUMBER = re.compile(r"[-_]\d{1,4}$")
_CLEARLY = 0.15
_GENERATED = ("fn:", "fnref:", "fn-", "top", "__", "user-content")


class Anchors(Check):
    """Headings keep their explicit ids, and in-page links lead to a heading that is there and that the source means.

    A translation may name as an explicit id what the source's heading gets by itself. The anchor that a site makes of
    a translated heading is accepted where it belongs to the same heading.
    """

    name = "anchors"
    severity = "error"
    compares = True

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """An id of a heading that differs."""
        if pair.source.kind != "heading" or "{" not in pair.source.text + pair.target.text:
            return
        old, new = pair.source.identifier, pair.target.identifier
        if old == new or (old is None and new in slugs(heading_words(pair.source.text))):
            return
        if old is None:
            message = f"an id that the source lacks: {new!r}"
            yield self.in_segment(pair, message, "delete it, or use the one that the source's heading gets by itself")
            return
        message = f"the id {old!r} is missing" if new is None else f"the id is {old!r} in the source, {new!r} here"
        yield self.in_segment(pair, message, f"write {{ #{old} }} behind the heading")

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """In-page links that lead nowhere, or elsewhere than those of the source."""
        if pair.source is None or pair.outline is None:
            return
        linked = [one for one in pair.segments if "](#" in one.target.text or "](#" in one.source.text]
        if not linked:
            return
        old, new = _anchors(pair.source.outline), _anchors(pair.outline)
        means = _meanings(pair)
        words = {name: folded(heading_words(h.text)) for h in _headings(pair.outline) for name in _names(h)}
        for one in linked:
            yield from self._links(one, old, new, means)
            yield from self._exchanged(one, words)

    def _links(
        self, pair: SegmentPair, old: frozenset[str], new: frozenset[str], means: dict[str, frozenset[str]]
    ) -> Iterator[Finding]:
        lost, added = Counter(_fragments(pair.source.text)), Counter(_fragments(pair.target.text))
        for name in [*added]:
            both = min(lost[name], added[name])
            if both and name in old and not _is_there(name, new):
                message = f"no heading of this page has the anchor #{name}"
                remedy = "give the heading the id of the source, or link to the anchor that it has"
                yield self.in_segment(pair, message, remedy, line=_line(pair, name))
            lost[name] -= both
            added[name] -= both
        for name in +lost:
            for other in [*(+added)]:
                if other in means.get(name, ()) and _is_there(other, new):
                    both = min(lost[name], added[other])
                    lost[name] -= both
                    added[other] -= both
        for name in +added:
            wanted = ", ".join(f"#{one}" for one in sorted(+lost)) or "none"
            where = "leads to another place" if _is_there(name, new) else "leads nowhere"
            message = f"the in-page link #{name} {where}: {wanted} in the source"
            yield self.in_segment(pair, message, "link to the anchor of the same heading", line=_line(pair, name))

    def _exchanged(self, pair: SegmentPair, words: dict[str, str]) -> Iterator[Finding]:
        """Two links in another order than in the source, each with the words of the other's heading."""
        here = [link for link in parts(pair.target.text).links if fragment(link.address) in words]
        order = {name: place for place, name in enumerate(_fragments(pair.source.text))}
        for first, second in pairwise(link for link in here if link.address.startswith("#")):
            names = fragment(first.address), fragment(second.address)
            if order.get(names[0], 0) <= order.get(names[1], 0):
                continue
            texts = folded(first.text), folded(second.text)
            straight = sum(likeness(text, words[name]) for text, name in zip(texts, names, strict=True))
            crossed = sum(likeness(text, words[name]) for text, name in zip(texts, reversed(names), strict=True))
            if crossed > straight + _CLEARLY:
                message = f"the in-page links #{names[0]} and #{names[1]} seem to be exchanged"
                yield self.in_segment(pair, message, "give each link text its own anchor", line=_line(pair, names[0]))


def _headings(outline: Outline) -> Iterator[Segment]:
    return (segment for segment in outline.segments if segment.kind == "heading")


def _fragments(text: str) -> list[str]:
    return [
        fragment(link.address) for link in parts(text).links if link.address.startswith("#") and len(link.address) > 1
    ]


def _line(pair: SegmentPair, name: str) -> int:
    place = pair.target.text.find(f"#{name}")
    return pair.target.text.count("\n", 0, place) if place > 0 else 0


def _is_there(name: str, anchors: Iterable[str]) -> bool:
    return name in anchors or _NUMBER.sub("", name) in anchors or name.startswith(_GENERATED)


def _anchors(outline: Outline) -> frozenset[str]:
    """All anchors of a page: ids in attribute lists and in HTML, and what its headings get by themselves."""
    found: set[str] = set()
    for item in outline.items:
        if "#" in item.text and "{" in item.text:
            found.update(match["id"] for match in _LIST.finditer(item.text))
        if "<" in item.text:
            found.update(_HTML.findall(item.text))
        if isinstance(item, Segment) and item.kind == "heading":
            found |= _names(item)
    return frozenset(found)


def _meanings(pair: PagePair) -> dict[str, frozenset[str]]:
    """For each anchor of a heading of the source, those of its translation."""
    found: dict[str, frozenset[str]] = {}
    for one in pair.segments:
        if one.source.kind == "heading":
            for name in _names(one.source):
                found[name] = found.get(name, frozenset()) | _names(one.target)
    return found


def _names(heading: Segment) -> frozenset[str]:
    """The explicit id of a heading, or what it may get by itself."""
    return frozenset({heading.identifier}) if heading.identifier else slugs(heading_words(heading.text))


CHECK = Anchors()
