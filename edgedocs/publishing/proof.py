"""Proof: the code blocks that a built site shows are those of the inventory, no more, no fewer and no others."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput, EdgeDocsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from edgedocs.publishing.built import BuiltSite
    from edgedocs.publishing.dom import RenderedBlock
    from edgedocs.publishing.expected import ExpectedBlock, ExpectedPage

_REMEDY = 'write it as a fence of its own, with {shown="REASON"} if it is only to be read'


class ProofError(EdgeDocsError):
    """All differences between what is rendered and what is inventoried, of all pages and languages."""

    exit_code = 1

    def __init__(self, problems: Sequence[EdgeDocsError]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def prove(expected: Mapping[str, ExpectedPage], built: Mapping[str, Path], site: BuiltSite) -> int:
    """Compare the pages of a site with what they must show.

    Args:
        expected: what each page must show, by its path in the staged tree.
        built: the HTML file of each page.
        site: reads them.

    Returns:
        How many code blocks there are, in all pages and languages.

    Raises:
        ProofError: if they differ, or a page was not built.
    """
    problems: list[EdgeDocsError] = []
    count = 0
    for path, page in expected.items():
        if path not in built or not built[path].is_file():
            problems.append(BadInput("the page was not built", where=page.shown, expected=f"a page from {path}"))
            continue
        problems += compare(page, site.page(built[path]).blocks, path)
        count += len(page.blocks)
    if problems:
        raise ProofError(problems)
    return count


def compare(page: ExpectedPage, rendered: Sequence[RenderedBlock], path: str) -> list[BadInput]:
    """What differs between a page's code blocks and those of its HTML: number, order, kind, id, language and text.

    Args:
        page: what must be shown.
        rendered: what is shown, in order.
        path: what messages call the built page.
    """
    return _Comparison(page, path).run(rendered)


@dataclass(frozen=True)
class _Comparison:
    page: ExpectedPage
    path: str

    def run(self, rendered: Sequence[RenderedBlock]) -> list[BadInput]:
        # Footnotes are shown at the end; the numbers say where their blocks stand in the text.
        numbered = sorted((block for block in rendered if block.number is not None), key=_number)
        problems = [self._not_inventoried(block, 1) for block in rendered if block.number is None]
        in_text = [block for block in rendered if block.number is not None and not block.in_footnote]
        for before, after in pairwise(in_text):
            if _number(after) <= _number(before):
                problems.append(self._out_of_order(after))
        return problems + self._differences(list(self.page.blocks), numbered)

    def _differences(self, expected: list[ExpectedBlock], rendered: list[RenderedBlock]) -> list[BadInput]:
        matcher = SequenceMatcher(
            None, [_expected_key(block) for block in expected], [_rendered_key(block) for block in rendered], False
        )
        problems = []
        line = 1
        for tag, first, end, start, stop in matcher.get_opcodes():
            mine, theirs = expected[first:end], rendered[start:stop]
            if tag == "equal":
                for block, shown in zip(mine, theirs, strict=True):
                    problems += self._copies(block, shown)
            else:
                problems += self._unequal(mine, theirs, line)
            line = next((block.line for block in reversed(mine) if block.page == self.page.shown), line)
        return problems

    def _unequal(self, mine: list[ExpectedBlock], theirs: list[RenderedBlock], line: int) -> list[BadInput]:
        """Pair the blocks that are the same but for one thing; report the rest on both sides."""
        problems = []
        left = list(theirs)
        for block in mine:
            twin = next((shown for shown in left if _are_twins(block, shown)), None)
            if twin is None:
                problems.append(self._not_rendered(block))
            else:
                left.remove(twin)
                problems.append(self._differs(block, twin))
        return problems + [self._not_inventoried(shown, line) for shown in left]

    def _copies(self, block: ExpectedBlock, shown: RenderedBlock) -> list[BadInput]:
        if block.copy is None or shown.copy == block.copy:
            return []
        return [
            BadInput(
                f"the copy button of the code block {block.id!r} does not give what is run ({self.path})",
                where=block.place,
                expected="the code of the example, to the byte",
                remedy="look for a plug-in or an extension that changes `data-copy`",
            )
        ]

    def _not_rendered(self, block: ExpectedBlock) -> BadInput:
        return BadInput(
            f"this {block.kind} block is in the inventory and is not rendered ({self.path})",
            where=block.place,
            expected=f"a code block that begins with {_first_line(block.text)!r}",
            remedy="look for a plug-in or an extension that removes code blocks, and for HTML that is not closed",
        )

    def _not_inventoried(self, block: RenderedBlock, after: int) -> BadInput:
        first = _first_line(block.text)
        return BadInput(
            f"a code block is rendered that is not in the inventory, so nothing verifies it ({self.path}): {first!r}",
            where=f"{self.page.shown}:{self._line_of(first, after)}",
            expected="fences alone, each of them in `edgedocs examples list`",
            remedy=_REMEDY,
        )

    def _out_of_order(self, block: RenderedBlock) -> BadInput:
        first = _first_line(block.text)
        return BadInput(
            f"a code block is rendered in another place than the page has it ({self.path}): {first!r}",
            where=f"{self.page.shown}:{self._line_of(first, 1)}",
            expected="the order of the page",
            remedy="look for a plug-in or an extension that moves parts of pages",
        )

    def _differs(self, block: ExpectedBlock, shown: RenderedBlock) -> BadInput:
        what, expected, found = next(
            (name, mine, theirs)
            for name, mine, theirs in (
                ("kind", block.kind, shown.kind),
                ("language", block.language, shown.language),
                ("id", block.id, shown.id),
                ("text", normalized(block.text), normalized(shown.text)),
            )
            if mine != theirs
        )
        if what == "text":
            expected, found = _first_difference(str(expected), str(found))
        return BadInput(
            f"the {what} of this {block.kind} block is rendered as {found!r} ({self.path})",
            where=block.place,
            expected=f"{expected!r}, as in the inventory",
            remedy="look for a plug-in or an extension that changes code blocks",
        )

    def _line_of(self, first: str, after: int) -> int:
        """The line of the page's file that a rendered block begins with, looked for from a line on."""
        lines = self.page.text.splitlines()
        start = max(after - self.page.lines_before - 1, 0)
        for numbers in (range(start, len(lines)), range(start)):
            for number in numbers:
                if first and first.strip() in lines[number]:
                    return number + 1 + self.page.lines_before
        return after


def normalized(text: str) -> str:
    """A block's text without what Markdown does not keep: blank lines at both ends, and blanks on blank lines."""
    lines = [line if line.strip() else "" for line in text.split("\n")]
    return "\n".join(lines).strip("\n")


def _expected_key(block: ExpectedBlock) -> tuple[str | None, ...]:
    return (block.kind, block.language, block.id, normalized(block.text))


def _rendered_key(block: RenderedBlock) -> tuple[str | None, ...]:
    return (block.kind, block.language, block.id, normalized(block.text))


def _are_twins(block: ExpectedBlock, shown: RenderedBlock) -> bool:
    same_text = normalized(block.text) == normalized(shown.text)
    return same_text or (block.id is not None and block.id == shown.id)


def _number(block: RenderedBlock) -> int:
    assert block.number is not None, "only numbered blocks are ordered"
    return block.number


def _first_line(text: str) -> str:
    return next((line for line in text.split("\n") if line.strip()), "")


def _first_difference(expected: str, found: str) -> tuple[str, str]:
    mine, theirs = expected.split("\n"), found.split("\n")
    place = next((i for i, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), None)
    if place is None:
        place = min(len(mine), len(theirs))
    return tuple(lines[place] if place < len(lines) else "nothing more" for lines in (mine, theirs))  # type: ignore[return-value]
