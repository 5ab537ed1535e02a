"""Notebooks: a notebook as the text of a page, and the text of a page put back into a notebook.

The page has the cells in order, each behind a comment that names its kind: prose as it is, code as a fence. A page's
header is the notebook's ``metadata.coopTranslator``, its records are ``metadata.edgedocs.segments``. So everything that
reads pages reads notebooks; lines are those of the page.

Only prose goes back: code, outputs and everything else stay those of the notebook into which it is put.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.translation import header as headers
from edgedocs.translation import records
from edgedocs.translation.interop import footers
from edgedocs.translation.normalization import BYTE_ORDER_MARK, unify_line_ends

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".ipynb"
COOP_KEY = "coopTranslator"
OUR_KEY = "edgedocs"
_SEGMENTS = "segments"

_CELL = "<!-- EDGEDOCS_CELL"
_CELL_LINE = re.compile(rf"^{_CELL} (markdown|code|raw) -->[ \t]*\n?", re.MULTILINE)
_FIRST_RECORD = f"{records.MARKER} {records.VERSION}"
_KINDS = ("markdown", "code", "raw")
_INDENT = re.compile(r"\{\r?\n([ \t]+)\"")
_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]{1,30}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def is_notebook(path: Path | str) -> bool:
    """Whether a page's file is a notebook."""
    return str(path).endswith(SUFFIX)


def page_text(text: str, where: Path | str) -> str:
    """The text of a page: of a notebook as :func:`as_page` gives it, of any other file as it is.

    Raises:
        BadInput: if it is to be a notebook and is none.
    """
    return as_page(text, str(where)) if is_notebook(where) else text


def file_text(page: str, template: str, where: Path | str) -> str:
    """The other way: what a page's file must say so that :func:`page_text` gives ``page``.

    Args:
        page: the text of the page.
        template: what the file says now, or its source's; only of notebooks used: for all but the prose.
        where: path of the file.

    Raises:
        BadInput: if it is to be a notebook and ``template`` is none, or has other cells than the page.
    """
    return from_page(page, template, str(where)) if is_notebook(where) else page


@dataclass(frozen=True)
class _Notebook:
    """The JSON of a notebook, and how it was written."""

    document: dict[str, Any]
    cells: list[dict[str, Any]]
    text: str

    def render(self) -> str:
        indent = _INDENT.search(self.text[:1000])
        document = json.dumps(
            self.document,
            indent=indent[1] if indent else None,
            ensure_ascii=self.text.isascii() and "\\u" in self.text,
        )
        end = self.text[len(self.text.rstrip("\r\n")) :]
        mark = BYTE_ORDER_MARK if self.text.startswith(BYTE_ORDER_MARK) else ""
        newline = "\r\n" if "\r\n" in self.text[:1000] else "\n"
        return mark + document.replace("\n", newline) + end


def as_page(text: str, where: str) -> str:
    """The page that a notebook is.

    Args:
        text: the notebook's JSON.
        where: its path, for messages.

    Raises:
        BadInput: if it is no notebook of format 4, or a cell cannot stand in a page.
    """
    notebook = _parse(text, where)
    header, entries = _state(notebook, where)
    cells = "".join(_cell_text(notebook, cell, where) for cell in notebook.cells)
    before = headers.render(header) if header else ""
    return before + cells + ("" if entries is None else "\n".join(["", _FIRST_RECORD, *entries, "-->", ""]))


def from_page(page: str, template: str, where: str) -> str:
    """A notebook with the prose, the header and the records of a page.

    Args:
        page: the text of the page, with as many cells as the notebook.
        template: JSON of the notebook from which all the rest is taken.
        where: path for messages.

    Raises:
        BadInput: if the cells are not the notebook's, by number and kind, or header or records are malformed.
    """
    notebook = _parse(template, where)
    header = headers.parse(page, where)
    span = headers.find(page)
    body = page[span[1] :] if span else page
    found = records.find(body)
    entries = None
    if found:
        entries = records.parse(body[found[0] :], where)
        body = body[: found[0]]
    texts = list(_split(body.replace("\r\n", "\n")))
    kinds = [kind for kind, _ in texts]
    if kinds != [cell["cell_type"] for cell in notebook.cells]:
        raise BadInput(
            f"{len(kinds)} cells in the page, {len(notebook.cells)} in the notebook, or of other kinds",
            where=where,
            expected="the same cells in the same order",
        )
    for cell, (kind, prose) in zip(notebook.cells, texts, strict=True):
        if kind == "markdown" and unify_line_ends(prose).strip("\n") != unify_line_ends(_source(cell, where)).strip(
            "\n"
        ):
            cell["source"] = prose.strip("\n").splitlines(keepends=True)
    _set_state(notebook, headers.as_document(header) if header else None, entries)
    return notebook.render()


def without_footer(text: str, where: str) -> tuple[str, str]:
    """A notebook without the sentence on how it was made, and that sentence; it is a cell at the end, or a part of it.

    Raises:
        BadInput: if it is no notebook.
    """
    notebook = _parse(text, where)
    if not notebook.cells or notebook.cells[-1]["cell_type"] != "markdown":
        return text, ""
    last = notebook.cells[-1]
    prose, footer = footers.split(_source(last, where), without_link=True)
    if not footer:
        return text, ""
    if prose.strip():
        last["source"] = prose.rstrip().splitlines(keepends=True)
    else:
        notebook.cells.pop()
    return notebook.render(), footer


def _parse(text: str, where: str) -> _Notebook:
    try:
        document = json.loads(text.removeprefix(BYTE_ORDER_MARK))
    except json.JSONDecodeError as error:
        raise _bad(f"no notebook: {error.msg}", f"{where}:{error.lineno}") from error
    except (ValueError, RecursionError) as error:
        raise _bad("no notebook: nested too deeply, or with a number too long", where) from error
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list) or not isinstance(document.get("metadata", {}), dict):
        raise _bad("no notebook: it has no cells, or its metadata are no object", where)
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") not in _KINDS:
            raise _bad(f"cell {number} has no kind", where)
    return _Notebook(document, cells, text)


def _source(cell: dict[str, Any], where: str) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        raise _bad("the source of a cell is no text", where)
    text = "".join(lines)
    if _SURROGATE.search(text):
        raise _bad("a cell holds half of a surrogate pair, which is no character", where)
    return text


def _cell_text(notebook: _Notebook, cell: dict[str, Any], where: str) -> str:
    kind, source = cell["cell_type"], _source(cell, where)
    if _CELL in source or records.MARKER in source or headers.LABEL in source:
        raise _bad("a cell holds a comment with which pages are marked", where)
    opening = f"{_CELL} {kind} -->\n\n"
    if kind == "markdown":
        return f"{opening}{source}\n\n" if source else opening
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", source))])
    language = _language(notebook) if kind == "code" else ""
    return f"{opening}{fence}{language}\n{source}\n{fence}\n\n"


def _language(notebook: _Notebook) -> str:
    information = notebook.document.get("metadata", {}).get("language_info")
    name = information.get("name") if isinstance(information, dict) else None
    return name if isinstance(name, str) and _LANGUAGE.fullmatch(name) else "python"


def _split(body: str) -> Iterator[tuple[str, str]]:
    marks = list(_CELL_LINE.finditer(body))
    ends = [mark.start() for mark in marks[1:]] + [len(body)] * bool(marks)
    for mark, end in zip(marks, ends, strict=True):
        yield mark[1], body[mark.end() : end]


def _state(notebook: _Notebook, where: str) -> tuple[headers.Header | None, list[str] | None]:
    metadata = notebook.document.get("metadata", {})
    ours = metadata.get(OUR_KEY, {})
    entries = ours.get(_SEGMENTS) if isinstance(ours, dict) else None
    if entries is not None and not (isinstance(entries, list) and all(isinstance(entry, str) for entry in entries)):
        raise _bad(f"metadata.{OUR_KEY}.{_SEGMENTS} is no list of texts", where)
    document = metadata.get(COOP_KEY)
    header = headers.from_document(document, f"{where} (metadata.{COOP_KEY})") if document is not None else None
    return header, entries


def _set_state(notebook: _Notebook, header: dict[str, Any] | None, entries: tuple[records.Record, ...] | None) -> None:
    metadata = notebook.document.setdefault("metadata", {})
    ours = metadata.get(OUR_KEY)
    ours = dict(ours) if isinstance(ours, dict) else {}
    if entries is None:
        ours.pop(_SEGMENTS, None)
    else:
        ours[_SEGMENTS] = [f"{entry.source} {entry.target} {entry.state}" for entry in entries]
    for key, value in ((COOP_KEY, header), (OUR_KEY, ours or None)):
        if value is None:
            metadata.pop(key, None)
        else:
            metadata[key] = value


def _bad(what: str, where: str) -> BadInput:
    return BadInput(what, where=where, expected="a Jupyter notebook of format 4", remedy="open and save it in Jupyter")
