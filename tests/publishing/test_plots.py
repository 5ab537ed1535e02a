"""Plots on pages: labels in the language of the page, and nothing that a file says becomes markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING

from edgedocs.publishing.labels import Labels
from edgedocs.publishing.languages import SiteLanguage
from edgedocs.publishing.plots import in_language
from tests.publishing.site import build, copy_fixture

if TYPE_CHECKING:
    from pathlib import Path

PLOT = """<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 10" width="100" height="10">
<path d="M0 0h50.5v10H0z"/>
<text style="font: 10px 'DejaVu Sans'" x="50.5" y="9.5">bits &amp; bytes</text>
<text x="1.5" y="1">bits &amp; bytes</text>
<text x="0.25" y="1">−0.25</text><text x="0.25" y="2">groups of 1.5</text><text x="0.25" y="3">  Q4_0  </text>
<text x="0.25" y="4">not in the file, 2.5</text><text><tspan>10</tspan><tspan>bits &amp; bytes</tspan></text>
</svg>
"""


def czech(**plots: str) -> SiteLanguage:
    return SiteLanguage("cs", "Čeština", "ltr", Labels("cs", {}, "language.toml"), {}, plots)


def texts(drawing: bytes) -> list[str]:
    """What stands in a drawing, by an XML parser."""
    return ["".join(one.itertext()) for one in ElementTree.fromstring(drawing) if one.tag.endswith("text")]


def test_labels_and_decimal_marks_become_those_of_the_language() -> None:
    language = czech(**{"bits & bytes": "bity & bajty", "groups of {1}": "po {1} ve skupině"})
    found = in_language(PLOT.encode(), language)
    assert texts(found) == [
        "bity & bajty",
        "bity & bajty",
        "−0,25",
        "po 1,5 ve skupině",
        "  Q4_0  ",
        "not in the file, 2.5",
        "10bits & bytes",
    ]
    assert re.findall(rb"<(?!text)[^<>]*>", found) == re.findall(rb"<(?!text)[^<>]*>", PLOT.encode())
    assert re.findall(rb'[xy]="[^"]*"', found) == re.findall(rb'[xy]="[^"]*"', PLOT.encode())


def test_what_the_file_says_is_text() -> None:
    language = czech(**{"bits & bytes": '</text><script>alert("1")</script>]]>--> &amp;'})
    found = in_language(PLOT.encode(), language)
    assert texts(found)[0] == '</text><script>alert("1")</script>]]>--> &amp;'
    assert b"<script" not in found


def test_what_is_no_text_or_too_large_stays() -> None:
    language = czech(weights="váhy")
    for drawing in (b"\xff\xfe<text>weights</text>", b"<text>weights</text>" + b" " * 4 * 2**20):
        assert in_language(drawing, language) == drawing


def test_a_built_page_has_the_labels_of_its_language(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    assert build(project).returncode == 0
    drawings = []
    for page in (project / "site" / "01-numbers" / "index.html", project / "site" / "cs" / "01-numbers" / "index.html"):
        (address,) = re.findall(r'src="([^"]*bar\.svg)"', page.read_text(encoding="utf-8"))
        drawings.append((page.parent / address).read_text(encoding="utf-8"))
    english, own = drawings
    assert re.findall(r"<text[^>]*>([^<]*)<", english) == ["half of the length", "0.5"]
    assert re.findall(r"<text[^>]*>([^<]*)<", own) == ["polovina délky", "0,5"]
    assert own == english.replace("half of the length", "polovina délky").replace(">0.5<", ">0,5<")


def test_the_handbook_in_czech_has_no_english_label(handbook: Path) -> None:
    """The words of the plots of chapter 1 as a reader of Czech sees them."""
    folder = handbook / "cs" / "recorded" / "01-numbers"
    figure, sweep = ((folder / name).read_text(encoding="utf-8") for name in ("figure.svg", "sweep.svg"))
    words = {text for text in re.findall(r"<text[^>]*>([^<]*)<", figure + sweep) if re.search("[a-z]{2}", text)}
    assert words == {
        "váhy",
        "váha",
        "obnovené",
        "počet vah",
        "počet bitů kódu",
        "chyba (podíl vah)",
        *(f"skupiny po {size}" for size in (16, 32, 64, 128, 256)),
    }
    page = (handbook / "cs" / "01-numbers" / "index.html").read_text(encoding="utf-8")
    assert 'src="../recorded/01-numbers/sweep.svg"' in page
