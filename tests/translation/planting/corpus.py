"""The clean pages: sources with their recorded translations."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.translation.header import find as find_header
from edgedocs.translation.records import find as find_records
from edgedocs.translation.segments import Outline, Segment, split

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent.parent / "corpus"
LANGUAGES = ("cs", "et", "pl", "sl")
PAGES = ("04-gguf.md", "formats.md", "index.md")


@dataclass(frozen=True)
class CorpusPage:
    """A page and its translation, which are in step.

    Args:
        language: code of the language.
        name: name of the page.
        source: text of the page.
        header: what stands above the translation.
        body: the translation.
        records: what stands below it.
    """

    language: str
    name: str
    source: str
    header: str
    body: str
    records: str

    @cached_property
    def outline(self) -> Outline:
        """Segments and fixed pieces of the translation, their lines those of the body."""
        return split(self.body, self.name)

    @cached_property
    def pairs(self) -> tuple[tuple[Segment, Segment], ...]:
        """Each segment of the source with its translation."""
        sources = split(self.source, self.name).segments
        return tuple(zip(sources, self.outline.segments, strict=True))

    def with_body(self, body: str) -> CorpusPage:
        """The page with another translation."""
        return replace(self, body=body)

    def with_segment(self, segment: Segment, text: str) -> CorpusPage:
        """The page with another text of one segment of the translation."""
        start = self.start(segment)
        return self.with_body(self.body[:start] + text + self.body[start + len(segment.text) :])

    def start(self, segment: Segment) -> int:
        """Where a segment of the translation begins in the body."""
        start = sum(map(len, self.body.splitlines(keepends=True)[: segment.line - 1]))
        if segment.kind == "front-matter":
            start = self.body.index(segment.text, start)
        assert self.body.startswith(segment.text, start)
        return start


@cache
def page(language: str, name: str) -> CorpusPage:
    """A page of the corpus."""
    text = (FOLDER / "translations" / language / name).read_bytes().decode()
    source = (FOLDER / "docs" / name).read_bytes().decode()
    head, tail = find_header(text), find_records(text)
    assert head, f"{language} {name} has no header"
    assert tail, f"{language} {name} has no records"
    return CorpusPage(language, name, source, text[: head[1]], text[head[1] : tail[0]], text[tail[0] :])


def pages(language: str) -> Iterator[CorpusPage]:
    """All pages of a language."""
    return (page(language, name) for name in PAGES)


@cache
def wordings() -> dict[str, Any]:
    """Texts in each language that plants need: ``corpus/wordings.toml``."""
    return tomllib.loads((FOLDER / "wordings.toml").read_text(encoding="utf-8"))
