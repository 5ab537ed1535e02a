"""Printing results: tables and errors for people, JSON for programs."""

from __future__ import annotations

import codecs
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click

from edgedocs.core.errors import EdgeDocsError
from edgedocs.core.progress import Progress

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


_LONG_LIST = 1000
"""Entries, from which on each is on one line: Python's encoder takes four times as long if it has to indent."""


def emit_json(document: Any) -> None:
    """Print a JSON document, indented by two; of a long list, each entry on a line."""
    escaped = _is_escaped(sys.stdout)
    if not isinstance(document, dict) or not any(map(_is_long_list, document.values())):
        click.echo(json.dumps(document, indent=2, ensure_ascii=escaped))
        return
    entries = [f"  {json.dumps(str(key), ensure_ascii=escaped)}: {_value(document[key], escaped)}" for key in document]
    click.echo("{\n" + ",\n".join(entries) + "\n}")


def emit_error(error: EdgeDocsError, as_json: bool) -> None:
    """Print an error to standard error."""
    message = json.dumps(error.as_dict(), ensure_ascii=_is_escaped(sys.stderr)) if as_json else f"error: {error}"
    click.echo(message, err=True)


def _is_escaped(stream: TextIO) -> bool:
    """Whether JSON is written in ASCII, since the stream is not the UTF-8 that JSON is read as."""
    return codecs.lookup(stream.encoding or "utf-8").name != "utf-8"


def _is_long_list(value: object) -> bool:
    return isinstance(value, list) and len(value) >= _LONG_LIST


def _value(value: Any, escaped: bool) -> str:
    """A value of the outermost object, its further lines indented."""
    if not _is_long_list(value):
        return json.dumps(value, indent=2, ensure_ascii=escaped).replace("\n", "\n  ")
    encode = json.JSONEncoder(ensure_ascii=escaped).encode
    return "[\n    " + ",\n    ".join(map(encode, value)) + "\n  ]"


def emit_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under a header; a column of numbers is set flush right, whole numbers in groups of three digits."""
    texts = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    numeric = [bool(rows) and all(isinstance(row[place], int | float) for row in rows) for place in range(len(header))]
    for line in [list(header), *texts]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


@contextmanager
def progress_bar(label: str, hidden: bool = False, of_bytes: bool = False) -> Iterator[Progress]:
    """A progress bar on standard error, with the time left; nothing where that is no terminal, or when ``hidden``.

    Args:
        label: what is being done.
        hidden: whether to show nothing.
        of_bytes: whether progress is counted in bytes; then the rate is shown too.
    """
    quiet = hidden or not sys.stderr.isatty()
    start = time.monotonic()
    with click.progressbar(
        length=1, label=label, file=sys.stderr, hidden=quiet, item_show_func=lambda rate: rate
    ) as bar:

        def report(done: int, total: int) -> None:
            bar.length = total
            seconds = time.monotonic() - start
            bar.update(done - bar.pos, f"{done / seconds / 1e6:.1f} MB/s" if of_bytes and seconds > 0 else None)

        yield report
