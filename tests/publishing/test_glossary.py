"""Glossary: a page with all terms in each language, and links to it from where pages have a term first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.pages.scanner import scan
from edgedocs.publishing.definitions import Definition, Tooltips, load
from edgedocs.publishing.prose import title_of
from edgedocs.publishing.staging import Project, Stage, StagingError, stage
from tests.publishing.conftest import watched
from tests.publishing.site import build, copy_fixture

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

ENGLISH = """term\tdefinition
zero point\tWhat stands for 0.
mistake\tHow far a "result" is off (in parts).
graph\tWhat flows where.
error\tA wrong number.
"""
CZECH = """term\tdefinition
zero point\tCo znamená 0.
mistake\tO kolik je výsledek vedle.
graph\tCo kam teče.
"""
NAMES = "term\ttranslation\tnote\nzero point\tnulový bod\t\nmistake\tchyba\t\ngraph\thrana\t\nerror\tomyl\t\n"
SCALE = Definition(("scale",), "A factor.", "scale", "scale")
POINT = Definition(("zero", "point"), "It's 0 (or so).", "zero point", "zero point")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The fixture with terms, two of which its pages use."""
    folder = copy_fixture(tmp_path)
    write(folder / "definitions.tsv", ENGLISH)
    write(folder / "translations" / "cs" / "definitions.tsv", CZECH)
    write(folder / "translations" / "cs" / "glossary.tsv", NAMES)
    later = "# Later `on` { #later-on }\n\nA graph has a zero point, and a graph has no other.\n"
    write(folder / "docs" / "02-later.md", later)
    write(folder / "docs" / "guide" / "deep.md", "# Deep { #deep }\n\nEvery graph.\n")
    return folder


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def staged(folder: Path) -> Stage:
    translations = folder / "translations"
    return stage(
        Project(
            folder / "docs",
            folder / "snippets",
            translations,
            folder / "staged",
            definitions=folder / "definitions.tsv",
        )
    )


def text_of(folder: Path, page: str) -> str:
    return (folder / "staged" / page).read_text(encoding="utf-8")


def entries(text: str) -> list[tuple[str, str]]:
    """Name and anchor of each entry."""
    return re.findall(r"(?m)^## (.*) \{ #(.*) \}$", text)


def entry(text: str, anchor: str) -> str:
    """What follows the heading of an entry."""
    return text.partition(f"{{ #{anchor} }}\n\n")[2].partition("\n\n## ")[0]


def linked(text: str, *definitions: Definition) -> str:
    tooltips = Tooltips(definitions, inflected=False, glossary="glossary.md")
    return "".join(tooltips.add(block) for block in scan(text))


def test_entries_are_in_the_order_of_each_language_and_have_the_anchors_of_the_source(folder: Path) -> None:
    result = staged(folder)
    assert result.pages["en/glossary.md"].state == "source"
    assert result.pages["cs/glossary.md"].state == "translated"
    assert entries(text_of(folder, "en/glossary.md")) == [
        ("error", "error"),
        ("graph", "graph"),
        ("mistake", "mistake"),
        ("zero point", "zero-point"),
    ]
    # "chyba" comes after "hrana": ch is a letter after h.
    assert entries(text_of(folder, "cs/glossary.md")) == [
        ("hrana", "graph"),
        ("chyba", "mistake"),
        ("nulový bod", "zero-point"),
        ("omyl", "error"),
    ]
    assert "[H](#graph) [Ch](#mistake) [N](#zero-point) [O](#error)\n" in text_of(folder, "cs/glossary.md")


def test_an_entry_says_what_it_means_how_others_call_it_and_where_it_is_used(folder: Path) -> None:
    staged(folder)
    english, czech = text_of(folder, "en/glossary.md"), text_of(folder, "cs/glossary.md")
    assert english.startswith("---\ndescription: ")
    assert entry(english, "zero-point").replace("&#58;", ":") == (
        'What stands for 0.\n\n<span lang="cs">Čeština: nulový bod</span>\n{ .edgedocs-entry }\n\n'
        "Used on: [Later on](02-later.md#term-zero-point)\n{ .edgedocs-entry }\n"
    )
    assert "[Later on](02-later.md#term-graph), [Deep](guide/deep.md#term-graph)\n" in entry(english, "graph")
    assert "Used" not in entry(english, "mistake")
    # The pages are not translated: their text is English, which screen readers are told.
    assert '[Later on](02-later.md#term-graph){ lang="en" }, [Deep]' in entry(czech, "graph")
    assert entry(czech, "graph").startswith("Co kam teče.\n\n")
    # The language does not define this one.
    assert entry(czech, "error").startswith('<span lang="en">A wrong number.</span>\n\n<span lang="en">English')


def test_a_page_links_each_term_once_to_the_part_of_the_site_that_it_is_in(folder: Path) -> None:
    staged(folder)
    for language in ("en", "cs"):
        later, deep = text_of(folder, f"{language}/02-later.md"), text_of(folder, f"{language}/guide/deep.md")
        graph = '[graph](glossary.md#graph "What flows where&#46;"){ .edgedocs-term #term-graph }'.replace("&#46;", ".")
        assert later.count("edgedocs-term") == 2
        assert f"A {graph} has a [zero point](glossary.md#zero-point " in later
        assert "and a graph has no other" in later
        assert "Every [graph](../glossary.md#graph " in deep


@pytest.mark.parametrize(
    "text",
    [
        "# A scale { #scale }\n",
        "See [the scale](a.md), [the scale][a] and [scale].\n",
        'See <a href="a.md">the scale</a>, <summary>a scale</summary>.\n',
        "An <a href='a.md'>open scale\n",
        "![A scale](a.png) and `scale`.\n",
        "| scale |\n|---|\n| scale |\n",
        'See [1.2](#scale "Measured by (the) “scale”"){ .edgedocs-fact }.\n',
    ],
)
def test_no_link_in_a_link_a_heading_code_or_a_table(text: str) -> None:
    assert linked(text, SCALE) == text


def test_a_term_after_a_link_is_linked() -> None:
    expected = '[Scale](a.md) <a>scale</a> [scale](glossary.md#scale "A factor."){ .edgedocs-term #term-scale } scale\n'
    assert linked("[Scale](a.md) <a>scale</a> scale scale\n", SCALE) == expected


def test_a_definition_with_quotes_and_brackets_stays_one_title() -> None:
    import markdown

    html = markdown.markdown(linked("A zero\npoint.\n", POINT), extensions=["attr_list"])
    title = "It&#39;s 0 &#40;or so&#41;."
    assert html == (
        f'<p>A <a class="edgedocs-term" href="glossary.md#zero-point" id="term-zero-point" title="{title}">zero\n'
        "point</a>.</p>"
    )


def test_a_site_without_definitions_has_no_glossary(folder: Path) -> None:
    for path in ("definitions.tsv", "translations/cs/definitions.tsv"):
        (folder / path).unlink()
    assert not [page for page in staged(folder).pages if "glossary" in page]
    assert "edgedocs-term" not in text_of(folder, "en/02-later.md")


def test_a_language_that_defines_nothing_shows_the_page_of_the_source(folder: Path) -> None:
    (folder / "translations" / "cs" / "definitions.tsv").unlink()
    assert staged(folder).pages["cs/glossary.md"].state == "untranslated"
    assert entries(text_of(folder, "cs/glossary.md")) == entries(text_of(folder, "en/glossary.md"))


def test_a_glossary_of_the_documentation_goes_before_ours(folder: Path) -> None:
    write(folder / "docs" / "glossary.md", "# Ours { #ours }\n\nText.\n")
    staged(folder)
    assert text_of(folder, "en/glossary.md") == "# Ours { #ours }\n\nText.\n"
    assert '<abbr class="edgedocs-term" title="What flows where.">graph</abbr>' in text_of(folder, "en/02-later.md")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Zero-Point\tAgain.", "the entries of 'Zero-Point' and 'zero point' in the glossary have the same address"),
        ("zero point\tAgain.", "'zero point' is there already"),
        ("%\tA part.", "'%' has no word"),
        ("scale", "no definition"),
    ],
)
def test_wrong_definitions_are_one_error_with_its_line(folder: Path, line: str, message: str) -> None:
    write(folder / "definitions.tsv", f"{ENGLISH}{line}\n")
    with pytest.raises(BadInput, match=f"definitions.tsv:6: {re.escape(message)}"):
        load(folder / "definitions.tsv")
    with pytest.raises(StagingError) as caught:
        staged(folder)
    assert [message in str(error) for error in caught.value.errors] == [True]


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("# A *title* with `code` { #a }\n", "A title with code"),
        ('Text.\n\n# [A link](a.md "title"){ .x } of it\n', "A link of it"),
        ("Text alone.\n", "guide/deep"),
        ("```\n# code\n```\n\nTitle\n=====\n", "Title"),
    ],
)
def test_title_of_a_page(page: str, title: str) -> None:
    assert title_of(page, "guide/deep") == title


@pytest.mark.parametrize("directories", ["true", "false"])
def test_site_with_a_glossary_in_both_languages(folder: Path, directories: str) -> None:
    with (folder / "mkdocs.yml").open("a", encoding="utf-8") as config:
        config.write(f"use_directory_urls: {directories}\n")
    result = build(folder)
    assert result.returncode == 0, result.stderr + result.stdout
    site = folder / "site"
    end = "/index.html" if directories == "true" else ".html"
    pages = {name: (site / f"{name}{end}").read_text(encoding="utf-8") for name in ("glossary", "cs/glossary")}
    assert '<html lang="cs"' in pages["cs/glossary"]
    for address in ("glossary", "cs/glossary"):
        address += "/" if directories == "true" else ".html"
        for html in pages.values():
            assert f'href="https://example.org/handbook/{address}"' in html  # hreflang, canonical
        assert f"<loc>https://example.org/handbook/{address}</loc>" in (site / "sitemap.xml").read_text("utf-8")
    for part in ("", "cs/"):
        footer = pages[f"{part}glossary"].partition('<footer class="md-footer"')[2]
        assert re.findall(r'class="md-footer__link md-footer__link--(\w+)"', footer) == ["prev"]  # the last page
        home = (site / part / "index.html").read_text(encoding="utf-8")
        listed = re.findall(r'<a href="(?!#)([^"]+)" class="md-nav__link">', home)
        assert listed[-1] == ("glossary/" if directories == "true" else "glossary.html")
    fallback = (site / f"cs/guide/deep{end}").read_text(encoding="utf-8")
    (link,) = re.findall(r'<a class="edgedocs-term" href="([^"]+)"', fallback)
    assert link == ("../../glossary/#graph" if directories == "true" else "../glossary.html#graph")
    assert 'id="graph"' in pages["cs/glossary"]


@pytest.mark.parametrize(("part", "language", "name"), [("", "en", "scale"), ("cs/", "cs", "měřítko")])
def test_a_term_is_reached_by_keyboard_and_leads_to_its_entry(
    browser: Browser, handbook_address: str, part: str, language: str, name: str
) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        page = context.new_page()
        with watched(page, (handbook_address, "data:", "blob:")):
            page.goto(f"{handbook_address}/{part}01-numbers/")
            page.wait_for_load_state("networkidle")
            term = page.locator("#term-scale")
            meaning = term.get_attribute("title")
            assert meaning
            # From the link before it, one press of the key that goes on.
            term.evaluate(
                """(term) => {
                  const links = [...document.querySelectorAll("a[href]")].filter((link) => link.checkVisibility());
                  links[links.indexOf(term) - 1].focus();
                }"""
            )
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.id") == "term-scale"
            tooltip = page.locator(".md-tooltip2--active[role=tooltip]")
            tooltip.wait_for()
            assert tooltip.inner_text().strip() == meaning
            assert term.get_attribute("aria-describedby") == tooltip.get_attribute("id")
            page.keyboard.press("Enter")
            page.wait_for_url(f"{handbook_address}/{part}glossary/#scale")
            assert page.locator("html").get_attribute("lang") == language
            heading = page.locator("#scale")
            assert heading.inner_text().removesuffix("#").strip() == name
            assert heading.evaluate("(heading) => heading.getBoundingClientRect().top < innerHeight")
            assert meaning in page.locator("#scale + p").inner_text()


def test_no_link_of_the_handbook_is_in_a_link_or_a_heading(browser: Browser, handbook: Path) -> None:
    """Read from files, as somebody does who has copied the site."""
    with browser.new_context() as context:
        page = context.new_page()
        count = 0
        for name in ("00-reading", "01-numbers", "cs/04-gguf", "et/02-bits", "pl/project/models", "project/onnx"):
            page.goto((handbook / name / "index.html").as_uri())
            found = page.evaluate(
                """[...document.querySelectorAll("a.edgedocs-term")].map((term) => [
                  term.hash.slice(1), term.parentElement.closest("h1, h2, h3, h4, h5, h6, nav, a") !== null])"""
            )
            assert len({anchor for anchor, _ in found}) == len(found) > 0, name
            assert not any(inside for _, inside in found), name
            count += len(found)
        assert count > 40
        page.goto((handbook / "cs" / "01-numbers" / "index.html").as_uri())
        page.locator("#term-scale").click()
        page.wait_for_url((handbook / "cs" / "glossary" / "index.html").as_uri() + "#scale")
        assert page.locator("#scale").is_visible()
