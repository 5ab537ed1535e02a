"""The site as a reader meets it: in Chromium, wide and narrow, light and dark, served from a folder of a host."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.publishing.conftest import watched
from tests.publishing.site import FIXTURE, build, copy_fixture, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The fixture's site in a folder of a server, as its site_url has it on another host."""
    folder = tmp_path_factory.mktemp("browser")
    result = build(copy_fixture(folder), folder / "host" / "handbook")
    assert result.returncode == 0, result.stderr
    with serving(folder / "host") as host:
        yield f"{host}/handbook"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails its test on an error in the console, a request to another host, or a cookie."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        host = urlsplit(address)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=f"{host.scheme}://{host.netloc}")
        page = context.new_page()
        with watched(page, (address, "data:", "blob:")):
            yield page
        assert context.cookies() == []


def switch(page: Page, language: str) -> None:
    page.locator("header .md-select").hover()
    page.locator(f'header .md-select__link[hreflang="{language}"]').click()
    page.wait_for_load_state()


def copied(page: Page, block: str) -> str:
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    page.locator(f"{block} .md-code__button[data-md-type=copy]").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text !== 'nothing yet')")
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize(
    ("english", "czech"),
    [
        ("/", "/cs/"),
        ("/01-numbers/", "/cs/01-numbers/"),
        ("/02-later/", "/cs/02-later/"),
        ("/guide/deep/", "/cs/guide/deep/"),
    ],
)
def test_language_switch_keeps_the_page(page: Page, address: str, english: str, czech: str) -> None:
    page.goto(address + english)
    switch(page, "cs")
    assert page.url == address + czech
    assert page.locator("html").get_attribute("lang") == "cs"
    switch(page, "en")
    assert page.url == address + english
    assert page.locator("html").get_attribute("lang") == "en"


def test_language_switch_says_how_far_each_language_is(page: Page, address: str) -> None:
    for path, english, czech in (
        ("/cs/01-numbers/", "original", "čeká na aktualizaci"),
        ("/guide/deep/", "original", "nepřeloženo"),
    ):
        page.goto(f"{address}{path}")
        links = page.locator("header .md-select__link")
        assert links.locator(".edgedocs-standing").all_text_contents() == [english, czech]


@pytest.mark.parametrize("language", ["", "cs/"])
@pytest.mark.parametrize(("block", "snippet"), [("#halve", "halve.py"), ("#parts", "parts.py")])
def test_copy_gives_the_snippet_to_the_byte(page: Page, address: str, language: str, block: str, snippet: str) -> None:
    page.goto(f"{address}/{language}01-numbers/")
    path = FIXTURE / "snippets" / "01-numbers" / snippet
    assert copied(page, block).encode() == path.read_bytes().replace(b"\r\n", b"\n")


def test_copied_example_runs_and_prints_the_output_shown(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/01-numbers/")
    (tmp_path / "copied.py").write_bytes(copied(page, "#halve").encode())
    command = [sys.executable, "-I", str(tmp_path / "copied.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert printed == page.locator("#halve + .edgedocs-output code").inner_text()


def test_part_of_a_file_copies_the_whole_file(page: Page, address: str) -> None:
    page.goto(f"{address}/01-numbers/")
    assert page.locator("#parts + p + .highlight code").inner_text() == "print(first)\n"
    expected = (FIXTURE / "snippets" / "01-numbers" / "parts.py").read_bytes().replace(b"\r\n", b"\n")
    assert copied(page, "#parts + p + .highlight").encode() == expected


def test_session_copies_without_prompts_and_outputs(page: Page, address: str) -> None:
    page.goto(f"{address}/01-numbers/")
    assert copied(page, "#session") == 'echo one \\\ntwo\necho "a < b & {c}"'
    assert copied(page, "#doctest") == "for x in range(2):\n    print(x)\n"


def test_values_are_written_as_the_language_writes_them_and_lead_to_the_example(page: Page, address: str) -> None:
    page.goto(f"{address}/cs/01-numbers/")
    fact = page.locator(".edgedocs-fact").first
    assert fact.inner_text() == f"71,9{NBSP}%"
    assert fact.get_attribute("title") == "Změřeno příkladem „halve“"
    fact.click()
    assert page.url == f"{address}/cs/01-numbers/#halve"
    page.goto(f"{address}/guide/deep/")
    page.locator(".edgedocs-fact").click()
    page.wait_for_load_state()
    assert page.url == f"{address}/01-numbers/#halve"


def test_notice_speaks_the_readers_language_and_leads_to_the_source(page: Page, address: str) -> None:
    page.goto(f"{address}/cs/guide/deep/")
    notice = page.locator(".edgedocs-notice")
    assert notice.is_visible()
    assert notice.get_attribute("lang") == "cs"
    assert notice.inner_text() == "Tato stránka není přeložena. Stránka v jazyce: English"
    notice.locator("a").click()
    page.wait_for_load_state()
    assert page.url == f"{address}/guide/deep/"
    assert page.locator(".edgedocs-notice").count() == 0


def test_search_works_without_any_other_host(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.locator("header .md-search__input").click()
    page.get_by_text(
        "Type to start searching"
    ).wait_for()  # The index is loaded; what is typed before is not looked up.
    page.locator("header .md-search__input").press_sequentially("halve")
    page.locator(".md-search-result__link").first.wait_for()
    results = page.locator(".md-search-result__link").evaluate_all("links => links.map(link => link.href)")
    assert any(urlsplit(result).path.endswith("/handbook/01-numbers/") for result in results)


@pytest.mark.parametrize("width", [320, 768, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_window(browser: Browser, address: str, width: int, scheme: str) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        page = context.new_page()
        for path in ("/", "/01-numbers/", "/cs/01-numbers/", "/cs/02-later/"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_ids_are_unique_and_pictures_load(page: Page, address: str) -> None:
    for path in ("/01-numbers/", "/cs/01-numbers/", "/cs/guide/deep/"):
        page.goto(address + path)
        ids = page.locator("[id]").evaluate_all("elements => elements.map(element => element.id)")
        assert len(ids) == len(set(ids)), path
        pictures = "images => images.filter(image => image.complete && image.naturalWidth > 0 && image.alt).length"
        assert page.locator("article img").evaluate_all(pictures) == page.locator("article img").count() > 0


def test_command_to_install_names_the_copy_of_the_site_that_is_read(
    browser: Browser, tmp_path: Path, wheel_project: str
) -> None:
    project = copy_fixture(tmp_path)
    (project / "halving").mkdir()
    (project / "halving" / "__init__.py").write_text("", encoding="utf-8")
    (project / "pyproject.toml").write_text(wheel_project, encoding="utf-8")
    settings = project / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8").replace("  - edgedocs\n", "  - edgedocs: {wheel: .}\n")
    settings.write_text(text, encoding="utf-8")
    result = build(project, tmp_path / "host" / "copy")
    assert result.returncode == 0, result.stderr
    with serving(tmp_path / "host") as host:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(f"{host}/copy/cs/01-numbers/")
        wheel = f"{host}/copy/dist/halving-1.2-py3-none-any.whl"
        assert page.locator("[data-edgedocs-wheel]").inner_text() == f'pip install "{wheel}"'
        page.locator(".edgedocs-install__copy").click()
        assert page.evaluate("navigator.clipboard.readText()") == f'pip install "{wheel}"'
        assert page.request.get(wheel).ok
        page.goto(f"{host}/copy/02-later/")
        assert page.locator("[data-edgedocs-wheel]").count() == 0, "a page without examples needs nothing"
        context.close()


@pytest.fixture
def wheel_project() -> str:
    return """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "halving"
version = "1.2"
requires-python = ">=3.11"
"""
