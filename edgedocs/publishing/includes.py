"""Includes: the text of a page or a code block with the files that it includes in place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgedocs.pages.include import find_includes

if TYPE_CHECKING:
    from edgedocs.publishing.context import Context

_INCLUDING = re.compile(r"(?P<indent>[ \t]*)-+8<-+(?:[ \t]+[\"'].+[\"'])?[ \t]*")
_ESCAPED = re.compile(r"^([ \t]*);(-+8<-+)", re.MULTILINE)


def expand(body: str, first_line: int, context: Context) -> str:
    """The text with its includes in place; an include's indentation goes before each of its lines.

    Args:
        body: lines of a page.
        first_line: number of the first of them in the page's text.
        context: where the files lie, and what messages call the page.

    Raises:
        BadInput: for a file or a section that does not exist.
    """
    includes = {include.line: include for include in find_includes(body, first_line)}
    lines = []
    for number, line in enumerate(body.splitlines(), start=first_line):
        if include := includes.get(number):
            indent = line[: len(line) - len(line.lstrip())]
            text = include.read(context.snippets, context.place(number))
            lines += [f"{indent}{included}" if included else "" for included in text.splitlines()]
        elif not _INCLUDING.fullmatch(line):
            lines.append(line)
    return _ESCAPED.sub(r"\1\2", "".join(f"{line}\n" for line in lines))
