"""Structure: what a translation must have in common with its source, whatever the words."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from edgedocs.translation.alignment import Gap, align, gaps
from edgedocs.translation.headings import heading_words, slugs
from edgedocs.translation.segments import Fixed, Outline, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Difference:
    """A place where source and translation differ and must not.

    Args:
        check: ``structure``, ``fixed``, ``facts`` or ``anchor``.
        message: what differs.
        source_line: line in the source, None if it has nothing there.
        line: line in the translation, None if it has nothing there.
        source: the piece of the source, if the difference is one of pieces.
        target: the piece of the translation, likewise.
    """

    check: str
    message: str
    source_line: int | None
    line: int | None
    source: Segment | Fixed | None = field(default=None, repr=False, compare=False)
    target: Segment | Fixed | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return f"source {_place(self.source_line)}, translation {_place(self.line)}: {self.message}"

    def as_dict(self) -> dict[str, str | int | None]:
        """The difference as JSON-ready data."""
        return {"check": self.check, "message": self.message, "source_line": self.source_line, "line": self.line}


def _place(line: int | None) -> str:
    return "—" if line is None else f"line {line}"


def compare(source: Outline, translation: Outline) -> list[Difference]:
    """All differences between a page and what is to be its translation, in order.

    Facts and ids are compared only when the pieces correspond one to one; before, a pair would be a guess.
    """
    differences = list(_pieces(source.items, translation.items))
    if differences:
        return differences
    pairs = zip(source.segments, translation.segments, strict=True)
    return [difference for pair in pairs for difference in compare_segments(*pair)]


def compare_fixed(source: Outline, translation: Outline) -> list[Difference]:
    """The differences between the fixed pieces alone."""
    return list(_pieces(source.fixed, translation.fixed))


def compare_items(source: Items, translation: Items) -> Iterator[Difference]:
    """The differences between pieces: what one side has more, or has otherwise than a translation may."""
    yield from _pieces(source, translation)


def compare_segments(source: Segment, translation: Segment) -> Iterator[Difference]:
    """Where a segment's facts or its id are not those of its source."""
    lines = source.line, translation.line
    if source.facts != translation.facts:
        lost = _listed(source.facts - translation.facts)
        added = _listed(translation.facts - source.facts)
        yield Difference("facts", f"facts differ: missing {lost}, not in the source {added}", *lines)
    if source.identifier != translation.identifier and not _names_the_same(source, translation):
        message = f"heading ids differ: {source.identifier!r} in the source, {translation.identifier!r} here"
        yield Difference("anchor", message, *lines)


def _names_the_same(source: Segment, translation: Segment) -> bool:
    """Whether the translation says as an explicit id what the source's heading has of itself."""
    return source.identifier is None and translation.identifier in slugs(heading_words(source.text))


def _listed(facts: dict[str, int]) -> str:
    return ", ".join(sorted(facts)) or "none"


Items = tuple[Segment | Fixed, ...] | tuple[Fixed, ...]


def _pieces(source: Items, translation: Items) -> Iterator[Difference]:
    pairs = align([item.signature for item in source], [item.signature for item in translation])
    for gap in gaps(pairs, len(source), len(translation)):
        yield from _in_gap(gap, source, translation)


def _in_gap(gap: Gap, source: Items, translation: Items) -> Iterator[Difference]:
    """What differs between two pairs: pieces of one kind are set against each other, then the others in order."""
    old, new = source[gap.old.start : gap.old.stop], translation[gap.new.start : gap.new.stop]
    pairs = align([_kind(item) for item in old], [_kind(item) for item in new])
    found = [_difference(old[left], new[right]) for left, right in pairs]
    for rest in gaps(pairs, len(old), len(new)):
        for left, right in zip_longest(rest.old, rest.new):
            if right is None:
                message = f"missing: {_described(old[left])}"
                found.append(Difference(_check(old[left]), message, old[left].line, None, old[left]))
            elif left is None:
                message = f"not in the source: {_described(new[right])}"
                found.append(Difference(_check(new[right]), message, None, new[right].line, None, new[right]))
            else:
                found.append(_difference(old[left], new[right]))
    yield from sorted(found, key=lambda difference: (difference.source_line or 0, difference.line or 0))


def _kind(item: Segment | Fixed) -> tuple[bool, str]:
    return isinstance(item, Fixed), item.kind


def _difference(source: Segment | Fixed, translation: Segment | Fixed) -> Difference:
    if isinstance(source, Fixed) and isinstance(translation, Fixed) and source.kind == translation.kind:
        number, expected, found = _first_unequal_line(source.text, translation.text)
        message = f"{source.kind} must be the same: {_shortened(expected)} in the source, {_shortened(found)} here"
        return Difference("fixed", message, source.line + number, translation.line + number, source, translation)
    message = f"{_described(source)} in the source, {_described(translation)} here"
    check = "fixed" if isinstance(source, Fixed) and isinstance(translation, Fixed) else "structure"
    return Difference(check, message, source.line, translation.line, source, translation)


def _first_unequal_line(source: str, translation: str) -> tuple[int, str | None, str | None]:
    old, new = source.split("\n"), translation.split("\n")
    for number in range(max(len(old), len(new))):
        expected = old[number] if number < len(old) else None
        found = new[number] if number < len(new) else None
        if expected != found:
            return number, expected, found
    raise AssertionError("fixed pieces with the same text are aligned")


def _shortened(line: str | None) -> str:
    if line is None:
        return "nothing"
    return repr(line if len(line) <= 80 else f"{line[:80]}…")


def _check(item: Segment | Fixed) -> str:
    return "fixed" if isinstance(item, Fixed) else "structure"


def _described(item: Segment | Fixed) -> str:
    if isinstance(item, Fixed):
        return f"{item.kind} {_shortened(item.text.split(chr(10))[0])}"
    level = f" of level {item.place[-1]}" if item.kind == "heading" else ""
    return f"{item.kind}{level} “{item.words}”"
