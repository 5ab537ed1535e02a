"""The handbook read by axe-core in Chromium: no page has a finding that axe-core calls serious or critical."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.publishing.site import ROOT
from tests.requirements import require_npm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

PAGES = {
    "index": "",
    "chapter-with-rounding-figure": "01-numbers/",
    "chapter-with-block-figure": "02-bits/",
    "chapter-with-tables": "04-gguf/",
    "chapter-with-plots": "05-importance/",
    "project-page": "project/engine/",
    "notebook": "lab/",
    "reference": "reference/edgedocs.checkpoint/",
    "formats": "reference/formats/",
    "glossary": "glossary/",
    "not-found": "404.html",
}
WIDTHS = {"wide": 1440, "narrow": 390}
THEME_SCHEMES = {"light": "default", "dark": "slate"}
SCHEMES = tuple(THEME_SCHEMES)
LANGUAGES = {"en": "", "cs": "cs/", "et": "et/", "pl": "pl/", "sl": "sl/"}
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def axe() -> Path:
    return require_npm("axe-core") / "axe.min.js"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(
        viewport={"width": WIDTHS["wide"], "height": 900}, color_scheme="light", reduced_motion="reduce"
    ) as context:
        yield context.new_page()


def looks(page: Page) -> Iterator[str]:
    """Show an open page at all widths and in all colours, as readers change them: by the window and the toggle."""
    for width in WIDTHS:
        page.set_viewport_size({"width": WIDTHS[width], "height": 900})
        for scheme, name in THEME_SCHEMES.items():
            page.evaluate(
                "(name) => document.querySelector(`[name=__palette][data-md-color-scheme=${name}]`).click()", name
            )
            page.wait_for_function("(name) => document.body.dataset.mdColorScheme === name", arg=name)
            yield f"{width}-{scheme}"


def plain_code(page: Page) -> None:
    """Take the colours out of code, of which a page has thousands of words: they are looked at once.

    Code is the same in all languages, and its colours are the same at all widths.
    """
    page.evaluate(
        "for (const code of document.querySelectorAll('article pre code')) code.textContent = code.textContent"
    )


def findings(page: Page, axe: Path) -> list[str]:
    """What axe-core finds on a page: its rule, how grave it is, where it stands, and why."""
    if not page.evaluate("'axe' in globalThis"):
        page.add_script_tag(path=axe)
    result: dict[str, Any] = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    assert len(result["passes"]) > 10, "axe-core has looked at the page"
    return [
        f"{violation['impact']} {violation['id']}: {node['target'][-1]}: {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_no_grave_finding(page: Page, handbook_address: str, axe: Path, name: str, language: str) -> None:
    page.goto(f"{handbook_address}/{LANGUAGES[language]}{PAGES[name]}")
    assert page.locator("html").get_attribute("lang") == language
    found = {}
    for look in looks(page):
        if language != "en" or look.startswith("narrow"):
            plain_code(page)
        found[look] = findings(page, axe)
    assert found == {f"{width}-{scheme}": [] for width in WIDTHS for scheme in SCHEMES}


def test_each_language_and_kind_of_page_is_looked_at(handbook: Path) -> None:
    assert set(LANGUAGES) == {"en"} | {path.parent.name for path in (ROOT / "translations").glob("*/language.toml")}
    plots, figures = (
        handbook / PAGES[name] / "index.html" for name in ("chapter-with-plots", "chapter-with-block-figure")
    )
    assert ".svg" in plots.read_text(encoding="utf-8")
    assert "blocks.js" in figures.read_text(encoding="utf-8")


def test_a_planted_fault_is_found(page: Page, handbook_address: str, axe: Path) -> None:
    """The rules that hold the pages to what they keep are on: contrast, names, and the keyboard."""
    page.goto(f"{handbook_address}/")
    planted = '<p style="color: #aaa; background: #fff">pale</p><p><button></button></p><img src="x.svg">'
    page.locator("article").evaluate("(article, html) => article.insertAdjacentHTML('beforeend', html)", planted)
    for look in looks(page):
        rules = {finding.split()[1].rstrip(":") for finding in findings(page, axe)}
        assert rules == {"color-contrast", "button-name", "image-alt"}, look


def test_a_table_that_scrolls_is_reached_by_keyboard(browser: Browser, handbook_address: str) -> None:
    with browser.new_context(viewport={"width": WIDTHS["narrow"], "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{handbook_address}/reference/support/")
        frame = page.locator("article .md-typeset__scrollwrap[tabindex='0']").first
        frame.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.activeElement.scrollLeft > 0")
        headings = page.locator("article :is(h1, h2, h3)").all_inner_texts()
        assert frame.get_attribute("aria-label") in [heading.removesuffix("#").strip() for heading in headings]
        page.set_viewport_size({"width": 2400, "height": 900})
        page.locator("article .md-typeset__scrollwrap:not([tabindex])").first.wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_grave_finding_in_an_open_search(page: Page, handbook_address: str, axe: Path, language: str) -> None:
    found = {}
    page.goto(f"{handbook_address}/{LANGUAGES[language]}")
    for look in looks(page):
        if look.startswith("narrow"):
            page.locator("header label[for=__search]").first.click()
        page.locator("header .md-search__input").click()
        page.locator("header .md-search__input").fill("")
        page.locator("header .md-search__input").press_sequentially("Q4_K")
        page.locator(".md-search-result__link").first.wait_for()
        assert re.search(r"\d", page.locator(".md-search-result__meta").inner_text())
        found[look] = findings(page, axe)
        page.keyboard.press("Escape")
    assert found == {f"{width}-{scheme}": [] for width in WIDTHS for scheme in SCHEMES}
