"""The handbook read by axe-core in Chromium: no page has a finding that axe-core calls serious or critical."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.requirements import require_npm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

PAGES = {
    "index": "",
    "chapter-with-figures": "01-numbers/",
    "chapter-with-blocks": "02-bits/",
    "chapter-with-tables": "04-gguf/",
    "notebook": "lab/",
    "reference": "reference/edgedocs.checkpoint/",
    "formats": "reference/formats/",
    "not-found": "404.html",
}
WIDTHS = {"wide": 1440, "narrow": 390}
SCHEMES = ("light", "dark")
THEME_SCHEMES = {"light": "default", "dark": "slate"}
LANGUAGES = {"en": "", "cs": "cs/"}
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def axe() -> Path:
    return require_npm("axe-core") / "axe.min.js"


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, scheme: str) -> Iterator[Page]:
    with browser.new_context(
        viewport={"width": WIDTHS[request.param], "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        yield context.new_page()


def findings(page: Page, axe: Path) -> list[str]:
    """What axe-core finds on a page: its rule, how grave it is, where it stands, and why."""
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
def test_no_grave_finding(page: Page, handbook_address: str, axe: Path, scheme: str, language: str) -> None:
    found = {}
    for name, path in PAGES.items():
        page.goto(f"{handbook_address}/{LANGUAGES[language]}{path}")
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("body").get_attribute("data-md-color-scheme") == THEME_SCHEMES[scheme]
        found[name] = findings(page, axe)
    assert found == {name: [] for name in PAGES}


def test_a_planted_fault_is_found(page: Page, handbook_address: str, axe: Path) -> None:
    """The rules that hold the pages to what they keep are on: contrast, names, and the keyboard."""
    page.goto(f"{handbook_address}/")
    planted = '<p style="color: #aaa; background: #fff">pale</p><p><button></button></p><img src="x.svg">'
    page.locator("article").evaluate("(article, html) => article.insertAdjacentHTML('beforeend', html)", planted)
    rules = {finding.split()[1].rstrip(":") for finding in findings(page, axe)}
    assert rules == {"color-contrast", "button-name", "image-alt"}


def test_a_table_that_scrolls_is_reached_by_keyboard(browser: Browser, handbook_address: str) -> None:
    with browser.new_context(viewport={"width": WIDTHS["narrow"], "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{handbook_address}/reference/formats/")
        frame = page.locator("article .md-typeset__scrollwrap[tabindex='0']").first
        frame.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.activeElement.scrollLeft > 0")
        assert frame.get_attribute("aria-label") in page.locator("article :is(h1, h2, h3)").first.inner_text()
        page.set_viewport_size({"width": 2400, "height": 900})
        page.locator("article .md-typeset__scrollwrap:not([tabindex])").first.wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_grave_finding_in_an_open_search(page: Page, handbook_address: str, axe: Path, language: str) -> None:
    page.goto(f"{handbook_address}/{LANGUAGES[language]}")
    if page.viewport_size == {"width": WIDTHS["narrow"], "height": 900}:
        page.locator("header label[for=__search]").first.click()
    page.locator("header .md-search__input").click()
    page.locator("header .md-search__input").press_sequentially("Q4_K")
    page.locator(".md-search-result__link").first.wait_for()
    assert re.search(r"\d", page.locator(".md-search-result__meta").inner_text())
    assert findings(page, axe) == []
