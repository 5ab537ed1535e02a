"""Assembling: a translated page in the order and layout of its source, from the texts of its segments.

Code, includes, blank lines and comments come from the source. What only the translation has and a person may have
written, segments and comments, stays next to what stood before it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgedocs.core.errors import EdgeDocsError
from edgedocs.pages.lines import dedent, indentation, split_lines
from edgedocs.pages.scanner import scan
from edgedocs.translation import front_matter
from edgedocs.translation.alignment import align
from edgedocs.translation.normalization import digest, unify_line_ends
from edgedocs.translation.segments import FIXED_KINDS, SILENT_KINDS, Fixed, Segment, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edgedocs.pages.block import Block
    from edgedocs.translation.records import Record
    from edgedocs.translation.segments import Outline


class NotAssembled(EdgeDocsError):  # noqa: N818 - it says what became of the page
    """The texts, put together, would be read as other segments than those that were put in: nothing was written."""

    exit_code = 1


@dataclass(frozen=True)
class Piece:
    """The translation of a segment.

    Args:
        text: as it stands in the page.
        record: what is remembered of it.
    """

    text: str
    record: Record


@dataclass(frozen=True)
class Assembled:
    """The page.

    Args:
        body: without header and records.
        records: one for each segment that has one, in the order of the page.
    """

    body: str
    records: tuple[Record, ...]


class _Attempt(enum.Enum):
    """How what is kept is set among the blocks of the source."""

    AS_IT_WAS = "between the blank lines that it had"
    APART = "between blank lines"
    FLUSH = "and without its indentation, for what held it may be gone"


@dataclass
class _Part:
    """A part of the new page: a block, or something of the old page that is kept after one.

    Args:
        text: whole lines.
        block: of the source.
        items: what the part is expected to be read as.
        records: of its segments.
        kept: whether it is kept from the old page.
    """

    text: str
    block: Block | None
    items: list[tuple[str, ...]]
    records: list[Record]


@dataclass(frozen=True)
class Kept:
    """A block of the old page that the source does not have and that stays.

    Args:
        text: whole lines.
        segment: what it is; None for a comment.
        record: what is remembered of it, None if nothing.
        before: whether a blank line is before it.
        after: whether a blank line is after it.
        anchor: line of the source's block after which it comes; 0 for the top.
    """

    text: str
    segment: Segment | None
    record: Record | None
    before: bool
    after: bool
    anchor: int


def assemble(source: str, outline: Outline, pieces: Mapping[int, Piece], kept: Sequence[Kept], where: str) -> Assembled:
    """Put a page together.

    Args:
        source: text of the source.
        outline: its segments and fixed pieces.
        pieces: the translation of each, by the line on which the segment starts.
        kept: what else stays, in order.
        where: path of the page, for messages.

    Raises:
        NotAssembled: if the page would not be read as these pieces.
    """
    values = [extra for extra in kept if extra.segment and extra.segment.kind == "front-matter"]
    kept = [extra for extra in kept if extra not in values]
    parts = list(_parts(unify_line_ends(source), outline, pieces))
    if values:
        _add_values(parts, values)
    for attempt in _Attempt:
        whole = list(_with_kept(parts, kept, attempt))
        body = "".join(part.text for part in whole)
        expected = [item for part in whole for item in part.items]
        if _matches(expected, body, where):
            return Assembled(body, tuple(record for part in whole for record in part.records))
        if not kept:
            break
    raise NotAssembled(
        "the translations, put together, would not be read as the segments that they are",
        where=where,
        expected="each translation to be one block of the kind of its source",
        remedy="nothing was written; put this page together by hand, then run `edgedocs translate record`",
    )


def _parts(source: str, outline: Outline, pieces: Mapping[int, Piece]) -> Iterator[_Part]:
    items = {item.line: item for item in outline.items}
    blocks = scan(source)
    for block in blocks:
        if block.kind in SILENT_KINDS:
            yield _Part(block.text, block, [], [])
        elif block.kind == "front-matter":
            yield _front_matter(block, items, pieces)
        elif block.kind in FIXED_KINDS:
            yield _Part(block.text, block, [items[block.line].signature], [])
        else:
            piece = pieces[block.line]
            text = unify_line_ends(piece.text).rstrip("\n")
            text += "\n" if block.text.endswith("\n") or block is not blocks[-1] else ""
            yield _Part(text, block, [(*items[block.line].signature, digest(piece.text))], [piece.record])


def _front_matter(block: Block, items: Mapping[int, Segment | Fixed], pieces: Mapping[int, Piece]) -> _Part:
    lines = block.text.split("\n")
    part = _Part("", block, [], [])
    out: list[str] = []
    place = 0
    for entry in front_matter.entries(block.text):
        item = items[block.line + entry.offset]
        if isinstance(item, Fixed):
            part.items.append(item.signature)
            continue
        out += lines[place : entry.offset]
        place = entry.offset
        piece = pieces[item.line]
        out += f"{entry.key}: {piece.text}".rstrip().split("\n")
        for content in entry.text.split("\n"):
            # A comment in the middle of the value goes after it.
            while lines[place] != content:
                out.append(lines[place])
                place += 1
            place += 1
        part.items.append((*item.signature, digest(piece.text)))
        part.records.append(piece.record)
    part.text = "\n".join([*out, *lines[place:]])
    return part


def _add_values(parts: list[_Part], values: Sequence[Kept]) -> None:
    """Add values of front matter that only the translation has, at its end."""
    if not (parts and parts[0].block and parts[0].block.kind == "front-matter"):
        parts.insert(0, _Part("---\n---\n", None, [], []))
    first = parts[0]
    lines = first.text.rstrip("\n").split("\n")
    end = first.text[len(first.text.rstrip("\n")) :]
    for extra in values:
        if extra.segment is not None:
            lines[-1:-1] = f"{extra.segment.place[0]}: {extra.text}".rstrip().split("\n")
            first.items.append((*extra.segment.signature, digest(extra.text)))
            first.records += [extra.record] if extra.record else []
    first.text = "\n".join(lines) + end


def _with_kept(parts: Sequence[_Part], kept: Sequence[Kept], attempt: _Attempt) -> Iterator[_Part]:
    by_anchor: dict[int, list[Kept]] = {}
    for extra in kept:
        by_anchor.setdefault(extra.anchor, []).append(extra)
    top = by_anchor.pop(0, [])
    in_front = not (parts and parts[0].text.startswith("---"))
    if in_front:
        yield from _run(top, attempt, at_top=True, blank_follows=not parts)
    for place, part in enumerate(parts):
        extras = by_anchor.get(part.block.line, []) if part.block else []
        if place == 0 and not in_front:
            extras = [*top, *extras]
        ended = part.text.endswith("\n") or not part.text or not extras
        yield part if ended else replace(part, text=f"{part.text}\n")
        following = parts[place + 1].block if place + 1 < len(parts) else None
        yield from _run(extras, attempt, at_top=False, blank_follows=following is None or following.kind == "blank")


def _run(extras: Sequence[Kept], attempt: _Attempt, *, at_top: bool, blank_follows: bool) -> Iterator[_Part]:
    blank = at_top
    for place, extra in enumerate(extras):
        text = unify_line_ends(extra.text).rstrip("\n") + "\n"
        apart = attempt is not _Attempt.AS_IT_WAS
        if attempt is _Attempt.FLUSH:
            columns = indentation(split_lines(text)[0])
            text = "".join(dedent(line, columns) for line in split_lines(text))
        if (apart or extra.before) and not blank:
            yield _Part("\n", None, [], [])
        items: list[tuple[str, ...]] = [] if extra.segment is None else [("kept", digest(text))]
        record = extra.record and replace(extra.record, target=digest(text))
        yield _Part(text, None, items, [record] if record else [])
        blank = apart or extra.after
        if blank and not (place == len(extras) - 1 and blank_follows):
            yield _Part("\n", None, [], [])


def _matches(expected: Sequence[tuple[str, ...]], body: str, where: str) -> bool:
    found = split(body, where).items
    if len(found) != len(expected):
        return False
    for item, wanted in zip(found, expected, strict=True):
        if isinstance(item, Fixed):
            if item.signature != wanted:
                return False
        elif wanted[0] == "kept":
            if item.digest != wanted[1]:
                return False
        elif (*item.signature, item.digest) != wanted:
            return False
    return True


def kept_blocks(
    source: str,
    body: str,
    first_line: int,
    places: Mapping[int, int],
    keep: Mapping[int, tuple[Segment, Record | None]],
    *,
    comments: bool = True,
) -> list[Kept]:
    """What of an old page stays although the source does not have it.

    Args:
        source: text of the source.
        body: the old page without header, records and footer.
        first_line: line of its file on which it starts.
        places: lines of the source's segments, by the lines of the old page's segments that translate them.
        keep: segments without a source that stay, with what is remembered of them, by their lines.
        comments: whether comments stay that the source does not have.
    """
    old, new = scan(unify_line_ends(body)), scan(unify_line_ends(source))
    fixed = [[b for b in blocks if b.kind in FIXED_KINDS or b.kind == "comment"] for blocks in (old, new)]
    pairs = align(*([(b.kind, b.text.strip()) for b in blocks] for blocks in fixed))
    repeated = {fixed[0][left].line: fixed[1][right].line for left, right in pairs}
    known = {b.text.strip() for b in new if b.kind == "comment"}
    anchor = 0
    found = []
    for place, block in enumerate(old):
        line = block.line + first_line - 1
        added = comments and block.kind == "comment" and block.text.strip() not in known
        if line in keep or added:
            segment, record = keep.get(line, (None, None))
            before = place > 0 and old[place - 1].kind == "blank"
            after = place + 1 == len(old) or old[place + 1].kind == "blank"
            found.append(Kept(block.text, segment, record, before, after, anchor))
        elif line in places:
            anchor = places[line]
        elif block.line in repeated:
            anchor = repeated[block.line]
        elif block.kind == "front-matter":
            anchor = new[0].line if new and new[0].kind == "front-matter" else 0
            found += [
                Kept(segment.text, segment, record, False, False, 0)
                for segment, record in keep.values()
                if segment.kind == "front-matter"
            ]
    return found
