"""What a check must let pass: the same page, written in another way that is as right."""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.translation.planting.corpus import wordings
from tests.translation.planting.kinds import CLEAN, Plant, kind
from tests.translation.planting.links import LINK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.translation.planting.corpus import CorpusPage

UNRECORDED = (False,)
NO_BREAK, NARROW = "\u00a0", "\u202f"
MARKUP = re.compile(r"```.*?```|`[^`\n]*`|\[\[.*?\]\]|\]\([^)]*\)|\{[^}\n]*\}|<[^>\n]*>", re.DOTALL)


def _in_prose(page: CorpusPage, pattern: str, replacement: str) -> CorpusPage:
    """The page with a pattern replaced everywhere outside code, facts, addresses and attributes."""
    pieces: list[str] = []
    end = 0
    for match in MARKUP.finditer(page.body):
        pieces += [re.sub(pattern, replacement, page.body[end : match.start()]), match[0]]
        end = match.end()
    return page.with_body("".join([*pieces, re.sub(pattern, replacement, page.body[end:])]))


@kind(CLEAN, "as it is")
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page)


@kind(CLEAN, "CRLF in both files")
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page, newline="\r\n", source_newline="\r\n")


@kind(CLEAN, "CRLF in the translation")
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page, newline="\r\n")


@kind(CLEAN, "CRLF in the source")
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page, source_newline="\r\n")


@kind(CLEAN, "byte order mark")
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page, mark="\ufeff")


@kind(CLEAN, "trailing blanks")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(re.sub(r"(?<=[.,:;])\n", " \n", page.body))
    yield page.with_body(re.sub(r"(?<=\S)\n\n", "\t\n\n", page.body))


@kind(CLEAN, "more blank lines")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(re.sub(r"\n\n(?=## )", "\n\n\n", page.body) + "\n")


@kind(CLEAN, "letters decomposed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(unicodedata.normalize("NFD", page.body))


def _header(page: CorpusPage, source: str, *, ascii_only: bool = False, path: str = "docs/%s") -> str:
    """The keys of a header as Co-op Translator writes them, as JSON."""
    fields = {
        "original_hash": hashlib.md5(source.encode()).hexdigest(),
        "translation_date": "2025-07-16T21:44:28+00:00",
        "source_file": path % page.name,
        "language_code": page.language,
    }
    return json.dumps(fields, indent=2, ensure_ascii=ascii_only)


@kind(CLEAN, "header of Co-op Translator", recorded=UNRECORDED)
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page, header=f"<!--\nCO_OP_TRANSLATOR_METADATA:\n{_header(page, page.source)}\n-->\n")


@kind(CLEAN, "header without a label", recorded=UNRECORDED)
def _(page: CorpusPage) -> Iterator[Plant]:
    yield Plant(page, header=f"<!--\n{_header(page, page.source)}\n-->\n")


@kind(CLEAN, "header with a backslash in the path", recorded=UNRECORDED)
def _(page: CorpusPage) -> Iterator[Plant]:
    text = _header(page, page.source, ascii_only=True, path="docs\\%s")
    yield Plant(page, header=f"<!--\nCO_OP_TRANSLATOR_METADATA:\n{text}\n-->\n")


@kind(CLEAN, "hash of a CRLF checkout", recorded=UNRECORDED)
def _(page: CorpusPage) -> Iterator[Plant]:
    text = _header(page, page.source.replace("\n", "\r\n"))
    yield Plant(page, header=f"<!--\nCO_OP_TRANSLATOR_METADATA:\n{text}\n-->\n")


@kind(CLEAN, "disclaimer at the end", recorded=UNRECORDED)
def _(page: CorpusPage) -> Iterator[Plant]:
    tool = "[Co-op Translator](https://github.com/Azure/co-op-translator)"
    disclaimer = wordings()["disclaimer"][page.language].replace("AI", tool, 1)
    header = f"<!--\nCO_OP_TRANSLATOR_METADATA:\n{_header(page, page.source)}\n-->\n"
    start, end = (f"<!-- CO-OP TRANSLATOR DISCLAIMER {word} -->" for word in ("START", "END"))
    for text in (f"---\n\n{start}\n{disclaimer}\n{end}", f"---\n\n{disclaimer}", disclaimer):
        yield Plant(page.with_body(f"{page.body.rstrip()}\n\n{text}\n"), header=header)


@kind(CLEAN, "links of a sentence in another order")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        links = list(LINK.finditer(target.text))
        for left, right in pairwise(links):
            before, between, after = (
                target.text[: left.start()],
                target.text[left.end() : right.start()],
                target.text[right.end() :],
            )
            yield page.with_segment(target, f"{before}{right[0]}{between}{left[0]}{after}")


@kind(CLEAN, "no-break blanks in numbers")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for blank in (NO_BREAK, NARROW):
        yield _in_prose(page, r"(?<=\d)[ .](?=\d{3}\b)", blank)
        yield _in_prose(page, r"(?<=\d) ?(?=%)", blank)
        yield _in_prose(page, r"(?<=\d) (?=[^\W\d_])", blank)


@kind(CLEAN, "thousands without a mark")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield _in_prose(page, r"(?<=\d)[ .](?=\d{3}\b)", "")


@kind(CLEAN, "decimal point kept")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield _in_prose(page, r"(?<=\d),(?=\d\b)", ".")


@kind(CLEAN, "heading with an explicit id")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for source, target in page.pairs:
        if target.kind == "heading" and not source.identifier:
            slug = "-".join(source.text.strip("# \n").casefold().split())
            yield page.with_segment(target, f"{target.text.rstrip()} {{ #{slug} }}\n")


@kind(CLEAN, "lines broken elsewhere")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for width in (60, 500):
        changed = page
        for target in reversed(page.outline.segments):
            if target.kind == "paragraph" and not target.place:
                lines = textwrap.wrap(
                    " ".join(target.text.split()), width, break_long_words=False, break_on_hyphens=False
                )
                if not any(re.match(r"[-+*>#|:=]|\d+[.)]|llama", line) for line in lines[1:]):
                    changed = changed.with_segment(target, "\n".join(lines) + "\n")
        yield changed


@kind(CLEAN, "other bullets")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(re.sub(r"^( *)- (?!\[[ x]\])", r"\1* ", page.body, flags=re.MULTILINE))


@kind(CLEAN, "padded tables")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind == "table":
            yield page.with_segment(target, re.sub(r" \|$", "   |", target.text, flags=re.MULTILINE))
            yield page.with_segment(target, target.text.replace("---|", "------|"))


@kind(CLEAN, "comment of a translator")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield page.with_body(page.body.replace("\n## ", "\n<!-- TODO: terms -->\n\n## ", 1))


def _plant_reworded(name: str) -> None:
    @kind(CLEAN, name)
    def _(page: CorpusPage) -> Iterator[CorpusPage]:
        for entry in wordings()["reworded"][page.language]:
            if entry["name"] == name and entry["old"] in page.body:
                yield page.with_body(page.body.replace(entry["old"], entry["new"], 1))


for _name in dict.fromkeys(entry["name"] for entries in wordings()["reworded"].values() for entry in entries):
    _plant_reworded(_name)
