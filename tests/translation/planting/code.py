"""Code, facts and names that must be the source's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgedocs.pages.scanner import scan
from tests.translation.planting.corpus import wordings
from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.translation.planting.corpus import CorpusPage

GROUP = "code"
FACTS = "facts"


def _everywhere(page: CorpusPage, pattern: str, replacement: str) -> Iterator[CorpusPage]:
    for match in re.finditer(pattern, page.body, flags=re.MULTILINE):
        yield page.with_body(page.body[: match.start()] + match.expand(replacement) + page.body[match.end() :])


def _fences(page: CorpusPage, pattern: str, replacement: str) -> Iterator[CorpusPage]:
    """Every fence in which a pattern occurs, with its first occurrence replaced."""
    offset = 0
    for block in scan(page.body):
        changed, count = re.subn(pattern, replacement, block.text, count=1, flags=re.MULTILINE)
        if block.kind == "fence" and count:
            yield page.with_body(page.body[:offset] + changed + page.body[offset + len(block.text) :])
        offset += len(block.text)


def _inline(page: CorpusPage, pattern: str, replacement: str) -> Iterator[CorpusPage]:
    """Every inline code of a segment in which a pattern occurs, with its first occurrence replaced."""
    for target in page.outline.segments:
        for code in re.finditer(r"(?<!`)`[^`\n]+`(?!`)", target.text):
            changed, count = re.subn(pattern, replacement, code[0], count=1)
            if count:
                yield page.with_segment(target, target.text[: code.start()] + changed + target.text[code.end() :])


@kind(GROUP, "comment in code translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"# Load the quantized model.*$", f"# {wordings()['comment'][page.language]}")
    yield from _everywhere(page, r"# greedy by default", f"# {wordings()['comment'][page.language]}")


@kind(GROUP, "identifier in a fence changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"\brunner\b", "spoustec")
    yield from _fences(page, r"quantizers", "quantizer")
    yield from _fences(page, r"^\$ edgedocs (\w+)", r"$ edgedocs-\1")


@kind(GROUP, "number in a fence changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"4\.5 bits", "4,5 bits")
    yield from _fences(page, r"max_tokens=64", "max_tokens=46")


@kind(GROUP, "line of a fence lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"(^ *(?:```|[$>.]).*\n)(?! *```).*\n", r"\1")


@kind(GROUP, "include changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"\.(py|out)\"", rf"-{page.language}.\1" + '"')


@kind(GROUP, "attribute of a fence translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r'shown="[^"]*"', 'shown="X"')
    yield from _fences(page, r"output-of=", "output=")


@kind(GROUP, "language of a fence changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"```(?:python|console)", "```bash")


@kind(GROUP, "fence lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"(?s)^.*$", "")


@kind(GROUP, "fence added")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"(?s)\A.*\Z", "```bash\nedgedocs run tiny\n```\n\n\\g<0>")


@kind(GROUP, "fence not closed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"^ *```\n\Z", "")


@kind(GROUP, "indentation in a fence lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _fences(page, r"^\.\.\.     ", "... ")


@kind(GROUP, "identifier in inline code changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _inline(page, r"([a-z])(?!\1)([a-z])", r"\2\1")


@kind(GROUP, "dashes of an option became one")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _inline(page, r"--", "—")


@kind(GROUP, "quotes in inline code became typographic")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _inline(page, r'"(\w+)"', r"„\1“")


@kind(GROUP, "inline code without its marks")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _inline(page, r"^`(.*)`$", r"\1")


@kind(GROUP, "one mark of inline code lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _inline(page, r"`$", "")


@kind(GROUP, "letters of other alphabet in inline code")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _inline(page, r"e", "\u0435")


@kind(GROUP, "inline code dropped")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _inline(page, r"^`.*`$", "")


@kind(GROUP, "name of a type changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind in ("paragraph", "list-item") and (match := re.search(r"\bQ4_0\b", target.text)):
            yield page.with_segment(target, target.text[: match.start()] + "Q4_1" + target.text[match.end() :])


@kind(FACTS, "name of a fact changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\[\[([\w#.-]+)\.(\w+)(\||\])", r"[[\1.x\2\3")


@kind(FACTS, "format of a fact changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\|\.(\d)([f%])\]\]", r"|.0\2]]")


@kind(FACTS, "fact became a number")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\[\[[\w#.-]+\|.*?\]\]", "4,5")


@kind(FACTS, "fact dropped")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r" ?\[\[[\w#.-]+(?:\|.*?)?\]\]", "")


@kind(FACTS, "fact twice")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"(\[\[[\w#.-]+(?:\|.*?)?\]\])", r"\1 \1")


@kind(FACTS, "brackets of a fact broken")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\[(\[[\w#.-]+(?:\|.*?)?\])\]", r"\1")
