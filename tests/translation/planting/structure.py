"""Markup that broke."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.translation.planting.corpus import CorpusPage

GROUP = "structure"
WORDS = {
    "cs": {"note": "poznámka", "tip": "rada", "warning": "varování", "question": "otázka", "success": "úspěch"},
    "et": {"note": "märkus", "tip": "vihje", "warning": "hoiatus", "question": "küsimus", "success": "edu"},
    "pl": {"note": "uwaga", "tip": "porada", "warning": "ostrzeżenie", "question": "pytanie", "success": "sukces"},
    "sl": {"note": "opomba", "tip": "nasvet", "warning": "opozorilo", "question": "vprašanje", "success": "uspeh"},
}
"""Kinds of admonitions, translated as they must not be."""

KEYS = {
    "cs": {"description": "popis", "title": "název", "tags": "štítky"},
    "et": {"description": "kirjeldus", "title": "pealkiri", "tags": "sildid"},
    "pl": {"description": "opis", "title": "tytuł", "tags": "tagi"},
    "sl": {"description": "opis", "title": "naslov", "tags": "oznake"},
}


def _of_kind(page: CorpusPage, kind_of_segment: str, pattern: str, replacement: str) -> Iterator[CorpusPage]:
    """Every segment of a kind in which a pattern occurs, with its first occurrence replaced."""
    for target in page.outline.segments:
        if target.kind == kind_of_segment:
            changed, count = re.subn(pattern, replacement, target.text, count=1, flags=re.MULTILINE)
            if count:
                yield page.with_segment(target, changed)


def _everywhere(page: CorpusPage, pattern: str, replacement: str) -> Iterator[CorpusPage]:
    """Every occurrence of a pattern in the body, replaced alone."""
    for match in re.finditer(pattern, page.body, flags=re.MULTILINE):
        yield page.with_body(page.body[: match.start()] + match.expand(replacement) + page.body[match.end() :])


@kind(GROUP, "heading one level deeper")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "heading", "^#", "##")


@kind(GROUP, "heading one level higher")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "heading", "^##", "#")


@kind(GROUP, "heading became bold text")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "heading", r"^#+ ([^{\n]+?) *(\{.*)?$", r"**\1**")


@kind(GROUP, "list item dropped")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "list-item":
            yield page.with_segment(target, "")


@kind(GROUP, "two list items joined")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"(?<=[;.?])\n *(?:[-*]|\d\.) (?:\[.\] )?", " ")


@kind(GROUP, "list marker lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "list-item", r"^( *)(?:[-*]|\d\.) ", r"\1")


@kind(GROUP, "box of a task ticked")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"^- \[ \]", "- [x]")


@kind(GROUP, "table column dropped")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind_all(page, r"\|[^|\n]*\|$", "|")


def _of_kind_all(page: CorpusPage, pattern: str, replacement: str) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "table":
            yield page.with_segment(target, re.sub(pattern, replacement, target.text, flags=re.MULTILINE))


@kind(GROUP, "table row dropped")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "table":
            lines = target.text.splitlines(keepends=True)
            for number in range(2, len(lines)):
                yield page.with_segment(target, "".join(lines[:number] + lines[number + 1 :]))


@kind(GROUP, "table cell emptied")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "table":
            for match in re.finditer(r"\| [^|\n-]*[^|\n: -][^|\n]* (?=\|)", target.text):
                yield page.with_segment(target, f"{target.text[: match.start()]}| {target.text[match.end() :]}")


@kind(GROUP, "line below the table's head lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "table", r"^\|[-:| ]+\|\n", "")


@kind(GROUP, "admonition mark broken")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "admonition", r"(!!!|\?\?\?)", "!!")


@kind(GROUP, "kind of admonition translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for english, local in WORDS[page.language].items():
        yield from _of_kind(page, "admonition", rf"(!!!|\?\?\?) {english}", rf"\1 {local}")


@kind(GROUP, "title of an admonition lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "admonition", r' ".*"', "")


@kind(GROUP, "content fell out of an admonition")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "paragraph" and target.place == ("admonition",):
            yield page.with_segment(target, re.sub("^    ", "", target.text, flags=re.MULTILINE))


@kind(GROUP, "tab mark broken")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "tab", "===", "==")


@kind(GROUP, "content fell out of a tab")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "paragraph" and target.place == ("tab",):
            yield page.with_segment(target, re.sub("^    ", "", target.text, flags=re.MULTILINE))


@kind(GROUP, "front-matter key translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for english, local in KEYS[page.language].items():
        if f"\n{english}: " in page.body:
            yield page.with_body(page.body.replace(f"\n{english}: ", f"\n{local}: ", 1))


@kind(GROUP, "front matter not closed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(page.body.replace("\n---\n", "\n", 1))


@kind(GROUP, "front matter lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(page.body.split("---\n", 2)[2].lstrip("\n"))


@kind(GROUP, "definition mark lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "definition", "^:   ", "")


@kind(GROUP, "quotation mark of a quote lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _of_kind(page, "quote", "^> ", "")


@kind(GROUP, "footnote lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"^\[\^\w+\]: .*\n", "")


@kind(GROUP, "reference to a footnote lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\[\^\w+\](?!:)", "")


@kind(GROUP, "label of a footnote translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\[\^\w+\](?!:)", "[^label]")


@kind(GROUP, "end tag lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"</(?:p|kbd|div)>", "")


@kind(GROUP, "bold mark lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\*\*(?=[^*\n]*\*\*)", "")


@kind(GROUP, "blank after a bold mark")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"^(- )?\*\*(?=\w)", r"\1** ")


@kind(GROUP, "formula changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\(q - z\)", "(q + z)")
    yield from _everywhere(page, r"\$z\$", "$Z$")


@kind(GROUP, "attribute list lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"\{ width=\"320\" \}", "")


@kind(GROUP, "abbreviation translated")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _everywhere(page, r"^\*\[KV\]", "*[KH]")
