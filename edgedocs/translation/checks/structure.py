"""Structure: pieces that the translation lacks, has more or has otherwise, and markup within a piece that broke."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from edgedocs.pages.inline import without_code_spans
from edgedocs.pages.scanner import scan
from edgedocs.translation.checks.base import Check, Finding
from edgedocs.translation.inline_parts import blanked, parts
from edgedocs.translation.segments import SILENT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import PagePair, SegmentPair
    from edgedocs.translation.structure import Difference

_REMEDY = "give the translation the pieces of the source, in its order"
_MANY = 4
"""Pieces missing in a row that are told together."""

_LISTED = 8
_OPENING = re.compile(r"[ \t]*(?P<mark>!!!|\?\?\?\+?|===[+!]*)[ \t]*(?P<types>[\w\- \t]*)(?P<title>\"[^\n]*\")?")
_TASK = re.compile(r"[ \t>]*(?:[*+-]|\d{1,9}[.)])[ \t]+\[(?P<state>[ xX])\]")
_NUMBERED = re.compile(r"[ \t>]*\d{1,9}[.)][ \t]")
_RULE_LINE = re.compile(r"[ \t>|:-]+$")
_ABBREVIATION = re.compile(r"[ \t]*\*\[([^\]\n]+)\]:")


def _opens_comment(text: str) -> bool:
    """Whether a comment begins, outside code, that does not end."""
    if "<!--" not in text:
        return False
    bare = without_code_spans(text)
    return bare.rfind("-->") < bare.rfind("<!--")


class Structure(Check):
    """Headings, paragraphs, list items, tables, admonitions, tabs and front matter are those of the source.

    Within a piece: rows and columns of a table, the box of a task, the kind of an admonition and whether it has a
    title, HTML tags, attribute lists, icons.
    """

    name = "structure"
    severity = "error"
    compares = True

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """What pieces differ."""
        found = [d for d in pair.differences if d.check == "structure"]
        for missing, some in groupby(found, key=lambda d: d.line is None):
            group = list(some)
            if missing and len(group) >= _MANY:
                message = f"{len(group)} pieces are missing, from {_what(group[0])} on"
                yield self.in_page(pair, message, "translate them", source_line=group[0].source_line)
                continue
            for d in group:
                yield self.in_page(pair, d.message, _REMEDY, line=d.line, source_line=d.source_line)
        yield from self._abbreviations(pair)

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """What differs within a piece that both have."""
        kind = pair.source.kind
        if kind in ("admonition", "tab"):
            yield from self._opening(pair)
        elif kind == "list-item":
            yield from self._list_item(pair)
        elif kind == "table":
            yield from self._table(pair)
        if _opens_comment(pair.target.text) and not _opens_comment(pair.source.text):
            message = "a comment is opened and not closed: readers do not see what follows"
            yield self.in_segment(pair, message, "close it with -->, or take it out")
        old, new = parts(pair.source.text), parts(pair.target.text)
        if old.tags or new.tags:
            tags = Counter((t.name, t.closing) for t in old.tags), Counter((t.name, t.closing) for t in new.tags)
            lost = tags[0] - tags[1]
            if lost:
                listed = ", ".join(f"<{'/' * closing}{name}>" for name, closing in [*lost][:_LISTED])
                yield self.in_segment(pair, f"HTML tags are missing: {listed}", "repeat the tags of the source")
        yield from self._repeated(pair, "attribute lists", old.attributes, new.attributes)
        yield from self._repeated(pair, "icons", old.icons, new.icons)

    def answer(self, pair: SegmentPair) -> Iterator[Finding]:
        """Whether the text is one piece of the source's kind."""
        if pair.source.kind == "front-matter":
            if "\n" in pair.target.text.strip():
                yield self.in_segment(pair, "several lines in a front-matter value", "write it on one line")
            return
        old, new = _shape(pair.source.text), _shape(pair.target.text)
        if not pair.target.text.strip():
            yield self.in_segment(pair, "the translation is empty", "translate the text")
        elif old != new:
            message = f"the text reads as {_listed(new)}; the source is {_listed(old)}"
            yield self.in_segment(pair, message, "keep the markers and the number of paragraphs of the source")

    def _repeated(self, pair: SegmentPair, what: str, old: list[str], new: list[str]) -> Iterator[Finding]:
        if old == new or (pair.source.kind == "heading" and what == "attribute lists"):
            return
        lost, added = Counter(old) - Counter(new), Counter(new) - Counter(old)
        if lost or added:
            message = f"{what} differ: missing {_names(lost)}, not in the source {_names(added)}"
            yield self.in_segment(pair, message, "repeat those of the source")

    def _opening(self, pair: SegmentPair) -> Iterator[Finding]:
        old, new = _OPENING.match(pair.source.text), _OPENING.match(pair.target.text)
        if old is None or new is None:
            return
        if (old["mark"], old["types"].split()) != (new["mark"], new["types"].split()):
            wanted, got = (f"{m['mark']} {m['types']}".strip() for m in (old, new))
            yield self.in_segment(pair, f"“{wanted}” in the source, “{got}” here", "repeat the words before the title")
        if bool(old["title"]) != bool(new["title"]):
            message = "the title is missing" if old["title"] else "a title that the source lacks"
            yield self.in_segment(pair, message, 'translate the title between the quotation marks: "…"')
        elif old["title"] and old["title"].strip('" ') and not (new["title"] or "").strip('" '):
            yield self.in_segment(pair, "the title is empty", "translate the title")

    def _list_item(self, pair: SegmentPair) -> Iterator[Finding]:
        old, new = _TASK.match(pair.source.text), _TASK.match(pair.target.text)
        states = [(match and match["state"].lower()) for match in (old, new)]
        if states[0] != states[1]:
            yield self.in_segment(pair, "the box of the task is not as in the source", "repeat the box of the source")
        if bool(_NUMBERED.match(pair.source.text)) != bool(_NUMBERED.match(pair.target.text)):
            message = "the list is numbered on one side only"
            yield self.in_segment(pair, message, "use the kind of list that the source has")

    def _table(self, pair: SegmentPair) -> Iterator[Finding]:
        old, new = _cells(pair.source.text), _cells(pair.target.text)
        if len(old) != len(new):
            message = f"{len(old)} lines in the table of the source, {len(new)} here"
            yield self.in_segment(pair, message, "translate each row of the source")
            return
        for number, (source, target) in enumerate(zip(old, new, strict=True)):
            if len(source) != len(target):
                message = f"{len(source)} columns in the source, {len(target)} here"
                yield self.in_segment(pair, message, "translate each cell of the row", line=number)
            elif any(bool(one) != bool(other) for one, other in zip(source, target, strict=True)):
                message = "a cell is empty on one side only"
                yield self.in_segment(pair, message, "translate each cell of the row", line=number)
            elif _RULE_LINE.fullmatch("".join(source)) and _alignments(source) != _alignments(target):
                message = "columns are aligned otherwise than in the source"
                yield self.in_segment(pair, message, "repeat the colons of the source", line=number, severity="warning")

    def _abbreviations(self, pair: PagePair) -> Iterator[Finding]:
        """The abbreviated word of the source, or one that the translated page uses."""
        body = pair.translation.body if pair.translation else ""
        for one in pair.segments:
            if one.source.kind != "abbreviation":
                continue
            old, new = _ABBREVIATION.match(one.source.text), _ABBREVIATION.match(one.target.text)
            if old and new and old[1] != new[1] and body.count(new[1]) < 2:
                message = f"the abbreviation is {old[1]} in the source, {new[1]} here, and the page does not use it"
                yield self.in_segment(one, message, "repeat the abbreviation as the page uses it")


def _shape(text: str) -> list[tuple[str, ...]]:
    """The kinds of the blocks that a text is, if it stood alone."""
    lines = text.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    bare = "\n".join(line[indent:] if not line[:indent].strip() else line for line in lines)
    shape = []
    for block in scan(bare + "\n"):
        if block.kind not in SILENT_KINDS:
            level = str(len(block.text) - len(block.text.lstrip("#"))) if block.kind == "heading" else ""
            shape.append((block.kind, *block.inside, level))
    return shape


def _listed(shape: list[tuple[str, ...]]) -> str:
    kinds = Counter(kind for kind, *_ in shape)
    return " and ".join(f"{count} × {kind}" for kind, count in kinds.items()) or "nothing"


def _names(counted: Counter[str]) -> str:
    return ", ".join(sorted(counted)[:_LISTED]) or "none"


def _what(difference: Difference) -> str:
    return difference.message.removeprefix("missing: ")


def _cells(table: str) -> list[list[str]]:
    """The rows of a table as cells; a bar in code or behind a backslash divides none."""
    bars = blanked(table, parts(table).spans)
    rows = []
    for line, bare in zip(table.split("\n"), bars.split("\n"), strict=True):
        if not bare.strip(" \t>"):
            continue
        marked = re.sub(r"\\.", "  ", bare)
        start = 0
        cells = []
        for place in [place for place, character in enumerate(marked) if character == "|"]:
            cells.append(line[start:place].strip(" \t>"))
            start = place + 1
        cells.append(line[start:].strip())
        if marked.lstrip(" \t>").startswith("|"):
            cells = cells[1:]
        if marked.rstrip().endswith("|"):
            cells = cells[:-1]
        rows.append(cells)
    return rows


def _alignments(cells: list[str]) -> list[tuple[bool, bool]]:
    return [(cell.startswith(":"), cell.endswith(":")) for cell in cells]


CHECK = Structure()
