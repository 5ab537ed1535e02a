"""Fences: a code block as the reader sees it and copies it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from edgedocs.pages.rules import FENCE
from edgedocs.publishing import bars
from edgedocs.publishing.numbering import KIND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgedocs.examples.classification import FenceKind
    from edgedocs.pages.fence import Fence

SHOWN_BY_THE_THEME = ("title", "linenums", "hl_lines")
"""Attributes that readers need; the others steer the verification and are dropped."""

_BACKTICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Note:
    """A line with a code block.

    Args:
        text: Markdown.
        kind: the last part of its class: ``edgedocs-requires``.
        above: whether it stands above the block, not under it.
    """

    text: str
    kind: str
    above: bool = False


def render(fence: Fence, body: str, *, kind: FenceKind, copy: str | None, notes: Sequence[Note]) -> str:
    """The Markdown of a code block and its notes.

    Args:
        fence: the fence as it stands in the page.
        body: what it shows, its includes expanded.
        kind: what the block is for; an output has a class of its own.
        copy: what the copy button gives, or None for what is shown.
        notes: lines above and under the block.
    """
    marks = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(body)), default=0))
    attributes = [f"#{fence.id}"] if fence.id else []
    attributes += [f".{name}" for name in fence.classes]
    attributes += [".edgedocs-output"] if kind == "output" else []
    attributes += [f'{key}="{_quoted(fence.attributes[key])}"' for key in SHOWN_BY_THE_THEME if key in fence.attributes]
    if columns := fence.attributes.get("bars"):
        attributes.append(f'{bars.ATTRIBUTE}="{_quoted(columns)}"')
    attributes.append(f'{KIND}="{kind}"')
    if copy is not None:
        attributes.append(f'data-copy="{_quoted(copy)}"')
    header = f"{marks}{fence.language} {{{' '.join(attributes)}}}"
    lines = [header, *body.splitlines(), marks]
    for note in notes:
        text = [note.text, f"{{ .edgedocs-note .edgedocs-{note.kind} }}"]
        lines = [*text, "", *lines] if note.above else [*lines, "", *text]
    prefix = _prefix(fence)
    return "".join(f"{prefix}{line}".rstrip(" \t") + "\n" if not line else f"{prefix}{line}\n" for line in lines)


def _prefix(fence: Fence) -> str:
    """What stands before the fence in its first line: blanks, and marks of a quote."""
    opening = FENCE.match(fence.block.text.partition("\n")[0])
    assert opening is not None, "only an opening line begins a fence"
    return opening["prefix"].removeprefix("\ufeff")


def _quoted(value: str) -> str:
    """A value for an attribute list, on one line: the browser turns the references back into characters."""
    text = escape(value, quote=True).replace("\n", "&#10;").replace("\t", "&#9;")
    return text.replace("{", "&#123;").replace("}", "&#125;").replace("`", "&#96;")
