"""Wording: the text of docstrings and help as Markdown, in which nothing but their code and lists is markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import doctest
    from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(?::[a-z]+:)?(`+)(?P<code>.+?)\1", re.DOTALL)
_SPECIAL = re.compile(r"[<>&|*_`\[\]{}\\#$~^=+!:]")
_LIST_ITEM = re.compile(r"(?P<mark>[-*]|\d+\.)\s+(?P<text>.*)")
_TARGET = re.compile(r"[~!]?(?:[\w.]+ <)?(?P<name>[^<>]+)>?")


def plain(text: str) -> str:
    """A text in which no character is markup."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


def code(text: str) -> str:
    """Code in line; it may stand in the cell of a table."""
    return f"<code>{plain(' '.join(text.split()))}</code>"


def code_lines(text: str) -> str:
    """Code in line, a line under the other, indented as it is."""
    lines = []
    for line in text.rstrip("\n").splitlines():
        blanks = len(line) - len(line.lstrip())
        lines.append(f"<code>{'&nbsp;' * blanks}{plain(line.strip())}</code>")
    return "<br>".join(lines)


def sentence(text: str) -> str:
    """Prose on one line; code between backticks stays code, and a role such as ``:class:`` goes."""
    pieces, place = [], 0
    joined = " ".join(text.split())
    for match in _CODE.finditer(joined):
        pieces += [plain(joined[place : match.start()]), code(_TARGET.sub(r"\g<name>", match["code"]))]
        place = match.end()
    return "".join([*pieces, plain(joined[place:])])


def bare(text: str) -> str:
    """Prose on one line without markup: the names of its code alone."""
    return _CODE.sub(lambda match: _TARGET.sub(r"\g<name>", match["code"]), " ".join(text.split()))


def paragraphs(text: str) -> str:
    """Prose of several paragraphs; sessions in it become tables of what goes in and what comes out."""
    import doctest  # it loads the debugger too, which a site without such pages need not wait for

    found: list[str] = []
    session: list[doctest.Example] = []
    for piece in [*doctest.DocTestParser().parse(text), None]:
        if isinstance(piece, doctest.Example):
            session.append(piece)
            continue
        if session and (piece is None or piece.strip()):
            found.append(_session(session))
            session = []
        if piece and piece.strip():
            found += [_paragraph(block) for block in re.split(r"\n\s*\n", piece.strip("\n"))]
    return "\n\n".join(found)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown on one line."""
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join(["| " + " | ".join(header) + " |", "|" + "---|" * len(header), *lines])


def heading(level: int, text: str, identifier: str) -> str:
    """A heading with its id."""
    return f"{'#' * level} {text} {{ #{identifier} }}"


def _session(examples: Sequence[doctest.Example]) -> str:
    rows = [(code_lines(one.source), code_lines(one.want) if one.want else "") for one in examples]
    note = "An example of the docstring, shown and not verified on this page:"
    return f"{note}\n\n{table(('Input', 'Result'), rows)}"


def _paragraph(block: str) -> str:
    """A paragraph, or a list whose items may go on over several lines."""
    items: list[str] = []
    for line in block.splitlines():
        match = _LIST_ITEM.match(line.strip())
        if match:
            items.append(match["text"])
        elif items:
            items[-1] += f" {line.strip()}"
        else:
            break
    if not items:
        return sentence(block)
    return "\n".join(f"- {sentence(item)}" for item in items)
