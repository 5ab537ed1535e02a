"""Links, images and anchors that point elsewhere, or nowhere."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.translation.planting.corpus import CorpusPage

GROUP = "links"
LINK = re.compile(r"(?<!!)\[(?P<text>(?:[^][\n`]|`[^`\n]*`)+)\]\((?P<address>[^()\s]+)\)")


def _addresses(page: CorpusPage, pattern: str, replacement: str) -> Iterator[CorpusPage]:
    """Every address of a link in which a pattern occurs, with its first occurrence replaced."""
    for match in LINK.finditer(page.body):
        changed, count = re.subn(pattern, replacement, match["address"], count=1)
        if count:
            yield page.with_body(page.body[: match.start("address")] + changed + page.body[match.end("address") :])


def _everywhere(page: CorpusPage, pattern: str, replacement: str) -> Iterator[CorpusPage]:
    for match in re.finditer(pattern, page.body, flags=re.MULTILINE):
        yield page.with_body(page.body[: match.start()] + match.expand(replacement) + page.body[match.end() :])


@kind(GROUP, "address changed by a character")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _addresses(page, "ggml-org", "ggml-0rg")
    yield from _addresses(page, "github", "gitub")
    yield from _addresses(page, "quant", "quants")


@kind(GROUP, "last character of an address lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _addresses(page, r"(?<=\w)\w$", "")


@kind(GROUP, "scheme of an address changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _addresses(page, "^https", "http")


@kind(GROUP, "case of an address changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _addresses(page, "docs/gguf", "docs/GGUF")
    yield from _addresses(page, "04-gguf", "04-GGUF")


@kind(GROUP, "address became a language's own")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _addresses(page, r"04-gguf\.md", f"04-gguf.{page.language}.md")
    yield from _addresses(page, r"04-gguf\.md", f"../{page.language}/04-gguf.md")


@kind(GROUP, "addresses of two links exchanged")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        links = list(LINK.finditer(target.text))
        for left, right in combinations(links, 2):
            parts = (
                target.text[: left.start("address")],
                right["address"],
                target.text[left.end("address") : right.start("address")],
                left["address"],
                target.text[right.end("address") :],
            )
            yield page.with_segment(target, "".join(parts))


@kind(GROUP, "anchor of an in-page link translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "heading" and target.identifier and f"](#{target.identifier})" in page.body:
            slug = re.sub(r"\W+", "-", target.text.partition("{")[0].strip("# ").casefold())
            yield page.with_body(page.body.replace(f"](#{target.identifier})", f"](#{slug})", 1))


@kind(GROUP, "in-page link to another section")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _addresses(page, "^#(?:bits|ways|questions)$", "#figures")
    yield from _addresses(page, "^#(?:figures|quality)$", "#exercises")


@kind(GROUP, "id of a heading translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"^(#+ .*\{ #)([\w-]+)", r"\1\2-x")


@kind(GROUP, "id of a heading lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"^(#+ .*?) *\{ #[\w-]+ \}$", r"\1")


@kind(GROUP, "link lost, its text kept")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for match in LINK.finditer(page.body):
        yield page.with_body(page.body[: match.start()] + match["text"] + page.body[match.end() :])


@kind(GROUP, "link broken by a blank")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for match in LINK.finditer(page.body):
        broken = f"[{match['text']}] ({match['address']})"
        yield page.with_body(page.body[: match.start()] + broken + page.body[match.end() :])


@kind(GROUP, "image lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"!\[[^]]*\]\([^)]*\)", "")


@kind(GROUP, "path of an image changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"overview\.svg", f"overview.{page.language}.svg")
    yield from _everywhere(page, r"\(\.\./snippets", "(snippets")


@kind(GROUP, "label of a reference translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\]\[readme\]", "][label]")


@kind(GROUP, "address behind a label changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"blob/master/README\.md", "blob/main/README.md")


@kind(GROUP, "bare address changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"llama\.cpp/discussions>", "llama.cpp/discussion>")
