"""Text in another language, and wrong terms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.translation.planting.corpus import LANGUAGES, wordings
from tests.translation.planting.corpus import page as corpus_page
from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.segments import Segment
    from tests.translation.planting.corpus import CorpusPage

GROUP = "language"
TERMS = "terminology"


def _texts(page: CorpusPage, least: int = 10) -> Iterator[tuple[Segment, Segment]]:
    for source, target in page.pairs:
        is_text = source.kind in ("paragraph", "list-item", "definition") and not source.text.lstrip().startswith("![")
        if is_text and len(source.text.split()) >= least:
            yield source, target


@kind(GROUP, "paragraph left in English")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for source, target in _texts(page):
        yield page.with_segment(target, source.text)


@kind(GROUP, "sentence left in English")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for source, target in _texts(page):
        old, new = source.text.rstrip().split(". "), target.text.rstrip().split(". ")
        if len(old) == len(new) >= 2 and len(old[-1].split()) >= 6:
            yield page.with_segment(target, ". ".join([*new[:-1], old[-1]]) + "\n")


@kind(GROUP, "heading left in English")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for source, target in page.pairs:
        words = source.text.partition("{")[0].split()[1:]
        if source.kind == "heading" and source.text != target.text and len(words) >= 3:
            yield page.with_segment(target, source.text)


@kind(GROUP, "list item left in English")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for source, target in page.pairs:
        if source.kind == "list-item" and len(source.text.split()) >= 6:
            yield page.with_segment(target, source.text)


@kind(GROUP, "table left in English")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for source, target in page.pairs:
        if source.kind == "table":
            yield page.with_segment(target, source.text)


@kind(GROUP, "title of an admonition left in English")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for source, target in page.pairs:
        if source.kind == "admonition" and len(source.text.split()) >= 5:
            yield page.with_segment(target, source.text)


@kind(GROUP, "description left in English")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for source, target in page.pairs:
        if source.kind == "front-matter" and source.place == ("description",):
            yield page.with_segment(target, source.text)


@kind(GROUP, "page left in English")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(page.source)


@kind(GROUP, "paragraph in a language of the corpus")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for number, (source, target) in enumerate(_texts(page)):
        others = [language for language in LANGUAGES if language != page.language]
        foreign = corpus_page(others[number % len(others)], page.name)
        text = next(theirs.text for ours, theirs in foreign.pairs if ours is source or ours == source)
        yield page.with_segment(target, text)


@kind(GROUP, "page in a language of the corpus")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for language in LANGUAGES:
        if language != page.language:
            yield page.with_body(corpus_page(language, page.name).body)


def _plant_foreign(language: str) -> None:
    @kind(GROUP, f"paragraph in {wordings()['foreign'][language]['name']}")
    def _(page: CorpusPage) -> Iterator[CorpusPage]:
        for entry in wordings()["foreign"][language]["texts"]:
            for source, target in page.pairs:
                if source.text.startswith(entry["source"]):
                    yield page.with_segment(target, entry["text"])


for _language in wordings()["foreign"]:
    _plant_foreign(_language)


def _plant_wrong(term: str) -> None:
    @kind(TERMS, f"wrong term for {term}")
    def _(page: CorpusPage) -> Iterator[CorpusPage]:
        entry = next(entry for entry in wordings()["terms"][page.language] if entry["term"] == term)
        for source, target in page.pairs:
            if re.search(rf"\b{entry['source']}\b", source.text, re.IGNORECASE):
                changed = _renamed(target.text, entry["right"], entry["wrong"])
                if changed != target.text:
                    yield page.with_segment(target, changed)


for _term in dict.fromkeys(entry["term"] for entries in wordings()["terms"].values() for entry in entries):
    _plant_wrong(_term)


def _renamed(text: str, right: str, wrong: str) -> str:
    """The text with a stem exchanged, outside code, facts, formulas and addresses."""
    pieces = re.split(r"(`[^`]*`|\[\[.*?\]\]|\]\([^)]*\)|\$[^$]*\$|\{[^}]*\})", text)
    changed = [piece if number % 2 else _with_case(piece, right, wrong) for number, piece in enumerate(pieces)]
    return "".join(changed)


def _with_case(text: str, right: str, wrong: str) -> str:
    return re.sub(rf"\b{right}", lambda m: wrong.capitalize() if m[0][0].isupper() else wrong, text, flags=re.I)


@kind(TERMS, "precision and accuracy confused")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    confusion = wordings()["confused"][page.language]
    for source, target in page.pairs:
        for english, right, wrong in ((r"precisions?", *confusion), (r"accuracy", *reversed(confusion))):
            both = re.search(r"precisions?", source.text, re.I) and re.search("accuracy", source.text, re.I)
            if re.search(rf"\b{english}\b", source.text, re.I) and not both:
                changed = _renamed(target.text, right, wrong)
                if changed != target.text:
                    yield page.with_segment(target, changed)
