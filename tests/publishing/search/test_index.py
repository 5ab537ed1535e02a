"""The words of texts and the keys of words, computed by hand, and by a browser as by Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edgedocs.publishing.search import normalization
from edgedocs.publishing.search.index import Index, irregular_forms, word_keys
from edgedocs.publishing.search.normalization import fold, parts, words
from edgedocs.publishing.search.sections import Section, read_sections

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

TEXTS = [
    "Váhy, llama-cpp a Q4_K_M: 4,5 bitu!",
    "Zażółć gęślą jaźń ŁÓDŹ",
    "İstanbul ISPARTA ıslak Straße STRASSE Ærø œuvre Þór đak",
    "e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT} été ÉTÉ",
    "ΣΟΦΌΣ σοφός Ёлка ёлка",
    "量子化 モデル ภาษาไทย 한국어 모델",
    "مَدْرَسَة مدرسة हिन्दी",
    "x² ½ Ⅷ ٣ _ __init__ don't naïve­ly 😀a",
    "",
]


def data(index: Index) -> dict[str, object]:
    script = index.script()
    first = script.splitlines()[0]
    return dict(json.loads(first.removeprefix("globalThis.edgedocsIndex = ").removesuffix(";")))


def test_words_and_their_parts() -> None:
    assert words("Váhy, llama-cpp a Q4_K_M!") == ["váhy", "llama", "cpp", "a", "q4_k_m"]
    assert words("量子化 ok _") == ["量", "子", "化", "ok"]
    assert parts("q4_k_m") == ["q4", "k", "m"]
    assert parts("__init__") == parts("váhy") == []


def test_words_without_diacritics() -> None:
    assert [fold(word) for word in ("Žluťoučký", "ŁÓDŹ", "õhtul", "Straße", "İ", "Ёлка")] == [
        "zlutoucky",
        "lodz",
        "ohtul",
        "strasse",
        "i",
        "елка",
    ]
    assert fold("हिन्दी") == "हिन्दी"  # its marks are vowels


def test_browser_takes_texts_apart_as_python_does(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/")
    ask = """async (texts) => {
      const index = await edgedocsSearch.load()
      return texts.map((text) => index.split(text).map((word) => [word, index.fold(word)]))
    }"""
    assert page.evaluate(ask, TEXTS) == [[[word, fold(word)] for word in words(text)] for text in TEXTS]


def test_keys_are_stems_with_and_without_diacritics() -> None:
    assert word_keys("vrstvách", "cs") == {"vrstvach", "vrstv"}
    assert word_keys("weights", "en") == {"weights", "weight"}
    assert word_keys("datotekami", "sl") == {"datotekami", "datoteka"}  # no stemmer: the base form of the dictionary


def test_irregular_forms_lead_to_the_base_form() -> None:
    found = irregular_forms(["ljudje"], "sl")
    assert found["cloveka"] == ["clovek"]
    assert irregular_forms(["people"], "en") == {}  # a stemmer serves


def test_other_spellings_lead_to_the_word() -> None:
    found = irregular_forms(["quantization", "optimise", "prize", "size", "noise", "raised"], "en")
    assert found["quantisation"] == ["quantization"]
    assert found["optimize"] == ["optimise"]
    assert not {"sise", "noize"} & found.keys()
    assert irregular_forms(["kvantizace"], "cs") == {}


def test_index_says_where_words_stand() -> None:
    index = data(Index("en", [Section("a/", "", "Big models", "Models, big_models"), Section("a/", "b", "B", "model")]))
    found = dict(zip(index["words"], zip(index["keys"], index["postings"], strict=True), strict=True))  # type: ignore[call-overload]
    assert found["models"] == (["model"], [0, 1, 2])
    assert found["big_models"] == (["big_model"], [0, 0, 1])
    assert found["big"] == ([], [0, 1, 1])
    assert found["model"] == ([], [1, 0, 1])
    assert index["letters"] == normalization.LETTERS


def test_text_of_any_kind_is_a_script() -> None:
    text = 'a \u2028 \u2029 </script> \\ " \N{GRINNING FACE}'
    index = Index("en", [Section("", "", "x", text)])
    assert "\u2028" not in index.script()
    assert data(index)["sections"] == [["", "", "x", text]]


def test_sections_of_entries() -> None:
    entries = [
        {"location": "a/#top", "title": "A &amp; <code>b</code>", "text": "<p>one</p><ul>\n<li>two</li>\n</ul>"},
        {"location": "a/#more", "title": "More", "text": "x &lt; y"},
        {"location": ".", "title": "Home", "text": ""},
    ]
    assert read_sections(entries) == [
        Section("a/", "", "A & b", "one two"),
        Section("a/", "more", "More", "x < y"),
        Section("", "", "Home", ""),
    ]
