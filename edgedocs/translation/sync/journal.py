"""Journal: the answers for a page that is not written yet, kept so that a kill loses only those under way.

One file a page, one line of JSON an answer, appended as it comes. It is removed when the page is written. A line that
was torn is no answer; a journal that cannot be read is an empty one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import CannotRun

if TYPE_CHECKING:
    from edgedocs.translation.segments import Segment
    from edgedocs.translation.tree import Tree

FOLDER_NAME = ".sync"
"""Folder of the journals, beside the languages; git ignores it."""

Key = tuple[str, ...]


def key(segment: Segment) -> Key:
    """What segments share that can have one translation: hash, kind and place."""
    return (segment.digest, *segment.signature)


@dataclass(frozen=True)
class Journal:
    """The journal of a page.

    Args:
        path: its file, which need not exist.
        folder: that of all journals.
        translator: name and model of the translator; answers of another are not used.
    """

    path: Path
    folder: Path
    translator: str

    @classmethod
    def of(cls, tree: Tree, language: str, page: str, translator: str) -> Journal:
        """The journal of a page in one language."""
        folder = tree.translations / FOLDER_NAME
        return cls(folder / language / f"{page}.jsonl", folder, translator)

    def read(self) -> dict[Key, str]:
        """The answers."""
        answers: dict[Key, str] = {}
        if not self.path.is_file():
            return answers
        for line in files.read_bytes(self.path).decode("utf-8", "replace").split("\n"):
            try:
                translator, place, text = json.loads(line)
            except (ValueError, TypeError, RecursionError):
                continue
            if translator == self.translator and isinstance(text, str) and isinstance(place, list):
                answers[tuple(str(part) for part in place)] = text
        return answers

    def add(self, place: Key, text: str) -> None:
        """Keep an answer.

        Raises:
            CannotRun: if it cannot be written.
        """
        line = json.dumps([self.translator, place, text]) + "\n"
        ignore = self.folder / ".gitignore"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            # One write to a file opened for appending: lines of two processes do not mix. A line torn before by a kill
            # is ended first, so that it takes none with it.
            with self.path.open("ab", buffering=0) as stream:
                stream.write(b"\n" + line.encode("utf-8"))
        except OSError as error:
            raise CannotRun(f"cannot write: {error.strerror}", where=self.path) from error

    def remove(self) -> None:
        """Remove the file; the page has the answers now."""
        self.path.unlink(missing_ok=True)
