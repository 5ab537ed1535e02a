"""Translations that stop too early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.segments import Segment
    from tests.translation.planting.corpus import CorpusPage

GROUP = "truncation"
_LEAST = 12
"""Words of a text that can be cut in the middle."""


def _long(page: CorpusPage) -> Iterator[Segment]:
    for source, target in page.pairs:
        is_long = target.kind in ("paragraph", "list-item", "quote") and len(target.text.split()) >= _LEAST
        if is_long and source.text.rstrip().endswith((".", ":")):
            yield target


def _half(text: str) -> str:
    """The text up to a word's end in its second half, and not at the end of a sentence or a clause."""
    cut = len(text) * 3 // 5
    while cut > 0 and not (text[cut - 1].isalpha() and text[cut] == " " and text[:cut].count("`") % 2 == 0):
        cut -= 1
    return text[:cut]


def _within_word(text: str) -> str:
    """The text up to the middle of a long word in its second half."""
    cut = len(text) * 3 // 5
    while cut > 0 and not (text[cut - 3 : cut + 3].isalpha() and text[:cut].count("`") % 2 == 0):
        cut -= 1
    return text[:cut]


@kind(GROUP, "page ends within a sentence")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _long(page):
        yield page.with_body(page.body[: page.start(target)] + _half(target.text) + "\n")


@kind(GROUP, "page ends within a word")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _long(page):
        yield page.with_body(page.body[: page.start(target)] + _within_word(target.text) + "\n")


@kind(GROUP, "last paragraph ends within a sentence")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    *_, last = _long(page)
    yield page.with_segment(last, _half(last.text) + "\n")


@kind(GROUP, "paragraph ends within a sentence")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _long(page):
        yield page.with_segment(target, _half(target.text) + "\n")


@kind(GROUP, "paragraph ends within a word")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _long(page):
        yield page.with_segment(target, _within_word(target.text) + "\n")


@kind(GROUP, "last sentence of a paragraph missing")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _long(page):
        sentences = target.text.rstrip().split(". ")
        if len(sentences) >= 3 and len(sentences[-1]) > len(target.text) / 4:
            yield page.with_segment(target, ". ".join(sentences[:-1]) + ".\n")


@kind(GROUP, "last section missing")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    *_, last = (target for _, target in page.pairs if target.kind == "heading")
    yield page.with_body(page.body[: page.start(last)].rstrip("\n") + "\n")


@kind(GROUP, "empty tail of dashes")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(f"{page.body}\n---\n")
    yield page.with_body(f"{page.body.rstrip()}\n\n---\n\n")


@kind(GROUP, "only the first lines")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(page.body[: page.body.index("\n## ")])


@kind(GROUP, "empty page")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body("")


@kind(GROUP, "paragraph shrunk to its first words")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _long(page):
        if len(target.text) > 200:
            words = target.text.split(" ")
            yield page.with_segment(target, " ".join(words[:4]).rstrip(".,:") + ".\n")
