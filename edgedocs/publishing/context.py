"""Context: what turning one page into its staged form may look up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgedocs.examples.facts import Facts
    from edgedocs.pages.fence import Fence
    from edgedocs.publishing.labels import Labels


@dataclass(frozen=True)
class Context:
    """The surroundings of a page.

    Args:
        name: the page below the documentation folder, without suffix: ``"04-gguf"``.
        shown: what messages call its file: ``"translations/cs/04-gguf.md"``.
        snippets: the snippets folder.
        documents: the documentation folder, from which relative links are read.
        facts: all recorded facts.
        labels: the words that the site adds, in the language of the page's text.
        locale: the language of the page's text, in which numbers are written.
        fences: the code blocks of the source page by their key: in all languages code comes from there.
        lines_before: lines of the file before the page's text, which a header takes.
    """

    name: str
    shown: str
    snippets: Path
    documents: Path
    facts: Facts
    labels: Labels
    locale: str
    fences: Mapping[str, Fence] = field(default_factory=dict)
    lines_before: int = 0

    def place(self, line: int) -> str:
        """What messages call a line of the page's text."""
        return f"{self.shown}:{line + self.lines_before}"

    @property
    def folder(self) -> PurePosixPath:
        """The page's folder below the documentation folder."""
        return PurePosixPath(self.name).parent

    def provenance(self, example: str) -> Mapping[str, Any] | None:
        """When and where an example of this page ran last, if that was recorded."""
        record = self.facts.records.get(self.name, {}).get(example)
        return record.provenance if record else None

    def day(self, provenance: Mapping[str, Any]) -> str | None:
        """The date of a provenance, written out in the language of the page's text."""
        try:
            return self.labels.day(datetime.fromisoformat(str(provenance["date"])).date())
        except (KeyError, ValueError):
            return None
