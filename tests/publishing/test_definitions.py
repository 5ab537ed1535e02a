"""Definitions: a tooltip where a page has a term first, in the forms of its language, and nowhere inside markup."""

import re
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.pages.scanner import scan
from edgedocs.publishing.definitions import Definition, Tooltips, load
from edgedocs.translation import glossary
from tests.publishing.site import ROOT

SCALE = Definition(("scale",), "A factor.")
POINT = Definition(("zero", "point"), "What stands for 0.")
GGUF = Definition(("GGUF",), "A file format.")
MATRIX = Definition(("matice", "důležitosti"), "Co je důležité.")


def marked(text: str, *definitions: Definition, inflected: bool = False) -> list[str]:
    tooltips = Tooltips(definitions, inflected=inflected)
    written = "".join(tooltips.add(block) for block in scan(text))
    assert re.sub(r"</?abbr[^>]*>", "", written) == text
    return re.findall(r"<abbr[^>]*>([^<]*)</abbr>", written)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Scales, and a scale.\n", ["Scales"]),
        ("A scalar escalates.\n", []),
        ("The zero points\nof a scale.\n", ["zero points", "scale"]),
        ("At zero. Point it.\n", []),
        ("In `scale`, [scale](a.md#scale), ![scale](a.png) and <b class='scale'>.\n", []),
        ("# A scale { #scale }\n\n| scale |\n|---|\n| scale |\n\n- a scale\n", ["scale"]),
        ("```python {#scale}\nscale = 1\n```\n\nGguf is no GGUF.\n", ["GGUF"]),
    ],
)
def test_first_place_in_prose(text: str, found: list[str]) -> None:
    assert marked(text, SCALE, POINT, GGUF) == found


def test_forms_of_an_inflected_language() -> None:
    assert marked("Bez matice. S maticí důležitosti.\n", MATRIX, inflected=True) == ["maticí důležitosti"]


def test_title_is_the_definition_and_no_markup() -> None:
    written = Tooltips([Definition(("scale",), 'One "factor" & `more`.')], inflected=False).add(scan("A scale.\n")[0])
    assert written.startswith('A <abbr class="edgedocs-term" title="One &quot;factor&quot; &#38; &#96;more&#96;.">')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\n", "d.tsv:1: no header"),
        ("term\tdefinition\nscale\n", "d.tsv:2: no definition"),
        ("term\tdefinition\nscale\tx\nscale\ty\n", "d.tsv:3: 'scale' is there already"),
        ("term\tdefinition\nother\tx\n", "d.tsv:2: 'other' is not defined in the source language"),
        ("term\tdefinition\nbias\tx\n", "d.tsv:2: the glossary does not say what 'bias' is called"),
    ],
)
def test_malformed_file_names_its_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "d.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=re.escape(message)):
        load(path, {"scale": "měřítko"}, ["scale", "bias"])


def test_languages_of_the_handbook_define_the_same_terms() -> None:
    english = load(ROOT / "definitions.tsv")
    assert len(english) >= 20
    for folder in (ROOT / "translations").iterdir():
        if (folder / "language.toml").is_file():
            names = {term.term: term.translation for term in glossary.load(folder)}
            assert len(load(folder / "definitions.tsv", names)) == len(english), folder.name
