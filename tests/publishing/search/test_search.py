"""What is found in a site in five languages: the questions of found.tsv, and none of not_found.tsv.

Nearly all forms asked for do not stand on the pages, or not with these diacritics. They were written by hand, not taken
from the libraries that make the keys. Forms with a changed stem that are known to be missed are not among them:
test_recall.py counts how many there are of those.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

LANGUAGES = ("cs", "en", "et", "pl", "sl")
HERE = Path(__file__).parent
LARGEST_PAGE = 300_000
ASK = """async (questions) => {
  const index = await edgedocsSearch.load()
  return questions.map((question) =>
    index.search(question).flat().filter((item) => item.score).map((item) => item.location))
}"""


def rows(name: str, language: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["language"] == language]


def opened(context: BrowserContext, address: str, language: str) -> Page:
    page = context.new_page()
    page.goto(address + ("/" if language == "en" else f"/{language}/"))
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_forms_find_the_section(context: BrowserContext, address: str, language: str) -> None:
    pairs = rows("found.tsv", language)
    assert len(pairs) >= 20
    found = opened(context, address, language).evaluate(ASK, [row["question"] for row in pairs])
    missed = [row for row, places in zip(pairs, found, strict=True) if row["found"] not in places]
    assert missed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_are_in_no_form_of_the_pages(searched: Path, language: str) -> None:
    """Otherwise the pairs would show nothing: at most a few may be words of the pages as they stand there."""
    pages = searched / ("" if language == "en" else language)
    text = "".join(path.read_text(encoding="utf-8") for path in pages.glob("*/index.html")).lower()
    verbatim = [row["question"] for row in rows("found.tsv", language) if f" {row['question']} " in text]
    assert len(verbatim) <= 3, verbatim


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_words_find_nothing(context: BrowserContext, address: str, language: str) -> None:
    questions = [row["question"] for row in rows("not_found.tsv", language)]
    assert len(questions) >= 10
    found = opened(context, address, language).evaluate(ASK, questions)
    assert {question: places for question, places in zip(questions, found, strict=True) if places} == {}


@pytest.mark.parametrize(
    ("language", "question", "heading"),
    [
        ("cs", "vahách", "Váhy"),
        ("en", "calibrated", "Quantization"),
        ("et", "tapsuse", "Vahemälu"),
        ("pl", "kwantyzacje", "Kwantyzacja"),
        ("sl", "utezmi", "Uteži"),
    ],
)
@pytest.mark.parametrize("opened_from", ["server", "folder"])
def test_reader_types_and_follows(
    context: BrowserContext, address: str, searched: Path, language: str, question: str, heading: str, opened_from: str
) -> None:
    root = address if opened_from == "server" else searched.as_uri()
    folder = "" if language == "en" else f"/{language}"
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{root}{folder}/02-speed/index.html")
    page.locator("header .md-search__input").click()
    page.locator("header .md-search__input").press_sequentially(question)
    link = page.locator(".md-search-result__link", has_text=heading).first
    link.wait_for()
    assert link.locator("mark").count() >= 1
    link.click()
    page.wait_for_url(f"{root}{folder}/01-weights/**" if language != "et" else f"{root}{folder}/02-speed/**")
    page.locator("article mark").first.wait_for()
    assert errors == []


def test_page_that_is_not_translated_is_found_in_its_language(context: BrowserContext, address: str) -> None:
    found = opened(context, address, "cs").evaluate(ASK, ["zebra"])
    assert found == [["cs/03-later/"]]


def test_all_words_of_a_question_count(context: BrowserContext, address: str) -> None:
    page = opened(context, address, "en")
    assert page.evaluate(ASK, ["blocks of bits"]) == [["01-weights/#quantization"]]
    assert page.evaluate(ASK, ["tensor unheard"]) == [["01-weights/"]]  # the word that nothing has is shown as missing
    assert page.evaluate(ASK, ["quantiz"])[0][0] == "01-weights/#quantization"  # what is being typed
    assert page.evaluate(ASK, ["", "…", "constructor", "__proto__"]) == [[], [], [], []]


def test_index_is_loaded_when_searching_begins(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    sizes: dict[str, int] = {}
    page.on("requestfinished", lambda request: sizes.update({request.url: len(gzip.compress(_body(request)))}))
    page.goto(f"{address}/cs/01-weights/", wait_until="networkidle")
    assert not any(url.endswith("search/cs.js") for url in sizes)
    assert sum(sizes.values()) <= LARGEST_PAGE
    assert len(sizes) > 3
    with page.expect_request(f"{address}/search/cs.js"):
        page.locator("header .md-search__input").click()


def _body(request: object) -> bytes:
    return bytes(request.response().body())  # type: ignore[attr-defined]
