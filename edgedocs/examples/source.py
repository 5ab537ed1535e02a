"""Source: the code that a block stands for, from its own body or from the file that it includes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_text
from edgedocs.examples.console import read_session

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.examples.classification import FenceKind
    from edgedocs.examples.example import ExampleKind
    from edgedocs.examples.project import Project
    from edgedocs.pages import Fence, Page


def read_source(project: Project, page: Page, fence: Fence, kind: ExampleKind) -> tuple[str, Path | None]:
    """The code of an example and the file that holds it, None for code that stands on the page.

    A block may show sections of its file; the example is the whole file, as the copy button gives it.

    Raises:
        BadInput: if the block includes several files, or code beside an include, or the code cannot be of its kind.
    """
    where = page.place(fence.line)
    code, snippet = fence.body, None
    if fence.includes:
        if len({include.path for include in fence.includes}) > 1 or has_own_lines(fence):
            raise BadInput(
                "the block holds an include and something else",
                where=where,
                expected="includes of one file, or code",
                remedy="move the code into the file",
            )
        snippet = fence.includes[0].resolve(project.snippets, page.place(fence.includes[0].line))
        code = read_text(snippet)
    if not code.strip():
        raise BadInput("the block is empty", where=where, expected="code")
    if kind == "doctest":
        _check_doctest(code, where)
    if kind == "console":
        read_session(code, where)
    return code, snippet


def check_source(project: Project, page: Page, fence: Fence, kind: FenceKind) -> None:
    """Check what a block includes: the files exist, and a part is of a file that its example includes.

    Raises:
        BadInput: if not.
    """
    for include in fence.includes:
        # A recorded output that does not exist yet is what --update-outputs writes.
        if kind != "output":
            include.read(project.snippets, page.place(include.line))
    if kind == "part":
        owner = next((other for other in page.fences if other.id == fence.attributes["part-of"]), None)
        files = {include.path for include in owner.includes} if owner else set()
        if not fence.includes or {include.path for include in fence.includes} - files:
            raise BadInput(
                f"this is no part of {fence.attributes['part-of']!r}",
                where=page.place(fence.line),
                expected=f"sections of {', '.join(sorted(files)) or 'a file that the example includes'}",
                remedy='include a section: --8<-- "FILE:SECTION"',
            )


def has_own_lines(fence: Fence) -> bool:
    """Whether a block that includes a file holds anything else."""
    included = {include.line for include in fence.includes}
    lines = enumerate(fence.body.splitlines(), start=fence.body_line)
    return any(line.strip() and number not in included and "8<" not in line for number, line in lines)


def _check_doctest(code: str, where: str) -> None:
    import doctest  # here: it loads the debugger, and few pages have doctests

    try:
        pieces = doctest.DocTestParser().parse(code)
    except ValueError as error:
        raise BadInput(f"cannot read the doctest: {error}", where=where, expected=">>> statement") from error
    unread = [piece.strip() for piece in pieces if isinstance(piece, str) and piece.strip()]
    if unread or len(pieces) < 2:
        raise BadInput(
            f"{unread[0].splitlines()[0]!r} is neither statement nor output"
            if unread
            else "no statement in the doctest",
            where=where,
            expected=">>> statements, each followed by what it prints",
            remedy="an empty line ends an output; write <BLANKLINE> for one that is printed",
        )
