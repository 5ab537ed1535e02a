"""Glossary: how a language renders the terms of the field, from its ``glossary.tsv``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.translation import tables

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
    terms: dict[str, Term] = {}
    for number, (term, translation, note) in tables.rows(path, COLUMNS, "term"):
        if term in terms:
            raise BadInput(f"{term!r} is there already", where=f"{path}:{number}", expected="each term once")
        terms[term] = Term(term, translation, note)
    return tuple(terms.values())
