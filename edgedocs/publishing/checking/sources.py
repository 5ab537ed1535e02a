"""Sources: what the pages owe readers: ids that translations keep, texts of pictures, outputs as recorded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgedocs.examples import project as examples
from edgedocs.examples.collection import collect
from edgedocs.examples.recording import edited_by_hand
from edgedocs.pages.page import Page
from edgedocs.publishing.checking.finding import Finding
from edgedocs.publishing.folder import published_files
from edgedocs.translation.inline_parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from edgedocs.pages.block import Block
    from edgedocs.publishing.expected import ExpectedPage
    from edgedocs.publishing.staging import Project

_TEXTLESS = frozenset({"blank", "code", "comment", "fence", "front-matter", "include", "math", "rule"})
_IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=", re.IGNORECASE)
_ID_REMEDY = "write { #name } behind the heading, the same in all languages"


def check_sources(project: Project, pages: Iterable[ExpectedPage]) -> Iterator[Finding]:
    """What is wrong with the texts of all pages and with what their examples recorded.

    Args:
        project: the folders.
        pages: the pages in all languages; one that stands in for its translation may occur again.
    """
    seen: dict[str, ExpectedPage] = {page.shown: page for page in pages}
    for page in seen.values():
        text = Page(project.documents, "", page.shown, page.text)
        yield from _headings(text, page.lines_before)
        yield from _images(text.blocks, page)
    yield from _outputs(project)


def _headings(page: Page, before: int) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for heading in page.headings:
        line = heading.line + before
        if heading.id is None:
            message = f"the heading {heading.text!r} has no id of its own, so its anchor changes with its words"
            yield Finding(page.shown, line, "headings", message, _ID_REMEDY)
        elif heading.id in first:
            message = f"the id {heading.id!r} is taken; expected an id that no other heading of the page has"
            remedy = f"choose another; line {first[heading.id]} has this one"
            yield Finding(page.shown, line, "headings", message, remedy)
        else:
            first[heading.id] = line


def _images(blocks: Iterable[Block], page: ExpectedPage) -> Iterator[Finding]:
    for block in blocks:
        if block.kind in _TEXTLESS or ("![" not in block.text and "<img" not in block.text.lower()):
            continue
        found = parts(block.text)
        places = [(link.start, link.address) for link in found.links if link.image and not link.text.strip()]
        places += [(tag.start(), tag[0]) for tag in _IMAGE_TAG.finditer(found.plain) if not _ALT.search(tag[0])]
        for start, name in places:
            line = page.lines_before + block.line + block.text.count("\n", 0, start)
            message = f"the picture {name} has no text for those who do not see it"
            remedy = "say between ![ and ] what it shows"
            yield Finding(page.shown, line, "images", message, remedy)


def _outputs(project: Project) -> Iterator[Finding]:
    """Recorded outputs and facts that somebody has changed since."""
    collected = examples.Project(project.documents, project.snippets)
    for path in published_files(project.documents, project.excluded):
        if path.suffix != ".md":
            continue
        for example in collect(collected, Page.load(path, project.documents)).examples:
            for changed, message in edited_by_hand(collected, example):
                remedy = f"run pytest {example.page.shown} --update-outputs, and read what changes"
                yield Finding(_shown(changed, project), 1, "outputs", message, remedy)


def _shown(path: Path, project: Project) -> str:
    return f"{project.snippets.name}/{path.relative_to(project.snippets).as_posix()}"
