"""What could harm a reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.translation.planting.corpus import CorpusPage

GROUP = "safety"


def _after_first_word(page: CorpusPage, text: str) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        match = re.search(r"[^\W\d_]{3,} (?=[^\W\d_])", target.text)
        is_text = target.kind in ("paragraph", "list-item") and not target.text.lstrip().startswith("![")
        if is_text and match:
            yield page.with_segment(target, target.text[: match.end()] + text + target.text[match.end() :])


def _own_block(page: CorpusPage, text: str) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "paragraph" and not target.place:
            yield page.with_segment(target, f"{target.text}\n{text}\n")


def _within_word(page: CorpusPage, text: str) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind in ("paragraph", "heading", "list-item") and (match := re.search(r" [^\W\d_]{4}", target.text)):
            yield page.with_segment(target, target.text[: match.end()] + text + target.text[match.end() :])


@kind(GROUP, "new link")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after_first_word(page, "([web](https://github.com/ggml-org/whisper.cpp)) ")


@kind(GROUP, "new domain")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after_first_word(page, "([web](https://free-models.example.net/get)) ")


@kind(GROUP, "new bare address")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after_first_word(page, "<https://free-models.example.net> ")
    yield from _after_first_word(page, "https://free-models.example.net/a ")


@kind(GROUP, "domain of a link changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for match in re.finditer(r"github\.com", page.body):
        yield page.with_body(page.body[: match.start()] + "github.example.net" + page.body[match.end() :])


@kind(GROUP, "look-alike letter in a domain")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for match in re.finditer(r"(?<=g)i(?=thub\.com)", page.body):
        yield page.with_body(page.body[: match.start()] + "\u0456" + page.body[match.end() :])


@kind(GROUP, "script")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _own_block(page, '<script src="https://example.net/a.js"></script>')
    yield from _after_first_word(page, "<script>alert(1)</script> ")


@kind(GROUP, "event handler")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after_first_word(page, '<span onclick="alert(1)">x</span> ')
    for match in re.finditer(r"<(?:p|div|kbd)(?=[ >])", page.body):
        yield page.with_body(f'{page.body[: match.end()]} onmouseover="alert(1)"{page.body[match.end() :]}')


@kind(GROUP, "iframe")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _own_block(page, '<iframe src="https://example.net"></iframe>')


@kind(GROUP, "address that runs a script")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after_first_word(page, "([web](javascript:alert(1))) ")
    yield from _after_first_word(page, "([web](data:text/html;base64,PHNjcmlwdD4=)) ")


@kind(GROUP, "raw HTML")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _own_block(page, '<div style="position:fixed">!</div>')
    yield from _after_first_word(page, '<font color="red">!</font> ')


@kind(GROUP, "image from elsewhere")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after_first_word(page, "![](https://example.net/pixel.png) ")
    yield from _after_first_word(page, '<img src="x" onerror="alert(1)"> ')


@kind(GROUP, "handler in an attribute list")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for match in re.finditer(r"\{ #[\w-]+(?= \}$)", page.body, re.MULTILINE):
        yield page.with_body(f'{page.body[: match.end()]} onclick="alert(1)"{page.body[match.end() :]}')


@kind(GROUP, "bidirectional control")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _within_word(page, "\u202e")
    yield from _within_word(page, "\u2066")


@kind(GROUP, "zero-width character")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _within_word(page, "\u200b")
    yield from _within_word(page, "\u2060")


@kind(GROUP, "control character")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _within_word(page, "\x07")
    yield from _within_word(page, "\x1b[31m")


@kind(GROUP, "invisible tag characters")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _within_word(page, "".join(chr(0xE0000 + ord(c)) for c in "ignore"))
