"""Splicing: putting texts of single segments into a page, every other byte of which stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgedocs.pages.lines import split_lines
from edgedocs.pages.scanner import scan
from edgedocs.translation import front_matter
from edgedocs.translation.alignment import align
from edgedocs.translation.normalization import digest, unify_line_ends
from edgedocs.translation.segments import SILENT_KINDS, Fixed, Outline, Segment, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Splice:
    """A text to put in.

    Args:
        source: the segment that it translates.
        target: the segment in whose place it comes; None if the page has none yet.
        text: the text as :func:`place_text` gives it.
    """

    source: Segment
    target: Segment | None
    text: str


@dataclass(frozen=True)
class Spliced:
    """The result.

    Args:
        body: the page.
        origins: for each of its segments, in order, the splice or the segment that it was before.
    """

    body: str
    origins: tuple[Segment | Splice, ...]


def bare_text(segment: Segment) -> str:
    """The text as people are given it: without the indentation that all its lines have, and without its line end."""
    prefix = _prefix(segment)
    lines = [line.removeprefix(prefix) for line in split_lines(segment.text)]
    return "".join(lines).removesuffix("\n")


def place_text(text: str, like: Segment) -> str:
    """The opposite of :func:`bare_text`: whole lines, indented as another segment is, with line feeds."""
    lines = split_lines(unify_line_ends(text))
    prefix = _prefix(like)
    placed = "".join(line if not line.strip() else prefix + line for line in lines)
    return placed + "\n" if like.text.endswith("\n") else placed


def _prefix(segment: Segment) -> str:
    if segment.kind == "front-matter":
        return ""
    lines = [line for line in split_lines(segment.text) if line.strip()]
    prefix = lines[0][: len(lines[0]) - len(lines[0].lstrip(" \t"))] if lines else ""
    return prefix if all(line.startswith(prefix) for line in lines) else ""


def splice(
    source: tuple[str, Outline],
    page: tuple[str, Outline],
    targets: Mapping[int, Segment],
    splices: Sequence[Splice],
) -> Spliced | None:
    """Put texts into a page.

    Args:
        source: text and outline of the source; a text that the page does not have yet comes where it has it.
        page: text and outline of the page.
        targets: the page's segments by the lines of the segments that they translate.
        splices: at most one for each segment.

    Returns:
        The new page; None if it would be read otherwise than as the old one with these texts, for example because a
        text is another kind of block than its source.
    """
    newline = "\r\n" if "\r\n" in page[0] else "\n"
    pieces = list(_cut(*page))
    replaced = {s.target.line: s for s in splices if s.target is not None}
    for piece in pieces:
        if isinstance(piece.item, Segment) and piece.item.line in replaced:
            piece.origin = replaced.pop(piece.item.line)
            piece.text = piece.origin.text.replace("\n", newline)
    if replaced:
        return None
    missing = {s.source.line: s for s in splices if s.target is None}
    if any(s.source.kind == "front-matter" for s in missing.values()):
        return None
    if missing:
        places = _places(pieces, source[1], page[1], targets)
        pieces = list(_inserted(pieces, list(_cut(*source)), places, missing, newline))
    body = "".join(piece.text for piece in pieces)
    origins = [piece.origin for piece in pieces if piece.origin is not None]
    new = split(body, "")
    if [_expected(origin) for origin in origins] != [_found(item) for item in new.items]:
        return None
    return Spliced(body, tuple(origin for origin in origins if not isinstance(origin, Fixed)))


@dataclass
class _Piece:
    """A part of a page; the texts of all parts joined are the page.

    Args:
        text: as it stands in the file.
        item: the segment or fixed piece that it is; None if it is neither.
        last: number of the last part of its block: a front matter is cut into several.
    """

    text: str
    item: Segment | Fixed | None = None
    last: int = 0
    origin: Segment | Fixed | Splice | None = field(init=False)

    def __post_init__(self) -> None:
        self.origin = self.item


def _cut(text: str, outline: Outline) -> Iterator[_Piece]:
    """The parts of a page, with the items of its outline."""
    items = iter(outline.items)
    number = 0
    for block in scan(text):
        if block.kind == "front-matter":
            parts = list(_cut_front_matter(block.text, items))
        else:
            parts = [_Piece(block.text, None if block.kind in SILENT_KINDS else next(items))]
        number += len(parts)
        for part in parts:
            part.last = number - 1
            yield part


def _cut_front_matter(text: str, items: Iterator[Segment | Fixed]) -> Iterator[_Piece]:
    lines = split_lines(text)
    unified = [line.rstrip("\r\n") for line in lines]
    place = 0
    for entry in front_matter.entries(unify_line_ends(text)):
        item = next(items)
        count = entry.text.count("\n") + 1
        yield _Piece("".join(lines[place : entry.offset]))
        place = entry.offset + count
        own = "".join(lines[entry.offset : place])
        if isinstance(item, Fixed) or "\n".join(unified[entry.offset : place]) != entry.text:
            # A comment in the middle of a value: it can be kept, but not taken apart.
            yield _Piece(own, item)
            continue
        start = own.index(":") + 1
        start += len(own[start:]) - len(own[start:].lstrip())
        end = max(start, len(own.rstrip()))
        yield _Piece(own[:start])
        yield _Piece(own[start:end], item)
        yield _Piece(own[end:])
    yield _Piece("".join(lines[place:]))


@dataclass
class _Run:
    """Texts that come one after another.

    Args:
        parts: the texts, with blank lines as they part them in the source.
        following: the blank lines after the last; None if the source ends there.
    """

    parts: list[_Piece]
    following: str | None


def _inserted(
    pieces: Sequence[_Piece],
    source: Sequence[_Piece],
    places: Mapping[int, int],
    missing: Mapping[int, Splice],
    newline: str,
) -> Iterator[_Piece]:
    """The parts of the page with the texts that it lacks, each after what it follows in the source.

    Args:
        pieces: parts of the page.
        source: parts of the source.
        places: numbers of parts of the page, by the lines of the source's items that they translate or repeat.
        missing: what to put in, by the lines of the source's segments.
        newline: line end of the page.
    """
    runs = _runs(pieces, source, places, missing, newline)
    ended = True
    replaced = -1
    for number in range(-1, len(pieces)):
        if number >= 0 and number != replaced:
            yield pieces[number]
            ended = not pieces[number].text or pieces[number].text.endswith(("\n", "\r"))
        if number not in runs:
            continue
        if not ended:
            yield _Piece(newline)
        yield from runs[number].parts
        following = runs[number].following
        if following is not None:
            yield _Piece(following)
            if number + 1 < len(pieces) and _is_blank(pieces[number + 1]):
                replaced = number + 1


def _runs(
    pieces: Sequence[_Piece],
    source: Sequence[_Piece],
    places: Mapping[int, int],
    missing: Mapping[int, Splice],
    newline: str,
) -> dict[int, _Run]:
    """What to put in, by the number of the part of the page after which it comes; -1 for the top."""
    runs: dict[int, _Run] = {}
    anchor = -1
    last = max((number for number, piece in enumerate(source) if piece.item is not None), default=-1)
    for number, piece in enumerate(source):
        if piece.item is None:
            continue
        if piece.item.line in places:
            anchor = pieces[places[piece.item.line]].last
        elif piece.item.line in missing:
            new = _Piece(missing[piece.item.line].text.replace("\n", newline))
            new.origin = missing[piece.item.line]
            run = runs.setdefault(anchor, _Run([], None))
            if run.parts or anchor >= 0:
                run.parts.append(_Piece(_blanks(source, number - 1, -1).replace("\n", newline)))
            run.parts.append(new)
            run.following = None if number == last else _blanks(source, number + 1, 1).replace("\n", newline)
    return runs


def _is_blank(piece: _Piece) -> bool:
    return piece.item is None and not piece.text.strip()


def _blanks(pieces: Sequence[_Piece], number: int, step: int) -> str:
    """The blank lines beside a part of the source, going by ``step``; comments there are passed over."""
    while 0 <= number < len(pieces) and pieces[number].item is None:
        if _is_blank(pieces[number]):
            return unify_line_ends(pieces[number].text)
        number += step
    return ""


def _places(pieces: Sequence[_Piece], source: Outline, page: Outline, targets: Mapping[int, Segment]) -> dict[int, int]:
    """Numbers of the parts of a page, by the lines of the source's items that they translate or repeat."""
    numbers = {piece.item.line: number for number, piece in enumerate(pieces) if piece.item is not None}
    repeated = align([item.signature for item in source.fixed], [item.signature for item in page.fixed])
    fixed = {source.fixed[left].line: numbers[page.fixed[right].line] for left, right in repeated}
    return fixed | {line: numbers[target.line] for line, target in targets.items()}


def _expected(origin: Segment | Fixed | Splice) -> tuple[str, ...]:
    if isinstance(origin, Splice):
        return (*origin.source.signature, digest(origin.text))
    return _found(origin)


def _found(item: Segment | Fixed) -> tuple[str, ...]:
    return item.signature if isinstance(item, Fixed) else (*item.signature, item.digest)
