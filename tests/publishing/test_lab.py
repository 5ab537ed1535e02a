"""The lab of the handbook in a browser: a notebook in each language, with all that a page has, and no other host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgedocs.publishing.dom import code_blocks, parse
from tests.publishing.conftest import watched
from tests.publishing.site import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

LANGUAGES = {
    "en": "",
    **{path.parent.name: f"{path.parent.name}/" for path in ROOT.glob("translations/*/language.toml")},
}
CELLS = ["look", "outliers", "sweep", "columns", "weigh", "budget", "cheaper", "matrices", "split"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_cells_show_what_was_recorded(handbook: Path, language: str) -> None:
    html = (handbook / LANGUAGES[language] / "lab" / "index.html").read_text(encoding="utf-8")
    blocks = code_blocks(parse(html))
    assert [block.id for block in blocks if block.kind == "python"] == CELLS
    outputs = [block.text.strip() for block in blocks if block.kind == "output"]
    recorded = [(ROOT / "snippets" / "lab" / f"{name}.out").read_text(encoding="utf-8").strip() for name in CELLS]
    assert outputs == recorded
    for number in range(1, len(CELLS) + 1):
        assert f"In\N{NO-BREAK SPACE}[{number}]:" in html
    assert "edgedocs-notice-untranslated" not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_asks_no_other_host(browser: Browser, handbook_address: str, language: str) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        with watched(page, (handbook_address, "data:", "blob:")):
            page.goto(f"{handbook_address}/{LANGUAGES[language]}lab/")
            page.wait_for_load_state("networkidle")
            assert page.locator("html").get_attribute("lang") == language
            assert page.locator(".edgedocs-cell").count() == len(CELLS)
            picture = page.locator('article img[src$="recorded/lab/sweep.svg"]')
            picture.scroll_into_view_if_needed()
            assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
            page.locator('.md-sidebar--secondary .md-nav__link[href="#matter"]').click()
            assert page.url.endswith("lab/#matter")
            assert page.evaluate("document.querySelector('h2#matter').getBoundingClientRect().top") < 400
        assert context.cookies() == []


def test_from_its_folder_with_the_copy_button_and_the_language_switch(browser: Browser, handbook: Path) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        with watched(page, (handbook.as_uri(), "data:", "blob:")):
            page.goto((handbook / "lab" / "index.html").as_uri())
            page.locator("#sweep .md-code__button[data-md-type=copy]").click()
            code = page.locator("#sweep .md-code__button[data-md-type=copy]").get_attribute("data-clipboard-text")
            assert code == (ROOT / "snippets" / "lab" / "sweep.py").read_text(encoding="utf-8")
            page.locator("header .md-select").hover()
            page.locator('header .md-select__link[hreflang="et"]').click()
            page.wait_for_load_state()
            assert page.url == (handbook / "et" / "lab" / "index.html").as_uri()
            assert page.locator("article h1").inner_text().startswith("Labor")
