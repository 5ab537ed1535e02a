"""A language that is written from right to left, from `add-language` over a PO file to the page in Chromium."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING

import polib
import pytest

from tests.publishing.site import build, copy_fixture, serving
from tests.requirements import require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

ARABIC = {
    "Numbers with half their bits.": "أعداد بنصف بتاتها.",
    "# Numbers { #numbers }": "# الأعداد { #numbers }",
    "The first example halves something:": "المثال الأول ينصّف شيئًا:",
    "| What | How much |\n|---|---|\n| saving | [[halve.saving|.0%]] |\n| name | [[halve.name|s]] |": (
        "| ماذا | كم |\n|---|---|\n| التوفير | [[halve.saving|.0%]] |\n| الاسم | [[halve.name|s]] |"
    ),
    "![A bar of half the length.](../snippets/01-numbers/bar.svg)": (
        "![شريط بنصف الطول.](../snippets/01-numbers/bar.svg)"
    ),
    "## Bits { #bits }": "## البتات { #bits }",
    '!!! note "Parts of one file"': '!!! note "أجزاء ملف واحد"',
    "The beginning, in a note:": "البداية، في ملاحظة:",
    "And the end:": "والنهاية:",
    "A session, and a doctest:": "جلسة واختبار في التوثيق:",
    '??? success "Answer"': '??? success "الإجابة"',
}
FACTS = (
    "يوفّر [[halve.saving|.1%]] من [[halve.count|,d]] بايت في الصيغة [[halve.name]]، بخطأ قدره [[halve.tiny|.1e]].\n"
    "في الشيفرة يبقى `[[halve.saving|.1%]]` كما هو؛ والقيمة الحرفية [[!5 %]] مكشوفة."
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture with Arabic beside Czech, translated as people do it."""
    require("polib")
    folder = copy_fixture(tmp_path_factory.mktemp("right-to-left"))
    run(folder, "add-language", "ar")
    run(folder, "export", "01-numbers.md", "--language", "ar", "--to", "po")
    path = folder / "po" / "ar" / "01-numbers.po"
    document = polib.pofile(str(path))
    for entry in document:
        entry.msgstr = FACTS if entry.msgid.startswith("It saves") else ARABIC.get(entry.msgid, entry.msgid)
    document.save()
    run(folder, "import", "po/ar/01-numbers.po")
    return folder


def run(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "edgedocs", "translate", *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def address(project: Path) -> Iterator[str]:
    result = build(project)
    # The only thing that a strict build has to say is that the new language lacks nothing.
    assert result.returncode == 0, result.stderr
    with serving(project / "site") as host:
        yield host


@pytest.fixture(params=[(1280, 900), (390, 800)], ids=["wide", "narrow"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = request.param
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        yield context.new_page()


def computed(locator: Locator, name: str) -> str:
    return str(locator.evaluate(f"element => getComputedStyle(element)['{name}']"))


def box(locator: Locator) -> tuple[float, float]:
    """Left and right end, in pixels."""
    found = locator.bounding_box()
    assert found is not None
    return found["x"], found["x"] + found["width"]


def test_the_page_runs_from_right_to_left(page: Page, address: str) -> None:
    page.goto(f"{address}/ar/01-numbers/")
    for root in ("html", "body"):
        assert page.locator(root).get_attribute("dir") == "rtl"
        assert computed(page.locator(root), "direction") == "rtl"
    assert page.locator("html").get_attribute("lang") == "ar"
    heading = page.locator("article h1")
    assert "الأعداد" in heading.inner_text()
    assert computed(heading, "direction") == "rtl"
    paragraph = page.get_by_text("المثال الأول ينصّف شيئًا:")
    # The text itself lies at the right end of its column, and leaves the left end free.
    left, right = page.evaluate(
        "element => { const range = document.createRange(); range.selectNodeContents(element);"
        " const box = range.getBoundingClientRect(); return [box.left, box.right]; }",
        paragraph.element_handle(),
    )
    column = box(paragraph)
    assert abs(column[1] - right) < 2
    assert left > column[0] + 20


def test_code_runs_from_left_to_right(page: Page, address: str) -> None:
    page.goto(f"{address}/ar/01-numbers/")
    blocks = page.locator("article pre")
    assert blocks.count() >= 4
    for number in range(blocks.count()):
        assert computed(blocks.nth(number), "direction") == "ltr"
    for selector in ("article p code", ".edgedocs-output pre"):
        assert computed(page.locator(selector).first, "direction") == "ltr"


def test_a_value_is_not_turned_around(page: Page, address: str) -> None:
    page.goto(f"{address}/ar/01-numbers/")
    value = page.locator(".edgedocs-fact", has_text="×")
    assert value.inner_text().startswith("1")
    places = value.evaluate(
        """element => [...element.textContent].map((_, place) => {
            const range = document.createRange();
            range.setStart(element.firstChild, place);
            range.setEnd(element.firstChild, place + 1);
            return range.getBoundingClientRect().left;
        })"""
    )
    assert places == sorted(places)


def test_the_layout_is_mirrored(page: Page, address: str) -> None:
    page.goto(f"{address}/01-numbers/")
    assert page.locator("html").get_attribute("dir") == "ltr"
    width = page.viewport_size["width"] if page.viewport_size else 0
    wide = width > 1000
    selectors = ["article table td:first-child", ".admonition-title"]
    selectors += [".md-sidebar--primary"] if wide else ["header label[for=__drawer]"]
    english = [box(page.locator(selector).first) for selector in selectors]
    page.goto(f"{address}/ar/01-numbers/")
    arabic = [box(page.locator(selector).first) for selector in selectors]
    for name, (left, right), (mirrored_left, mirrored_right) in zip(selectors, english, arabic, strict=True):
        if name == ".admonition-title":
            assert (left, right) == pytest.approx((width - mirrored_right, width - mirrored_left), abs=40)
        else:
            assert left < width / 2 < mirrored_right, name
    assert computed(page.locator(".admonition").first, "borderRightWidth") != "0px"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_that_is_not_translated_keeps_its_own_direction(page: Page, address: str) -> None:
    page.goto(f"{address}/ar/02-later/")
    assert computed(page.locator("html"), "direction") == "rtl"
    article = page.locator("article")
    assert (article.get_attribute("lang"), article.get_attribute("dir")) == ("en", "ltr")
    assert computed(page.locator("article h1"), "direction") == "ltr"
    assert page.locator(".edgedocs-notice").get_attribute("dir") == "rtl"


def test_the_page_for_what_is_missing(project: Path, address: str) -> None:
    del address
    for folder, code, direction in (("", "en", "ltr"), ("ar/", "ar", "rtl"), ("cs/", "cs", "ltr")):
        text = (project / "site" / f"{folder}404.html").read_text(encoding="utf-8")
        assert f'<html lang="{code}" class="no-js" dir="{direction}">' in text


def test_a_pseudo_translation_runs_from_right_to_left(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = copy_fixture(tmp_path_factory.mktemp("pseudo"))
    run(folder, "add-language", "ar")
    run(folder, "sync", "--language", "ar", "--translator", "pseudo")
    result = build(folder)
    assert result.returncode == 0, result.stderr
    with serving(folder / "site") as host:
        for path in ("/ar/", "/ar/01-numbers/", "/ar/guide/deep/"):
            page.goto(host + path)
            assert computed(page.locator("html"), "direction") == "rtl"
            text = page.locator("article h1").inner_text()
            letters = [letter for letter in text if letter.isalpha()]
            arabic = [letter for letter in letters if unicodedata.bidirectional(letter) == "AL"]
            assert len(arabic) == len(letters) > 0, text
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        page.goto(f"{host}/ar/01-numbers/")
        assert all(computed(block, "direction") == "ltr" for block in page.locator("article pre").all())
