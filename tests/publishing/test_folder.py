"""The site opened from its folder, as from a memory stick: reading, switching, searching; and no other host asked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from edgedocs.publishing.built import BuiltSite
from edgedocs.publishing.dom import parse
from edgedocs.publishing.privacy import foreign_addresses
from tests.publishing.conftest import watched
from tests.publishing.site import build, copy_fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

WIDEST = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folder") / "a site, copied"
    result = build(copy_fixture(folder), folder / "site")
    assert result.returncode == 0, result.stderr
    return folder / "site"


@pytest.fixture
def page(browser: Browser, site: Path) -> Iterator[Page]:
    """A page that fails its test on an error, a request that leaves the folder, or a cookie."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        with watched(page, (site.as_uri(), "data:")):
            yield page
        assert context.cookies() == []


def test_every_link_leads_to_a_file(page: Page, site: Path) -> None:
    waiting, seen = [f"{site.as_uri()}/index.html"], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        page.goto(address)
        links = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
        for link in (link for link in links if link.startswith("file:")):
            path = urlsplit(link)
            assert link.startswith(site.as_uri()), link
            name = unquote(path.path)
            assert (site / name).is_file(), f"{link} on {address}"
            if name.endswith(".html"):
                waiting.append(path._replace(fragment="").geturl())
        assert len(seen) < WIDEST
    pages = {unquote(urlsplit(address).path).removeprefix(f"{site.as_posix()}/") for address in seen}
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert pages == built - {"404.html", "cs/404.html"}


def test_reader_walks_by_clicks(page: Page, site: Path) -> None:
    page.goto(f"{site.as_uri()}/index.html")
    page.get_by_role("link", name="the bits").click()
    page.wait_for_url("**/01-numbers/index.html#bits")
    page.locator("header .md-select").hover()
    page.locator('header .md-select__link[hreflang="cs"]').click()
    page.wait_for_url("**/cs/01-numbers/index.html**")
    assert page.locator("h1").first.inner_text().startswith("Čísla")


@pytest.mark.parametrize(
    ("language", "question", "found"), [("", "halving", "/01-numbers/"), ("cs/", "uspory", "/cs/01-numbers/")]
)
def test_reader_searches(page: Page, site: Path, language: str, question: str, found: str) -> None:
    page.goto(f"{site.as_uri()}/{language}02-later/index.html")
    page.locator("header .md-search__input").click()
    page.locator("header .md-search__input").press_sequentially(question)
    page.locator(".md-search-result__link").first.click()
    page.wait_for_url(f"{site.as_uri()}{found}**")
    assert urlsplit(page.url).path.endswith("/index.html")


def test_built_site_asks_no_other_host(site: Path) -> None:
    assert BuiltSite().foreign_requests(site) == {}


def test_request_to_another_host_is_told_and_fails_a_strict_build(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    settings = project / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("  font: false\n", ""), encoding="utf-8")
    result = build(project)
    assert result.returncode == 1
    assert "loads https://fonts.gstatic.com from another host" in result.stderr
    settings.write_text(
        text.replace("  font: false\n", "").replace("  - edgedocs\n", "  - edgedocs: {private: false}\n"),
        encoding="utf-8",
    )
    assert build(project).returncode == 0


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<script src="//cdn.example/x.js"></script>', ["//cdn.example/x.js"]),
        ('<link rel="preconnect" href="https://a.example">', ["https://a.example"]),
        ('<link rel="canonical" href="https://a.example">', []),
        ('<a href="https://a.example">x</a>', []),
        ('<img src="a.png" srcset="b.png 1x, https://a.example/c.png 2x">', ["https://a.example/c.png"]),
        ("<p style=\"background: url('https://a.example/x.png')\">", ["https://a.example/x.png"]),
        ("<style>@import 'https://a.example/x.css';</style>", ["https://a.example/x.css"]),
        ('<a href="https://github.com/a/b" data-md-component="source">', ["https://github.com/a/b"]),
        ('<img alt="a > b" src="https://a.example/x.png">', ["https://a.example/x.png"]),
        ("<script>x = \"<img src='https://a.example/x.png'>\"</script>", []),
        ('<!-- <img src="https://a.example/x.png"> --><img src="data:image/png;base64,AA">', []),
    ],
)
def test_what_loads_by_itself(html: str, found: list[str]) -> None:
    assert foreign_addresses(parse(html)) == found
