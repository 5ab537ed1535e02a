"""Fence: a fenced code block, its language, its attributes and its body."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgedocs.pages import rules
from edgedocs.pages.attributes import Attributes, parse_attributes
from edgedocs.pages.include import Include, find_includes
from edgedocs.pages.lines import dedent, indentation, is_blank, split_lines, without_end

if TYPE_CHECKING:
    from edgedocs.pages.block import Block

_INFO = re.compile(
    r"""[ \t]*(?:\.?(?P<language>[\w\#.+-]+)(?=[ \t{]|$))?
        [ \t]*(?:\{(?P<list>[^\n]*)\}|(?P<options>[A-Za-z][^{}]*))?[ \t]*$""",
    re.VERBOSE,
)
_MORE_THAN_CLOSING = 3
"""Columns; a bare fence indented further than this beyond its opening is content, in every dialect."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block.

    Args:
        block: the block it was read from.
        language: the first word after the opening, or the first class of a list without one; ``""`` if there is none.
        id: the identifier of the attribute list, if there is one.
        classes: the classes of the attribute list, without the language.
        attributes: the keys and values of the attribute list.
        body: the lines between opening and closing without the fence's own indentation; line ends are LF, and a body
            that is not empty ends with one.
        includes: the files that the body includes.
        problem: why this would not be rendered as a code block with its attributes; None if all is well.
    """

    block: Block
    language: str
    id: str | None
    classes: tuple[str, ...]
    attributes: dict[str, str] = field(hash=False)
    body: str
    includes: tuple[Include, ...]
    problem: str | None = None

    @property
    def line(self) -> int:
        """Number of the opening's line in the file, from 1."""
        return self.block.line

    @property
    def body_line(self) -> int:
        """Number of the body's first line in the file."""
        return self.block.line + 1


def read_fence(block: Block) -> Fence:
    """The fence that a block of kind ``fence`` holds."""
    lines = split_lines(block.text)
    opening = _opening(lines[0])
    language, attributes = _read_info(opening["info"])
    closed = len(lines) > 1 and _closes(lines[-1], opening)
    content = lines[1:-1] if closed else lines[1:]
    body = "".join(_without_prefix(line, opening["prefix"]) + "\n" for line in content)
    return Fence(
        block=block,
        language=language,
        id=attributes.id,
        classes=tuple(attributes.classes),
        attributes=attributes.values,
        body=body,
        includes=tuple(find_includes(body, block.line + 1)),
        problem=_problem(lines, opening, closed) or attributes.problem,
    )


def opens_fence(line: str) -> bool:
    """Whether the line opens a fence."""
    return rules.FENCE.match(without_end(line)) is not None


def fence_end(lines: list[str], place: int) -> int:
    """The line after the fence that line ``place`` opens: after its closing, or where what holds it ends."""
    opening = _opening(lines[place])
    fence, quoted = opening["fence"], opening["prefix"].count(">")
    for end in range(place + 1, len(lines)):
        if fence in lines[end] and _closes(lines[end], opening):
            return end + 1
        if quoted and lines[end].lstrip().count(">", 0, 4 * quoted) < quoted:
            return end
    return len(lines)


def _opening(line: str) -> re.Match[str]:
    match = rules.FENCE.match(without_end(line))
    assert match is not None, "only an opening line begins a fence block"
    return match


def _closes(line: str, opening: re.Match[str]) -> bool:
    """Whether the line closes the fence in some dialect; :func:`_problem` tells whether it does for our readers."""
    fence = opening["fence"]
    bare = without_end(line).strip(" \t>")
    if len(bare) < len(fence) or bare.strip(fence[0]) or (">" in line and ">" not in opening["prefix"]):
        return False
    return _columns(line) <= _columns(opening[0]) + _MORE_THAN_CLOSING


def _columns(line: str) -> int:
    return indentation(line.replace(">", " "))


def _without_prefix(line: str, prefix: str) -> str:
    line = without_end(line)
    if ">" in prefix:
        for _ in range(prefix.count(">")):
            line = line.lstrip(" \t").removeprefix(">")
        return dedent(line, indentation(prefix.rpartition(">")[2]))
    return dedent(line, indentation(prefix))


def _problem(lines: list[str], opening: re.Match[str], closed: bool) -> str | None:
    if not closed:
        return "this code fence is never closed"
    columns = _columns(opening[0])
    closing = without_end(lines[-1])
    if closing.strip(" \t>") != opening["fence"] or _columns(closing) != columns:
        return "this code fence is closed by a fence of another length or indentation"
    if ">" not in opening["prefix"]:
        for number, line in enumerate(lines[1:-1], start=1):
            if not is_blank(line) and indentation(line) < columns:
                return f"line {number} of this code fence is indented less than the fence"
    if _INFO.match(opening["info"]) is None:
        return f"cannot read {opening['info'].strip()!r} after the fence"
    return None


def _read_info(info: str) -> tuple[str, Attributes]:
    match = _INFO.match(info)
    if match is None:
        return (info.split() or [""])[0].strip("{}."), Attributes()
    attributes = parse_attributes(match["list"] or match["options"] or "")
    language = match["language"] or ""
    if not language and attributes.classes:
        language = attributes.classes.pop(0)
    return language, attributes
