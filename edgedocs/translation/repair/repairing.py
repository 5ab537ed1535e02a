"""Repairing: diagnosis and repair of a file, or of a translated page with what it records.

A page is written only where its text says what it was. Its header stays. A segment that was recorded with the hash of
the damaged text gets the hash of the restored one, so that damage that a machine wrote does not become a person's edit
by being repaired; a segment whose record has the hash of the text before the damage needs no change, and that record
proves the repair. Whatever else a record says stays: a person's text stays a person's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.translation import header as headers
from edgedocs.translation.locks import file_lock
from edgedocs.translation.normalization import digest
from edgedocs.translation.repair.diagnosis import Diagnosis, Loss, diagnose
from edgedocs.translation.saving import save
from edgedocs.translation.segments import split
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from edgedocs.translation.records import Record

_MOST_TRIALS = 4096
"""Combinations of candidates that are compared with a segment's record."""

_FIRST_STAND_IN = 0xF0000
"""Of the characters for private use that stand for the lost ones meanwhile."""


@dataclass(frozen=True)
class Repair:
    """What was found in a file, and done.

    Args:
        path: the file.
        diagnosis: what happened to its text.
        text: the text with all that is restored.
        lost: characters that neither the bytes nor the page's records determine.
        recorded: characters that the bytes leave open, and the hash of the segment in the page's records decides.
        written: whether a file was written.
        proved: whether the page's records have the hash of every segment of the text.
    """

    path: Path
    diagnosis: Diagnosis
    text: str
    lost: tuple[Loss, ...] = ()
    recorded: int = 0
    written: bool = False
    proved: bool = False

    @property
    def repairable(self) -> bool:
        """Whether every character is known."""
        return not self.lost and not self.diagnosis.ambiguous and (self.proved or not self.diagnosis.unproven)

    def exit_code(self, check: bool) -> int:
        """0 if the file is clean or whole again, 1 if it is damaged."""
        return 1 if self.diagnosis.damaged and (check or not self.repairable) else 0

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON-ready data."""
        return {
            "path": self.path.as_posix(),
            "damaged": self.diagnosis.damaged,
            "codec": self.diagnosis.codec,
            "repairable": self.repairable,
            "lost_characters": len(self.lost),
            "written": self.written,
            "lines": list(self.diagnosis.lines),
            "ambiguous": list(self.diagnosis.ambiguous),
            "unproven": [] if self.proved else list(self.diagnosis.unproven),
            "restored_from_records": self.recorded,
            "losses": [
                {"line": loss.line, "column": loss.column, "damaged": loss.damaged, "candidates": list(loss.candidates)}
                for loss in self.lost
            ],
        }


def repair(path: Path, output: Path | None = None, *, check: bool = False) -> Repair:
    """Repair a file: each line that is damaged and that the bytes determine; the others stay as they are.

    Args:
        path: the file.
        output: where to write the text; ``path`` itself if None. It is written only if something was restored.
        check: whether to write nothing.

    Raises:
        BadInput: if the file is missing, not UTF-8 or too large, or if a translated page has a malformed header or
            malformed records.
        CannotRun: if it cannot be read or written, or something else wrote it meanwhile or has its lock.
    """
    text = files.read_text(path)
    found = examine(text, path)
    if check or found.text == text:
        return found
    if output is not None:
        files.write_text(output, found.text)
        return replace(found, written=True)
    if path.is_symlink():
        raise BadInput("a symbolic link", where=path, expected="a file", remedy="name the file it leads to")
    header = headers.parse(text, path.as_posix())
    with file_lock(path, header.language_code if header else None):
        save(path, found.text, text)
    return replace(found, written=True)


def examine(text: str, path: Path) -> Repair:
    """What :func:`repair` would do to a text.

    Raises:
        BadInput: if it is a translated page with a malformed header or malformed records.
    """
    diagnosis = diagnose(text)
    if not diagnosis.damaged:
        return Repair(path, diagnosis, text)
    is_open = diagnosis.unproven or diagnosis.ambiguous
    without_records = Repair(path, diagnosis, text if is_open else diagnosis.text, diagnosis.losses)
    if headers.find(text) is None or diagnosis.ambiguous:
        return without_records
    page = TranslatedPage.parse(text, path.as_posix())
    if page.records is None:
        return without_records
    restored, lost = _decide_by_records(text, diagnosis, page.records)
    after = TranslatedPage.parse(restored, path.as_posix())
    if diagnosis.unproven:
        hashes = {record.target for record in page.records}
        if lost or any(segment.digest not in hashes for segment in after.outline("").segments):
            return without_records
        return replace(without_records, text=restored, lost=(), recorded=len(diagnosis.losses), proved=True)
    renewed = _renewed(page, after, path.as_posix())
    if renewed != page.records:
        restored = replace(after, records=renewed).render()
    return Repair(path, diagnosis, restored, lost, len(diagnosis.losses) - len(lost))


def _decide_by_records(text: str, diagnosis: Diagnosis, records: Iterable[Record]) -> tuple[str, tuple[Loss, ...]]:
    """The text with the lines whose lost characters the hash of their segment decides, and the losses that stay.

    A segment with its candidates put in must have a hash that the page recorded; exactly one choice must.
    """
    open_losses = [loss for loss in diagnosis.losses if loss.candidates]
    if not open_losses or len(open_losses) > 0xFFFD:
        return diagnosis.text, diagnosis.losses
    marked = list(text)
    stand_ins = {}
    for number, loss in enumerate(open_losses):
        stand_in = chr(_FIRST_STAND_IN + number)
        stand_ins[stand_in] = loss
        marked[loss.place] = stand_in
        for place in range(loss.place + 1, loss.place + len(loss.damaged)):
            marked[place] = ""
    again = diagnose("".join(marked))
    if again.ambiguous:
        return diagnosis.text, diagnosis.losses
    page = TranslatedPage.parse(again.text, "")
    hashes = {record.target for record in records}
    decided: dict[str, str] = {}
    for segment in page.outline("").segments:
        inside = [character for character in segment.text if character in stand_ins]
        if inside and (choice := _choice(segment.text, inside, stand_ins, hashes)):
            decided |= choice
    lines = diagnosis.text.split("\n")
    still = tuple(loss for loss in diagnosis.losses if not any(stand_ins[s] is loss for s in decided))
    closed = {stand_ins[s].line for s in decided} - {loss.line for loss in still}
    for number, line in enumerate(again.text.split("\n"), start=1):
        if number in closed:
            lines[number - 1] = line.translate({ord(s): character for s, character in decided.items()})
    return "\n".join(lines), still


def _choice(text: str, inside: list[str], stand_ins: dict[str, Loss], hashes: set[str]) -> dict[str, str] | None:
    options = [stand_ins[character].candidates for character in inside]
    count = 1
    for option in options:
        count *= len(option)
        if count > _MOST_TRIALS:
            return None
    found = [
        dict(zip(inside, chosen, strict=True))
        for chosen in product(*options)
        if digest(text.translate({ord(s): c for s, c in zip(inside, chosen, strict=True)})) in hashes
    ]
    return found[0] if len(found) == 1 else None


def _renewed(before: TranslatedPage, after: TranslatedPage, where: str) -> tuple[Record, ...]:
    """The records, with the hash of the restored text where they have that of the damaged one."""
    old = split(before.body, where, before.body_line).segments
    new = split(after.body, where, after.body_line).segments
    hashes = {}
    if len(old) == len(new):
        hashes = {o.digest: n.digest for o, n in zip(old, new, strict=True) if o.digest != n.digest}
    return tuple(replace(r, target=hashes.get(r.target, r.target)) for r in before.records or ())
