"""The handbook in a browser where screens, paper, fingers and keys differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edgedocs.publishing.dom import parse
from tests.publishing.site import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LANGUAGES = sorted(path.parent.name for path in ROOT.glob("translations/*/language.toml"))


def brightness(place: Locator, property_name: str) -> float:
    """Of a computed colour, from 0 to 255; an invisible one is that of the paper."""
    colour = place.evaluate(f"element => getComputedStyle(element).{property_name}")
    red, green, blue, *alpha = map(float, re.findall(r"[\d.]+", colour))
    return 255.0 if alpha == [0.0] else (red + green + blue) / 3


@pytest.mark.parametrize("page_name", ["05-importance", "lab"])
def test_paper_is_light_whatever_the_screen_was(browser: Browser, handbook_address: str, page_name: str) -> None:
    with browser.new_context(viewport=WIDE, color_scheme="dark") as context:
        page = context.new_page()
        page.goto(f"{handbook_address}/{page_name}/")
        body, code = page.locator("body"), page.locator("article .highlight code").first
        assert brightness(body, "backgroundColor") < 60
        page.emulate_media(media="print")
        assert brightness(body, "backgroundColor") > 240
        assert brightness(page.locator("article p").first, "color") < 80
        assert brightness(code, "backgroundColor") > 220
        assert brightness(code.locator("span:visible").last, "color") < 140
        assert page.locator("article img").first.evaluate("image => getComputedStyle(image).filter") == "none"


def test_the_keyboard_reaches_the_text_on_a_phone_without_the_closed_drawer(
    browser: Browser, handbook_address: str
) -> None:
    with browser.new_context(viewport=NARROW) as context:
        page = context.new_page()
        page.goto(f"{handbook_address}/04-gguf/")
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.closest('article') !== null"):
                break
            assert page.evaluate("document.activeElement.closest('.md-sidebar--primary') === null")
        else:
            pytest.fail("the text is more than 20 stops away")
        page.locator(".md-header label[for=__drawer]").click()
        link = page.locator(".md-sidebar--primary .md-nav__link[href$='05-importance/']")
        link.wait_for(state="visible")
        link.click()
        page.wait_for_url("**/05-importance/")


def test_escape_closes_the_language_switch_until_it_is_entered_again(browser: Browser, handbook_address: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.goto(f"{handbook_address}/04-gguf/")
        button, menu = page.locator("header .md-select button"), page.locator("header .md-select__inner")
        height = "menu => menu.getBoundingClientRect().height"
        handle = menu.element_handle()
        button.focus()
        page.wait_for_function(f"menu => ({height})(menu) > 100", arg=handle)
        page.keyboard.press("Escape")
        page.wait_for_function(f"menu => ({height})(menu) === 0", arg=handle)
        page.locator("article a").first.focus()
        button.focus()
        page.wait_for_function(f"menu => ({height})(menu) > 100", arg=handle)
        current = menu.locator("[aria-current]")
        assert current.get_attribute("lang") == "en"
        assert current.evaluate("link => getComputedStyle(link).fontWeight") > menu.locator(
            "a:not([aria-current])"
        ).first.evaluate("link => getComputedStyle(link).fontWeight")


def test_the_page_for_what_is_missing_speaks_to_all(handbook: Path) -> None:
    page = parse((handbook / "404.html").read_text(encoding="utf-8"))
    assert sorted(part.attributes["lang"] or "" for part in page.css("article p[lang]")) == LANGUAGES
    for language in LANGUAGES:
        own = parse((handbook / language / "404.html").read_text(encoding="utf-8"))
        assert own.css("article p[lang]") == []
        heading, title = own.css_first("article h1"), own.css_first("title")
        assert heading is not None
        assert title is not None
        assert title.text() == f"{heading.text()} - EdgeDocs"


def test_what_search_engines_are_told(handbook: Path) -> None:
    bits = parse((handbook / "02-bits" / "index.html").read_text(encoding="utf-8"))
    described = bits.css_first('meta[name="description"]')
    assert described is not None
    assert (described.attributes["content"] or "").endswith("byte by byte.")
    for home in [handbook, *(handbook / language for language in LANGUAGES)]:
        title = parse((home / "index.html").read_text(encoding="utf-8")).css_first("title")
        assert title is not None
        assert title.text() == "EdgeDocs"


def test_no_markup_is_left_in_the_text(handbook: Path) -> None:
    for path in sorted(handbook.rglob("index.html")):
        article = parse(path.read_text(encoding="utf-8")).css_first("article")
        assert article is not None
        for part in article.css("pre, code, script"):
            part.decompose()
        assert not re.search(r"\]\([#\w./-]|^description:", article.text(), re.MULTILINE), path
