"""Scanner: cuts a page into blocks without losing a character.

``"".join(block.text for block in scan(text)) == text`` for any text. Where dialects of Markdown differ, the scanner
reads a page as Python-Markdown with Material's extensions renders it; in particular, a fence is recognized as
``pymdownx.superfences`` does: at any indentation and in quotes, but not in a comment or an indented code block.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from edgedocs.core.lazy import lazy
from edgedocs.pages import rules
from edgedocs.pages.block import Block, BlockKind
from edgedocs.pages.fence import fence_end, opens_fence
from edgedocs.pages.inline import opens_comment
from edgedocs.pages.lines import TAB, indentation, split_lines, without_end

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_TAG = 20
"""Lines; the first tag of an HTML element ends within them."""

LONGEST_FORMULA = 200
"""Lines; so that a formula that nothing closes is not looked for to the end of the page, again and again."""

LONGEST_KEPT = 2**18
"""Characters; the blocks of a longer page are not kept."""


def scan(text: str) -> list[Block]:
    """The blocks of a page, in order, whose texts joined give ``text``.

    Args:
        text: any text; line ends may be LF, CRLF, CR or mixed, and the last line may have none.
    """
    return list(_blocks(text)) if len(text) <= LONGEST_KEPT else _Scanner(text).blocks


@lru_cache(maxsize=8)
def _blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a page, which is asked for several times in a row: as segments, as links, as what is published."""
    return tuple(_Scanner(text).blocks)


@dataclass(frozen=True, slots=True)
class _Holder:
    """A block that holds indented blocks: they are indented by ``least`` columns or more, normally by ``usual``."""

    kind: BlockKind
    least: int
    usual: int


class _Scanner:
    def __init__(self, text: str) -> None:
        self.lines = split_lines(text)
        self.bare = [line.rstrip("\r\n").lstrip(" \t\ufeff") for line in self.lines]
        self.blocks: list[Block] = []
        self.holders: list[_Holder] = []
        self.raw_end = 0
        place = 0
        while place < len(self.lines):
            place = self._next(place)

    @lazy
    def comment_ends(self) -> list[int]:
        """The lines in which a comment may end."""
        return [number for number, line in enumerate(self.lines) if "-->" in line]

    @lazy
    def comment_stops(self) -> list[int]:
        """The lines over which only some comments go on."""
        return [number for number, bare in enumerate(self.bare) if not bare or self._opens_fence(number)]

    def _next(self, place: int) -> int:
        """Add the block that begins at line ``place``; the line after it."""
        if not self.bare[place]:
            end = place + 1
            while end < len(self.lines) and not self.bare[end]:
                end += 1
            return self._add("blank", place, end, 0)
        indent = indentation(self.lines[place])
        if place < self.raw_end and not self._opens_fence(place):
            return self._add("html", place, self._raw_part_end(place), indent)
        if place == 0 and (end := self._front_matter_end()):
            return self._add("front-matter", 0, end, 0)
        if indent < TAB and (end := self._definition_end(place)):
            return end
        self._leave(indent)
        if self._is_code(place, indent):
            return self._add("code", place, self._code_end(place), indent)
        if self._is_single(place):
            return self._add("paragraph", place, place + 1, indent)
        for kind, find_end in _finders(self.bare[place][0]):
            if end := find_end(self, place):
                self._add(kind, place, end, indent)
                self._enter(kind, indent)
                return end
        return self._add("paragraph", place, self._text_end(place), indent)

    def _is_single(self, place: int) -> bool:
        """Whether a line without a mark stands alone: nothing under it makes a heading or a table of it."""
        after = place + 1
        alone = after == len(self.lines) or not self.bare[after]
        return alone and not _is_mark(self.bare[place][0]) and "<!--" not in self.lines[place]

    def _definition_end(self, place: int) -> int:
        """Add an abbreviation or an address that the page defines, which readers do not see: what holds it goes on."""
        if self.bare[place][0] not in "*[":
            return 0
        for kind, rule in _DEFINITIONS:
            if rule.match(self.bare[place]):
                holders = list(self.holders)
                self._leave(indentation(self.lines[place]))
                end = self._add(kind, place, place + 1, indentation(self.lines[place]))
                self.holders = holders
                return end
        return 0

    def _add(self, kind: BlockKind, start: int, end: int, indent: int) -> int:
        inside = tuple([holder.kind for holder in self.holders]) if self.holders else ()
        text = self.lines[start] if end == start + 1 else "".join(self.lines[start:end])
        self.blocks.append(Block(kind, text, start + 1, indent, inside))
        return end

    def _leave(self, indent: int) -> None:
        while self.holders and indent < self.holders[-1].least:
            self.holders.pop()

    def _enter(self, kind: BlockKind, indent: int) -> None:
        if kind in ("admonition", "tab", "footnote"):
            self.holders.append(_Holder(kind, indent + TAB, indent + TAB))
        elif kind in ("list-item", "definition"):
            self.holders.append(_Holder(kind, indent + 1, indent + TAB))

    def _is_code(self, place: int, indent: int) -> bool:
        """Whether an indented code block begins here: text does not run on into one."""
        usual = self.holders[-1].usual if self.holders else 0
        return indent >= usual + TAB and (place == 0 or not self.bare[place - 1] or self._after_code())

    def _after_code(self) -> bool:
        if not self.blocks:
            return False
        usual = self.holders[-1].usual if self.holders else 0
        last = self.blocks[-1]
        return last.kind in ("code", "front-matter") or (last.kind in ("heading", "rule") and last.indent == usual)

    def _code_end(self, place: int) -> int:
        least = (self.holders[-1].usual if self.holders else 0) + TAB
        end = last = place + 1
        while end < len(self.lines):
            if self.bare[end]:
                if indentation(self.lines[end]) < least:
                    break
                last = end + 1
            end += 1
        return last

    def _front_matter_end(self) -> int:
        if not rules.FRONT_MATTER_OPEN.match(without_end(self.lines[0])):
            return 0
        for place in range(1, len(self.lines)):
            if rules.FRONT_MATTER_CLOSE.match(without_end(self.lines[place])):
                return place + 1
        return 0

    def _list_item_end(self, place: int) -> int:
        bare = self.bare[place]
        return self._text_end(place) if rules.BULLET.match(bare) or rules.NUMBER.match(bare) else 0

    def _fence_end(self, place: int) -> int:
        return fence_end(self.lines, place) if self._opens_fence(place) else 0

    def _opens_fence(self, place: int) -> bool:
        return self.bare[place].startswith(("```", "~~~", ">")) and opens_fence(self.lines[place])

    def _comment_end(self, place: int) -> int:
        """The line after a comment that stands alone; one with text after it is part of that text."""
        if not self.bare[place].startswith("<!--"):
            return 0
        end = self._past_comments(place)
        return end if "".join(self.lines[place:end]).rstrip().endswith("-->") else 0

    def _past_comments(self, place: int) -> int:
        """The line after ``place`` or, when a comment opened in it runs on, after the comment."""
        end = place + 1
        rest = self.lines[place]
        if "<!--" not in rest:
            return end
        across = self.bare[place].rfind("<!--") == 0 and indentation(rest) < TAB
        while opens_comment(rest):
            closing = self._comment_closing(end, across)
            if closing < 0:
                break
            rest = self.lines[closing].rpartition("-->")[2]
            end, across = closing + 1, False
        return end

    def _comment_closing(self, place: int, across: bool) -> int:
        """The line, from ``place`` on, in which a comment ends, or -1.

        Only a comment that begins a line, not indented, goes on across blank lines and fences; of another, readers
        may see what follows.
        """
        closing = bisect.bisect_left(self.comment_ends, place)
        if closing == len(self.comment_ends):
            return -1
        stop = bisect.bisect_left(self.comment_stops, place)
        if not across and stop < len(self.comment_stops) and self.comment_stops[stop] < self.comment_ends[closing]:
            return -1
        return self.comment_ends[closing]

    def _include_end(self, place: int) -> int:
        match = rules.INCLUDE.match(self.bare[place])
        if not match:
            return 0
        if match["quote"]:
            return place + 1
        for end in range(place + 1, len(self.lines)):
            if not self.bare[end]:
                return 0
            if self.bare[end].rstrip(" \t") == match[0].rstrip(" \t"):
                return end + 1
        return 0

    def _heading_end(self, place: int) -> int:
        if self.bare[place][0] == "#" and rules.HEADING.match(self.bare[place]):
            return place + 1
        after = place + 1
        if (
            after == len(self.lines)
            or self.bare[after][:1] not in _UNDERLINES
            or not rules.UNDERLINE.match(self.bare[after])
        ):
            return 0
        underlined = indentation(self.lines[after]) < TAB and not self._marks_block(place, in_list=True)
        return after + 1 if underlined else 0

    def _html_end(self, place: int) -> int:
        bare = self.bare[place]
        if verbatim := rules.HTML_VERBATIM.match(bare):
            return self._verbatim_end(place, f"</{verbatim['tag'].lower()}")
        if self._begins_raw(place):
            return self._raw_part_end(place)
        if rules.HTML_BLOCK.match(bare) or rules.HTML_ALONE.match(bare):
            return self._run_end(place, self._opens_fence)
        return 0

    def _begins_raw(self, place: int) -> bool:
        """Whether an HTML element begins whose content is no Markdown; to its end, only fences are read.

        One that is never closed takes the rest of the page, as readers see it. One that is indented like the content
        of a list item or an admonition is not told from text.
        """
        if indentation(self.lines[place]) >= TAB:
            return False
        opening = rules.HTML_RAW.match("".join([self.bare[place], *self.lines[place + 1 : place + LONGEST_TAG]]))
        if not opening or rules.MARKDOWN_INSIDE.search(opening["attributes"]):
            return False
        tag = re.compile(rf"<(?P<end>/?){opening['tag']}(?=[\s/>]|$)", re.IGNORECASE)
        depth = 0
        self.raw_end = len(self.lines)
        for end in range(place, len(self.lines)):
            for found in tag.finditer(self.lines[end]):
                depth += -1 if found["end"] else 1
                if depth == 0:
                    self.raw_end = end + 1
                    return True
        return True

    def _raw_part_end(self, place: int) -> int:
        """The line after the HTML from ``place`` on: the end of its outermost element, or the next fence."""
        end = place + 1
        while end < self.raw_end and not self._opens_fence(end):
            end += 1
        return end

    def _verbatim_end(self, place: int, closing: str) -> int:
        end = place
        while end < len(self.lines) and not self._opens_fence(end):
            end += 1
            if closing in self.lines[end - 1].lower():
                break
        return end

    def _quote_end(self, place: int) -> int:
        if not rules.QUOTE.match(self.bare[place]):
            return 0
        return self._run_end(place, self._ends_quote)

    def _ends_quote(self, place: int) -> bool:
        if rules.QUOTE.match(self.bare[place]):
            return self._opens_fence(place)
        return self._marks_block(place, in_list=False)

    def _table_end(self, place: int) -> int:
        bare = self.bare[place]
        if "|" in bare and place + 1 < len(self.lines) and rules.is_table(bare, self.bare[place + 1]):
            return self._run_end(place, lambda end: end > place + 1 and self._opens_fence(end))
        return 0

    def _math_end(self, place: int) -> int:
        opening = rules.MATH.match(self.bare[place])
        if not opening:
            return 0
        closing = {"$$": "$$", "\\[": "\\]"}.get(opening[0], "\\end{")
        rest = self.bare[place][opening.end() :]
        for end in range(place, min(place + LONGEST_FORMULA, len(self.lines))):
            if not self.bare[end] or self._opens_fence(end):
                return 0
            _, closed, after = (rest if end == place else self.bare[end]).partition(closing)
            if closed and not (closing == "$$" and end == place and after.strip()):
                return end + 1
        return 0

    def _text_end(self, place: int) -> int:
        """The line after a text that begins at ``place`` and runs to a blank line or the next block."""
        in_list = any(holder.kind == "list-item" for holder in self.holders) or bool(
            rules.BULLET.match(self.bare[place]) or rules.NUMBER.match(self.bare[place])
        )
        return self._run_end(place, lambda end: self._marks_block(end, in_list))

    def _run_end(self, place: int, stops: Callable[[int], bool]) -> int:
        end = self._past_comments(place)
        while end < len(self.lines) and self.bare[end] and not stops(end):
            end = self._past_comments(end)
        return end

    def _marks_block(self, place: int, in_list: bool) -> bool:
        """Whether the line begins a block even right below a text."""
        bare = self.bare[place]
        if not _is_mark(bare[:1]) and "|" not in bare:
            return False
        if any(rule.match(bare) for rule in _interrupting(bare[:1])):
            return True
        number = rules.NUMBER.match(bare)
        return bool(
            (number and (in_list or number["number"] == "1"))
            or (bare[:1] == "<" and (rules.HTML_VERBATIM.match(bare) or rules.HTML_BLOCK.match(bare)))
            or bare.startswith("<!--")
            or (place + 1 < len(self.lines) and rules.is_table(bare, self.bare[place + 1]))
            or self._opens_fence(place)
        )


_DEFINITIONS: tuple[tuple[BlockKind, re.Pattern[str]], ...] = (
    ("abbreviation", rules.ABBREVIATION),
    ("reference", rules.REFERENCE),
)
_INTERRUPTING = (
    ("*+-", rules.BULLET),
    ("#", rules.HEADING),
    ("-*_", rules.RULE),
    ("!?", rules.ADMONITION),
    ("=", rules.TAB),
    (">", rules.QUOTE),
    (":", rules.DEFINITION),
    ("[", rules.FOOTNOTE),
    ("*", rules.ABBREVIATION),
    ("-", rules.INCLUDE),
)
"""What begins even right below a text, with the characters with which it begins."""


def _one_line(rule: re.Pattern[str]) -> Callable[[_Scanner, int], int]:
    return lambda scanner, place: place + 1 if rule.match(scanner.bare[place]) else 0


def _text(rule: re.Pattern[str]) -> Callable[[_Scanner, int], int]:
    return lambda scanner, place: scanner._text_end(place) if rule.match(scanner.bare[place]) else 0


_UNDERLINES = ("=", "-")
_ANY = ""
_DIGIT = "0"
_FINDERS: tuple[tuple[BlockKind, str, Callable[[_Scanner, int], int]], ...] = (
    ("fence", "`~>", _Scanner._fence_end),
    ("comment", "<", _Scanner._comment_end),
    ("include", "-", _Scanner._include_end),
    ("heading", _ANY, _Scanner._heading_end),
    ("rule", "-*_", _one_line(rules.RULE)),
    ("admonition", "!?", _one_line(rules.ADMONITION)),
    ("tab", "=", _one_line(rules.TAB)),
    ("html", "<", _Scanner._html_end),
    ("abbreviation", "*", _one_line(rules.ABBREVIATION)),
    ("footnote", "[", _text(rules.FOOTNOTE)),
    ("reference", "[", _one_line(rules.REFERENCE)),
    ("definition", ":", _text(rules.DEFINITION)),
    ("list-item", "*+-" + _DIGIT, _Scanner._list_item_end),
    ("quote", ">", _Scanner._quote_end),
    ("table", _ANY, _Scanner._table_end),
    ("math", "$\\", _Scanner._math_end),
)
"""For each kind, in order of precedence: the characters with which its first line begins, blanks aside (``0`` for any
digit), and what gives the line after a block, or 0 if none begins there."""

_MARKS = frozenset("#`~>").union(*(first for _, first, _ in _FINDERS))


@lru_cache(maxsize=1024)
def _finders(first: str) -> tuple[tuple[BlockKind, Callable[[_Scanner, int], int]], ...]:
    """What may begin with a line that begins with a character."""
    mark = _DIGIT if first.isdecimal() else first
    return tuple((kind, find_end) for kind, marks, find_end in _FINDERS if marks == _ANY or mark in marks)


@lru_cache(maxsize=1024)
def _interrupting(first: str) -> tuple[re.Pattern[str], ...]:
    """The rules of what may begin right below a text with a line that begins with a character."""
    return tuple(rule for marks, rule in _INTERRUPTING if first and first in marks)


def _is_mark(first: str) -> bool:
    """Whether a line that begins with a character may begin a block right below a text, tables aside."""
    return first in _MARKS or first.isdecimal()
