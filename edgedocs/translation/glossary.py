"""Glossary: how a language renders the terms of the field, from its ``glossary.tsv``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "glossary.tsv"
COLUMNS = ("term", "translation", "note")


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Args:
        term: as the source has it.
        translation: its base form in the language.
        note: what a translator must know, for example what not to confuse it with; may be empty.
    """

    term: str
    translation: str
    note: str


def load(folder: Path) -> tuple[Term, ...]:
    """The glossary of a language, in the file's order; empty if its folder has none.

    Raises:
        BadInput: if a line has another number of columns than :data:`COLUMNS`, an empty term or translation, or a term
            that was there before; the message names the line.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return ()
    lines = files.read_text(path).splitlines()
    rows = [(number, tuple(line.split("\t"))) for number, line in enumerate(lines, start=1) if line.strip()]
    if not rows or rows[0][1] != COLUMNS:
        raise BadInput("the glossary has no header", where=f"{path}:1", expected="\\t".join(COLUMNS))
    terms: dict[str, Term] = {}
    for number, row in rows[1:]:
        if len(row) != len(COLUMNS) or not row[0].strip() or not row[1].strip():
            raise BadInput("no term", where=f"{path}:{number}", expected=f"{', '.join(COLUMNS)}, separated by tabs")
        if row[0] in terms:
            raise BadInput(f"{row[0]!r} is there already", where=f"{path}:{number}", expected="each term once")
        terms[row[0]] = Term(*row)
    return tuple(terms.values())
