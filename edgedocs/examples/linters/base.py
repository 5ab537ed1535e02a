"""What a linter is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

LARGEST = 200_000
"""Characters; a block that readers are shown is never longer, and no parser is given more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a text: the number of its line, from 1, and a sentence without a full stop."""

    line: int
    what: str


class Linter(ABC):
    """Parses the text of a code block and never runs it.

    A plug-in gives :meth:`parse` and, where it needs something that may be missing, :meth:`absent`. It takes time and
    memory in proportion to the text, whatever the text says. Limits on length and depth are the base's.
    """

    languages: tuple[str, ...]
    """The words after a fence that name the language, in small letters."""

    def absent(self) -> str | None:
        """What is missing here, as a noun (``"bash"``); None if the linter can do its work."""
        return None

    @abstractmethod
    def parse(self, text: str) -> list[Finding]:
        """What is wrong with ``text``, in the order of its lines; LF line ends."""

    def lint(self, text: str) -> list[Finding]:
        """What is wrong with a text of any length and depth."""
        if len(text) > LARGEST:
            return [Finding(1, f"the block has {len(text):,} characters; at most {LARGEST:,} are linted")]
        if "\0" in text:
            return [Finding(text.count("\n", 0, text.index("\0")) + 1, "a NUL character")]
        last = text.rstrip("\n").count("\n") + 1
        try:
            # Parsers that miss an end point behind it, where no line is.
            return [Finding(min(finding.line, last), finding.what) for finding in self.parse(text)]
        except (RecursionError, MemoryError):
            return [Finding(1, "nested too deeply to be read")]
