"""Prose: references to facts become values with links, and links to recorded files follow them into the site.

Beside them, a page's title as plain words.
"""

from __future__ import annotations

import posixpath
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.examples.references import Reference, find_references
from edgedocs.pages.inline import code_spans
from edgedocs.pages.page import Page
from edgedocs.publishing.numbers import localize

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgedocs.pages.block import Block
    from edgedocs.publishing.context import Context

_MARKUP = re.compile(r"[\\`*_{}\[\]]")
_LINK = re.compile(r"(?P<before>\]\(\s*<?)(?P<target>[^)\s>#]+)")
_WITH_LINK = re.compile(r"!?\[(?P<words>[^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])(?:\{[^{}]*\})?")
_MARKS = re.compile(r"[`*\\]|<[^<>]*>")
FILES = "recorded"
"""The folder of the site that holds files which examples wrote."""


def with_values(block: Block, context: Context) -> str:
    """The text of a block of prose with the recorded values in place of the references.

    Raises:
        BadInput: for an unknown fact, or a format that does not suit it; names the page and the line.
    """
    text = block.text
    if "[[" not in text:
        return text
    pieces = []
    place = 0
    for found in find_references(text, context.shown, block.line + context.lines_before):
        pieces.append(text[place : found.start])
        if isinstance(found, Reference):
            pieces.append(_value(found, context, linked=block.kind != "html"))
        else:
            pieces.append(found.text)
        place = found.end
    return "".join([*pieces, text[place:]])


def _value(reference: Reference, context: Context, *, linked: bool) -> str:
    where = f"{context.shown}:{reference.line}"
    page = reference.page or context.name
    fact = context.facts.resolve(page, reference.name, where)
    try:
        text = localize(fact.value, reference.format, context.labels.language)
    except EdgeDocsError as error:
        raise BadInput(
            f"fact {page}#{reference.name}: {error.what}", where=where, expected=error.expected, remedy=error.remedy
        ) from error
    shown = _MARKUP.sub(r"\\\g<0>", escape(text, quote=False)).replace("|", "&#124;")
    if not linked:
        return escape(text)
    target = "" if page == context.name else f"{posixpath.relpath(page, context.folder)}.md"
    title = escape(context.labels["fact"].format(example=reference.example))
    return f'[{shown}]({target}#{reference.example} "{title}"){{ .edgedocs-fact }}'


def with_recorded_files(block: Block, context: Context, publish: Callable[[Path], str]) -> str:
    """The text with each link into the snippets folder led to the published copy of the file.

    Args:
        block: a block of prose.
        context: the page's surroundings.
        publish: takes a file of the snippets folder into the site and gives its path below the language's folder.

    Raises:
        BadInput: if a link leads to a file of the snippets folder that does not exist.
    """
    text = block.text
    if f"{context.snippets.name}/" not in text:
        return text
    spans = code_spans(text)
    here = context.documents / context.folder

    def lead(match: re.Match[str]) -> str:
        target = Path(posixpath.normpath(posixpath.join(here.as_posix(), match["target"])))
        in_code = any(start <= match.start() < end for start, end in spans)
        if in_code or ":" in match["target"] or not target.is_relative_to(context.snippets):
            return match[0]
        if not target.is_file():
            line = block.line + text.count("\n", 0, match.start())
            raise BadInput(
                f"no file {match['target']!r}",
                where=context.place(line),
                expected="a file that an example recorded",
                remedy='name the file in files="…" of the example, then run pytest docs/ --update-outputs',
            )
        return match["before"] + posixpath.relpath(publish(target), context.folder)

    return _LINK.sub(lead, text)


def title_of(text: str, name: str) -> str:
    """The words of a page's first heading, without markup; of a page without one, its name.

    Args:
        text: the page as it is staged.
        name: its path without suffix.
    """
    for heading in Page(Path(name), name, name, text).headings:
        if words := _MARKS.sub("", _WITH_LINK.sub(r"\g<words>", heading.text)).strip():
            return words
    return name
