"""The stemmers that browsers run give what snowballstemmer gives, for every language that it knows."""

from __future__ import annotations

import ast
import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgedocs.core.errors import CannotRun
from edgedocs.publishing.search import stemming, translating

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

FORMS = Path(__file__).parents[2] / "translation" / "checks" / "inflections.tsv"
SUFFIXES = """ational ization ousness ingly ies ied sses ement ности ение ами ého ími ách ościach ego yje heiten lich
ungen issement ités aciones mente lardan ssa nsa lle teja ega ile dele الكتاب والكتب நான்கள் काओं ών ήματα"""


def vocabulary() -> list[str]:
    with FORMS.open(encoding="utf-8", newline="") as file:
        found = {word for row in csv.DictReader(file, delimiter="\t") for word in (row["base"], row["form"])}
    stems = ["a", "nation", "kvantiz", "książ", "werk", "gen", "книг", "kitap", "talo", "käe", "γραφ", "كتب", "घर"]
    made = {stem + one + two for stem in stems for one in SUFFIXES.split() for two in ("", "s", "e")}
    return sorted({word.lower() for word in found | made} | {"", "y", "''", "dying", "skis", "news"})


def test_browser_stems_as_the_library_does(context: BrowserContext) -> None:
    import snowballstemmer

    names = snowballstemmer.algorithms()
    assert {"czech", "english", "estonian", "polish"} <= set(names)
    page, words = context.new_page(), vocabulary()
    assert len(words) > 1500
    for name in names:
        stem = stemming.implementation(name)().stemWord
        script = f"(words) => words.map({translating.javascript(name)})"
        assert page.evaluate(script, words) == [stem(word) for word in words], name


def test_every_language_finds_its_stemmer() -> None:
    found = {code: stemming.algorithm(code) for code in ("en", "cs", "et", "pl", "sl", "pt-BR", "nb", "de", "ru", "ja")}
    assert found == {
        "en": "english",
        "cs": "czech",
        "et": "estonian",
        "pl": "polish",
        "sl": None,
        "pt-BR": "portuguese",
        "nb": "norwegian",
        "de": "german",
        "ru": "russian",
        "ja": None,
    }


def test_unknown_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Base:
        pass

    class Odd(Base):
        def _stem(self) -> object:
            return (lambda: 1)()

    monkeypatch.setattr(translating, "implementation", lambda name: Odd)
    monkeypatch.setattr(translating, "_definition", _definition)
    with pytest.raises(CannotRun, match="cannot be translated for browsers") as caught:
        translating.javascript("odd")
    assert "snowballstemmer" in str(caught.value)


def _definition(of: type) -> object:
    body = "def _stem(self):\n        return (lambda: 1)()" if of.__name__ == "Odd" else "pass"
    return ast.parse(f"class {of.__name__}:\n    {body}\n").body[0]


def test_texts_of_tables_are_json() -> None:
    assert json.loads(translating._Expressions("X").text(_expression("'ž\"\\\\'"))) == 'ž"\\'


def _expression(source: str) -> object:
    return ast.parse(source, mode="eval").body
