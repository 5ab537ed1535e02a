"""Classification: what each code block of a page is for. A block that is for nothing is an error."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Literal

from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from edgedocs.pages import Fence, Page

FenceKind = Literal["python", "doctest", "console", "output", "part", "shown"]
RUNNING: dict[str, FenceKind] = {"python": "python", "py": "python", "pycon": "doctest", "console": "console"}
"""The languages that can be run, and how."""

ROLES: dict[str, FenceKind] = {"output-of": "output", "part-of": "part", "shown": "shown"}
"""The attributes that say that a block is not run."""

_LOOKS = frozenset({"title", "hl_lines", "linenums"})
_RUN = frozenset({"requires", "reason", "time-limit", "memory-limit"})
_COMPARED = frozenset({"output", "rtol", "atol", "files"})
ATTRIBUTES: dict[FenceKind, frozenset[str]] = {
    "python": _LOOKS | _RUN | _COMPARED | {"facts"},
    "doctest": _LOOKS | _RUN | {"facts"},
    "console": _LOOKS | _RUN | _COMPARED | {"exit"},
    "output": _LOOKS | {"output-of", "bars"},
    "part": _LOOKS | {"part-of"},
    "shown": _LOOKS | {"shown"},
}
"""The attributes that each kind knows."""

_ID = re.compile(r"[a-z0-9-]+")


def classify(page: Page, fence: Fence) -> FenceKind:
    """What a code block is for.

    Raises:
        BadInput: if it is for nothing, for two things, or its attributes are wrong.
    """
    where = page.place(fence.line)
    if fence.problem is not None:
        raise BadInput(
            fence.problem,
            where=where,
            expected='a fence such as ```python {#name facts="x"}',
            remedy="correct the fence; readers would not see it as it is meant",
        )
    kind = _kind(fence, where)
    for name in fence.attributes:
        if name not in ATTRIBUTES[kind]:
            close = difflib.get_close_matches(name, ATTRIBUTES[kind], n=1)
            raise BadInput(
                f"unknown attribute {name!r} of a block of kind {kind}",
                where=where,
                expected=f"one of {', '.join(sorted(ATTRIBUTES[kind]))}",
                remedy=f"did you mean {close[0]!r}?" if close else "remove it",
            )
    if fence.id is not None and not _ID.fullmatch(fence.id):
        raise BadInput(f"the id {fence.id!r} is not allowed", where=where, expected="small letters, digits and hyphens")
    return kind


def _kind(fence: Fence, where: str) -> FenceKind:
    roles = [role for role in ROLES if role in fence.attributes]
    if len(roles) > 1:
        raise BadInput(f"a block cannot have both {' and '.join(roles)}", where=where, expected="one of them")
    if roles:
        value = fence.attributes[roles[0]]
        if not value.strip() or value == roles[0]:
            raise BadInput(f"{roles[0]} says nothing", where=where, expected=f'{roles[0]}="…"')
        return ROLES[roles[0]]
    if fence.language in RUNNING and fence.id is not None:
        return RUNNING[fence.language]
    if fence.language in RUNNING:
        raise BadInput(
            f"a {fence.language} block without an id",
            where=where,
            expected=f"```{fence.language} {{#name}}",
            remedy='give it an id, or say why it is not run: {shown="REASON"}',
        )
    raise BadInput(
        f"nothing says what this {fence.language or 'plain'} block is for",
        where=where,
        expected=f'a language that runs ({", ".join(RUNNING)}), or output-of="…", part-of="…" or shown="REASON"',
        remedy='if it is only to be read, add {shown="REASON"}',
    )
