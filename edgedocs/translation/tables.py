"""Tables: the files of a language whose lines have columns, separated by tabs, below a line that names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def rows(path: Path, columns: tuple[str, ...], entry: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The lines of a table with their numbers, blank ones left out; none if there is no file.

    Args:
        path: the file.
        columns: their names; in the first two of a line there must be something.
        entry: what messages call a line.

    Raises:
        BadInput: if the first line does not name the columns, or a line has another number of them or lacks something.
    """
    if not path.is_file():
        return
    lines = enumerate(files.read_text(path).splitlines(), start=1)
    found = [(number, tuple(line.split("\t"))) for number, line in lines if line.strip()]
    if not found or found[0][1] != columns:
        raise BadInput(f"no header of the columns of each {entry}", where=f"{path}:1", expected="\\t".join(columns))
    for number, row in found[1:]:
        if len(row) != len(columns) or not row[0].strip() or not row[1].strip():
            raise BadInput(f"no {entry}", where=f"{path}:{number}", expected=f"{', '.join(columns)}, separated by tabs")
        yield number, row
