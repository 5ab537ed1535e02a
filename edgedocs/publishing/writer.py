"""Writer: one page as it is staged, plain Markdown that needs neither snippets nor records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_text
from edgedocs.pages.block import Block
from edgedocs.pages.fence import Fence, read_fence
from edgedocs.pages.include import find_includes
from edgedocs.pages.scanner import scan
from edgedocs.publishing import copying, fences, prose
from edgedocs.publishing.fences import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from edgedocs.publishing.context import Context

_INCLUDING = re.compile(r"(?P<indent>[ \t]*)-+8<-+(?:[ \t]+[\"'].+[\"'])?[ \t]*")
_ESCAPED = re.compile(r"^([ \t]*);(-+8<-+)", re.MULTILINE)
_UNTOUCHED = frozenset({"blank", "code", "comment", "front-matter", "math", "rule"})


def write(text: str, context: Context, publish: Callable[[Path], str]) -> str:
    """The staged form of a page: includes expanded, values in place of references, code blocks as readers see them.

    Args:
        text: the page, without header and segment records.
        context: what may be looked up.
        publish: takes a file of the snippets folder into the site; gives its path below the language's folder.

    Raises:
        BadInput: for a missing include, an unknown fact or an unsuitable format; names the page and the line.
    """
    writer = _Writer(context, publish)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(writer.block(block) for block in scan(text))


def key_of(fence: Fence) -> str | None:
    """What identifies a code block of a page in all languages, or None."""
    if fence.id:
        return f"#{fence.id}"
    for attribute in ("output-of", "part-of"):
        if attribute in fence.attributes:
            sections = ",".join(include.section or "" for include in fence.includes)
            return f"{attribute}={fence.attributes[attribute]}:{sections}"
    return None


@dataclass(frozen=True)
class _Writer:
    context: Context
    publish: Callable[[Path], str]

    def block(self, block: Block) -> str:
        if block.kind == "fence":
            return self._fence(read_fence(block))
        if block.kind == "include":
            return self._expand(block.text, block.line)
        if block.kind in _UNTOUCHED:
            return block.text
        linked = prose.with_recorded_files(block, self.context, self.publish)
        return prose.with_values(_same_place(block, linked), self.context)

    def _fence(self, fence: Fence) -> str:
        # Code comes from the source page: a translation that lags behind must not show what was not verified.
        source = self.context.fences.get(key_of(fence) or "", fence)
        if source.problem:
            raise BadInput(
                source.problem, where=self.context.place(fence.line), expected="a fence that Markdown renders"
            )
        body = self._expand(source.body, fence.body_line)
        shown = Fence(
            fence.block, source.language, source.id, source.classes, source.attributes, source.body, source.includes
        )
        classes = ("edgedocs-output",) if "output-of" in source.attributes else ()
        copy = self._copied(shown, body)
        return fences.render(shown, body, classes=classes, copy=copy, notes=self._notes(shown))

    def _expand(self, body: str, first_line: int) -> str:
        """The text with its includes in place; an include's indentation goes before each of its lines."""
        includes = {include.line: include for include in find_includes(body, first_line)}
        lines = []
        for number, line in enumerate(body.splitlines(), start=first_line):
            if include := includes.get(number):
                indent = line[: len(line) - len(line.lstrip())]
                text = include.read(self.context.snippets, self.context.place(number))
                lines += [f"{indent}{included}" if included else "" for included in text.splitlines()]
            elif not _INCLUDING.fullmatch(line):
                lines.append(line)
        return _ESCAPED.sub(r"\1\2", "".join(f"{line}\n" for line in lines))

    def _copied(self, fence: Fence, body: str) -> str | None:
        """What the copy button gives: for code the whole file that was tested, for a session its input."""
        if "output-of" in fence.attributes:
            return None
        if fence.language == "pycon":
            return copying.session_source(body)
        if fence.language == "console":
            return copying.console_commands(body) or None
        if (fence.id or "part-of" in fence.attributes) and fence.includes:
            path = fence.includes[0].resolve(self.context.snippets, self.context.place(fence.body_line))
            return read_text(path).replace("\r\n", "\n")
        return body if fence.id else None

    def _notes(self, fence: Fence) -> list[Note]:
        labels = self.context.labels
        notes = []
        if requires := fence.attributes.get("requires"):
            names = ", ".join(f"`{name}`" for name in requires.split())
            notes.append(Note(labels["requires"].format(names=names), "requires"))
        if reason := fence.attributes.get("shown"):
            notes.append(Note(labels["shown"].format(reason=reason), "shown"))
        if example := fence.attributes.get("output-of"):
            notes += self._verdict(example)
        return notes

    def _verdict(self, example: str) -> list[Note]:
        provenance = self.context.provenance(example)
        day = self.context.day(provenance) if provenance else None
        if provenance is None or day is None:
            return []
        source = self.context.fences.get(f"#{example}")
        return [Note(_verdict_text(self.context, provenance, day, source), "verified")]


def _verdict_text(context: Context, provenance: Mapping[str, Any], day: str, source: Fence | None) -> str:
    environment = source is not None and source.attributes.get("output") == "environment"
    text = context.labels["measured" if environment else "verified"].format(date=day)
    known = {key: provenance.get(key) for key in ("processor", "system", "python")}
    return f"{text} · {context.labels['machine'].format(**known)}" if all(known.values()) else text


def _same_place(block: Block, text: str) -> Block:
    return Block(block.kind, text, block.line, block.indent, block.inside)
