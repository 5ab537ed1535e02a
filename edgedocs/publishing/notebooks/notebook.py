"""Notebook: the cells of a page. Format 4.5 (nbformat.v4.5.schema.json), the same bytes for the same page."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.examples.project import Project
from edgedocs.examples.shown_output import shown_output
from edgedocs.pages.fence import Fence, read_fence
from edgedocs.pages.lines import split_lines
from edgedocs.pages.page import heading_of
from edgedocs.pages.scanner import scan
from edgedocs.publishing.definitions import Tooltips
from edgedocs.publishing.expected import TAB
from edgedocs.publishing.includes import expand
from edgedocs.publishing.notebooks.page_text import PageText
from edgedocs.publishing.notebooks.text import Text
from edgedocs.publishing.notes import Notes
from edgedocs.publishing.writer import copied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edgedocs.examples.collection import CodeBlock
    from edgedocs.examples.example import Example
    from edgedocs.pages.block import Block
    from edgedocs.publishing.context import Context
    from edgedocs.publishing.fences import Note

FORMAT = (4, 5)
_LONGEST_ID = 64
_SKIPPED = frozenset({"blank", "comment", "front-matter"})
_OF_CELLS = ("python", "output")
_TICKS = re.compile(r"`+")
_SPAN = re.compile(r"`([^`]+)`")
_TAG = re.compile(r"</?span[^>]*>")


@dataclass(frozen=True, slots=True)
class CellBlock:
    """What readers see as a code block of a notebook: a cell's code, its output, or a block in its text.

    Args:
        kind: what it is for.
        language: its language.
        id: its id, if it has one.
        copy: what the copy button gives; None for what is shown.
        bars: the columns that have bars, with commas between them, and the text that they stand in.
    """

    kind: str
    language: str
    id: str | None
    copy: str | None
    bars: tuple[str, str] | None = None


@dataclass(frozen=True)
class PageNotebook:
    """The notebook that a page of the site shows.

    Args:
        data: its file.
        blocks: its code blocks, in order.
        headings: the ids of its headings, in order; None for one without.
    """

    data: bytes
    blocks: tuple[CellBlock, ...]
    headings: tuple[str | None, ...]


@dataclass(frozen=True)
class Draft:
    """A page that becomes a notebook.

    Args:
        content: the page's text, as in its file.
        context: its surroundings.
        notice: what readers must know of the translation, or empty.
    """

    content: str
    context: Context
    notice: str = ""

    @property
    def has_code(self) -> bool:
        """Whether there is a cell that can be run: an example in Python."""
        return any(example.kind == "python" for example in self.context.source.examples)

    @property
    def has_pictures(self) -> bool:
        """Whether it may hold pictures, which lie in files of their own."""
        return "![" in self.content

    def write(self, address: Callable[[str], str], install: str = "") -> bytes:
        """The notebook's file.

        Args:
            address: gives what a link to a page, by its name, leads to.
            install: the command by which readers install what the examples need; shown first, if there is one.

        Raises:
            BadInput: for a missing include, an unknown fact or an unsuitable format.
        """
        cells = _Cells(self.context, Text(self.context, address))
        if self.notice:
            cells.text.append(f"> {self.notice}")
        if install:
            cells.text.append(f"```console\n$ {install}\n```")
        return self._file(cells)

    def for_page(self, locate: Callable[[str], str | None], notice: str = "") -> PageNotebook:
        """The notebook as a page of the site shows it.

        Its cells are those of the file that readers get. Links lead to the page's neighbours, values to their
        examples, and terms and outputs say what they say on any other page.

        Args:
            locate: gives the address of a file of the staged tree, relative to the page; see :class:`PageText`.
            notice: what readers must know of the translation, as HTML that follows the first heading.

        Raises:
            BadInput: as :meth:`write`, for a link that leads nowhere, and for a section of a file, which is no cell.
        """
        for block in self.context.source.blocks:
            example = self.context.examples.get(block.example or "")
            whole = block.kind != "part" and (
                block.kind != "python" or example is None or self._is_whole(block, example)
            )
            if not whole:
                raise BadInput(
                    "this block shows a section of a file",
                    where=self.context.source.page.place(block.fence.line),
                    expected="all of it, as on a page that is shown as a notebook each cell has all its code",
                    remedy="include the file without a section, or take the page out of `notebooks` in mkdocs.yml",
                )
        inflected = self.context.labels.language != "en"
        folder, glossary = posixpath.dirname(self.context.name), self.context.glossary
        address = locate(posixpath.normpath(posixpath.join(folder, glossary))) if glossary else None
        tooltips = Tooltips(self.context.definitions, inflected=inflected, glossary=address, as_html=True)
        prose = PageText(self.context, lambda name: locate(f"{name}.md") or "", locate, tooltips)
        cells = _Cells(self.context, prose, Notes(self.context), notice)
        return PageNotebook(self._file(cells), tuple(cells.blocks), tuple(cells.headings))

    def _is_whole(self, block: CodeBlock, example: Example) -> bool:
        """Whether a block shows all the code of its example."""
        shown = expand(block.fence.body, block.fence.body_line, self.context)
        return shown.strip() == example.code.replace("\r\n", "\n").strip()

    def _file(self, cells: _Cells) -> bytes:
        text = self.content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        blocks = scan(text)
        cells.frame(blocks)
        for block in blocks:
            cells.add(block)
        cells.end_frames(0)
        cells.end_text()
        document = {
            "cells": cells.cells,
            "metadata": {
                "edgedocs": {"language": self.context.labels.language, "page": self.context.name},
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
            },
            "nbformat": FORMAT[0],
            "nbformat_minor": FORMAT[1],
        }
        return (json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


@dataclass
class _Cells:
    """The cells of a notebook; with ``notes`` it is one that a page of the site shows."""

    context: Context
    prose: Text
    notes: Notes | None = None
    notice: str = ""
    cells: list[dict[str, Any]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    blocks: list[CellBlock] = field(default_factory=list)
    headings: list[str | None] = field(default_factory=list)
    runs: int = 0
    framed: set[int] = field(default_factory=set)
    """The lines of the admonitions that have a frame."""
    frames: list[tuple[int, str]] = field(default_factory=list)
    """The admonitions that are open: how deep each stands, and what ends it."""

    def frame(self, blocks: Sequence[Block]) -> None:
        """Choose the admonitions of a page that get a frame: those without a cell in them, for a cell stands alone."""
        opened: list[Block] = []
        for block in blocks if self.notes is not None else ():
            if block.kind == "blank":
                continue
            while opened and len(block.inside) <= len(opened[-1].inside):
                self.framed.add(opened.pop().line)
            if opened and block.kind == "fence" and self._example_of(self.context.code_block(read_fence(block))):
                opened.clear()
            elif block.kind == "admonition":
                opened.append(block)
        self.framed |= {block.line for block in opened}

    def end_frames(self, depth: int) -> None:
        """End the admonitions that stand as deep as what follows, or deeper."""
        while self.frames and depth <= self.frames[-1][0]:
            self.text.append(self.frames.pop()[1])

    def add(self, block: Block) -> None:
        """Add a block: code that runs is a cell of its own, all else a part of the text before the next."""
        if block.kind not in _SKIPPED:
            self.end_frames(len(block.inside))
        frame = self.prose.frame(block) if block.line in self.framed else None
        if frame is not None:
            self.text.append(frame.start)
            self.frames.append((len(block.inside), frame.end))
        elif block.kind == "fence":
            self._fence(read_fence(block))
        elif block.kind == "include":
            self.text.append(expand(block.text, block.line, self.context).strip("\n"))
        elif block.kind not in _SKIPPED:
            shown = self.prose.markdown(block).rstrip("\n")
            follows = self.text and block.kind == "list-item" and _is_item(self.text[-1])
            if follows:
                self.text[-1] += f"\n{shown}"
            elif shown:
                self.text.append(shown)
            if block.kind == "heading":
                self._heading(block)

    def end_text(self) -> None:
        """Make a cell of the text so far."""
        if self.text:
            number = sum(cell["cell_type"] == "markdown" for cell in self.cells) + 1
            source = split_lines("\n\n".join(self.text))
            self.cells.append({"cell_type": "markdown", "id": f"text_{number}", "metadata": {}, "source": source})
            self.text = []

    def _heading(self, block: Block) -> None:
        if not self.headings and self.notice:
            self.text.append(self.notice)
        self.headings.append(heading_of(block).id)

    def _fence(self, fence: Fence) -> None:
        block = self.context.code_block(fence)
        if block is None:
            return  # of a translation that lags behind
        notes = self._notes_of(block)
        self.text += [self._noted(note) for note in notes if note.above]
        example = self._example_of(block)
        if example is not None:
            if block.kind == "python":
                self.end_text()
                self.cells.append(self._code(example, block))
            # an output stands under its cell
        else:
            self._in_text(block, expand(block.fence.body, fence.body_line, self.context))
        self.text += [self._noted(note) for note in notes if not note.above]

    def _example_of(self, block: CodeBlock | None) -> Example | None:
        """The example of a block that is a cell, or the output under one."""
        example = self.context.examples.get(block.example or "") if block else None
        is_cell = block is not None and example is not None and example.kind == "python" and block.kind in _OF_CELLS
        return example if is_cell else None

    def _in_text(self, block: CodeBlock, body: str) -> None:
        """A block that is no cell: a session, a console, what is only shown."""
        shown = self._spaced(body).rstrip("\n")
        marks = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
        self.text.append(f"{marks}{block.fence.language}\n{shown}\n{marks}")
        fence = block.fence
        self.blocks.append(CellBlock(block.kind, fence.language, fence.id, copied(block, body, self.context)))

    def _notes_of(self, block: CodeBlock) -> list[Note]:
        """What is said with a block: on a page all there is to say, in a file what Jupyter cannot know."""
        if self.notes is not None:
            return self.notes.of(block)
        said = Notes(self.context).of(block)
        runs = block.kind == "python"
        return [note for note in said if (note.kind == "requires" and runs) or note.kind == "shown"]

    def _noted(self, note: Note) -> str:
        if self.notes is None:
            return f"*{_TAG.sub('', note.text)}*"
        text = _SPAN.sub(r"<code>\1</code>", note.text)
        return f'<p class="edgedocs-note edgedocs-{note.kind}">{text}</p>'

    def _spaced(self, text: str) -> str:
        """The text with tabs as blanks where a page shows it, as Markdown has them; what is copied keeps its tabs."""
        return text if self.notes is None else "".join(line.expandtabs(TAB) for line in split_lines(text))

    def _code(self, example: Example, block: CodeBlock) -> dict[str, Any]:
        project = Project(self.context.documents, self.context.snippets)
        output = self._spaced(shown_output(project, example, block) or "")
        outputs = [{"name": "stdout", "output_type": "stream", "text": split_lines(output)}] if output else []
        self.runs += bool(outputs)
        self.blocks.append(CellBlock(block.kind, block.fence.language, block.fence.id, copied(block, "", self.context)))
        if outputs:
            shown = example.expected[0].fence
            columns = shown.attributes.get("bars")
            bars = (columns, output) if columns else None
            self.blocks.append(CellBlock("output", shown.language, None, None, bars))
        known: dict[str, Any] = {"comparison": example.comparison.name, "example": example.id}
        if date := (self.context.provenance(example.name) or {}).get("date"):
            known["verified"] = date
        return {
            "cell_type": "code",
            "execution_count": self.runs if outputs else None,
            "id": _cell_id(example.name),
            "metadata": {"edgedocs": known},
            "outputs": outputs,
            "source": split_lines(self._spaced(example.code.replace("\r\n", "\n")).rstrip("\n")),
        }


def _is_item(text: str) -> bool:
    return bool(re.match(r"[ \t]*(?:[*+-]|\d+[.)])[ \t]", text))


def _cell_id(name: str) -> str:
    """The example's id; of one that is too long for a cell, its beginning and a hash."""
    if len(name) <= _LONGEST_ID:
        return name
    return f"{name[: _LONGEST_ID - 13]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
