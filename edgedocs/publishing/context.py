"""Context: what turning one page into its staged form may look up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgedocs.examples.collection import CodeBlock, Collection
    from edgedocs.examples.example import Example
    from edgedocs.examples.facts import Facts
    from edgedocs.pages.fence import Fence
    from edgedocs.publishing.definitions import Definition
    from edgedocs.publishing.labels import Labels


@dataclass(frozen=True)
class Context:
    """The surroundings of a page.

    Args:
        source: what the source page holds; in all languages code comes from there.
        shown: what messages call the page's file: ``"translations/cs/04-gguf.md"``.
        documents: the documentation folder, from which relative links are read.
        snippets: the snippets folder.
        facts: all recorded facts.
        labels: the words that the site adds, in the language of the page's text.
        lines_before: lines of the file before the page's text, which a header takes.
        source_language: code of the language in which attributes of code blocks are written.
        lagging: whether the page is a translation that its source has outrun: it may lack code blocks, or have others.
        definitions: what terms mean, in the language of the page's text.
        glossary: the glossary's file, relative to the page's; None if the site has none.
    """

    source: Collection
    shown: str
    documents: Path
    snippets: Path
    facts: Facts
    labels: Labels
    lines_before: int = 0
    source_language: str = "en"
    lagging: bool = False
    definitions: Sequence[Definition] = ()
    glossary: str | None = None

    def place(self, line: int) -> str:
        """What messages call a line of the page's text."""
        return f"{self.shown}:{line + self.lines_before}"

    @property
    def name(self) -> str:
        """The page below the documentation folder, without suffix: ``"04-gguf"``."""
        return self.source.page.name

    @property
    def folder(self) -> PurePosixPath:
        """The page's folder below the documentation folder."""
        return PurePosixPath(self.name).parent

    @cached_property
    def examples(self) -> Mapping[str, Example]:
        """The examples of the source page, by id."""
        return {example.name: example for example in self.source.examples}

    @cached_property
    def _blocks(self) -> Mapping[str, CodeBlock]:
        return {key_of(block.fence): block for block in self.source.blocks}

    def code_block(self, fence: Fence) -> CodeBlock | None:
        """The code block of the source page that a fence of this page stands for; None if the source lacks it."""
        return self._blocks.get(key_of(fence))

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


def key_of(fence: Fence) -> str:
    """What identifies a code block in all languages: its id, what it shows a part of, or else all of it."""
    if fence.id:
        return f"#{fence.id}"
    for attribute in ("output-of", "part-of"):
        if attribute in fence.attributes:
            return f"{attribute}={fence.attributes[attribute]}:{fence.body}"
    return f"{fence.language}:{fence.body}"
