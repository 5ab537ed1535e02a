"""Collation: words in the order of a language's dictionaries; the expected orders are written by hand."""

import random

import pytest

from edgedocs.publishing.collation import initial, sort_key

ORDERS = {
    # Czech: č after c, ch after h, ř after r, š after s, ž after z; á, é, ů are a, e, u unless all else is the same.
    "cs": "array blok cena cíl čas data dávka délka graf hrana chyba runner řada sada šum váha vzor zámek žeton",
    # Estonian: š, z and ž between s and t; õ, ä, ö and ü after v.
    "et": "aken kaal saba šokk zoom žanr tuum vahemik õigus äär ööbik ülekanne x-telg y-telg",
    # Polish: every letter with a mark after the one without.
    "pl": "adapter ąb blok cecha ćma dane ekran ęsi lista łańcuch norma ńo osad ósmy skala średnia waga zero źle żeton",
    # Slovenian: č after c, š after s, ž after z.
    "sl": "adapter bit cena čas graf skala šum utež vrsta zapis žeton",
    # German is not listed: ä is a, ß is ss.
    "de": "Abend Ähre Art Maße Mast Zahl",
}


@pytest.mark.parametrize("language", ORDERS)
def test_order_of_a_language(language: str) -> None:
    expected = ORDERS[language].split()
    mixed = random.Random(1).sample(expected, len(expected))
    assert sorted(mixed, key=lambda word: sort_key(word, language)) == expected


def test_accents_and_case_decide_only_where_letters_are_the_same() -> None:
    assert sorted(["vahy", "váha", "vaha", "Váha"], key=lambda word: sort_key(word, "cs"))[-1] == "vahy"
    assert sort_key("váha", "cs")[0] == sort_key("Vaha", "cs")[0]


def test_words_before_longer_words_and_digits_before_letters() -> None:
    terms = ["zeros", "4-bit", "zero point", "zero", "zero-point rule"]
    expected = ["4-bit", "zero", "zero point", "zero-point rule", "zeros"]
    assert sorted(terms, key=lambda term: sort_key(term, "en")) == expected


def test_letters_of_another_script_come_last_and_in_their_order() -> None:
    assert sorted(["йод", "zone", "иск", "бит"], key=lambda word: sort_key(word, "uk")) == ["zone", "бит", "иск", "йод"]


@pytest.mark.parametrize(
    ("text", "language", "letter"),
    [
        ("chyba", "cs", "Ch"),
        ("chat", "sl", "C"),
        ("článek", "cs", "Č"),
        ("áčko", "cs", "A"),
        ("łańcuch", "pl", "Ł"),
        ("łańcuch", "en", "L"),
        ("õun", "et", "Õ"),
        ("4-bit", "en", "0–9"),
        ("«jazyk»", "cs", "J"),
        ("бит", "uk", "Б"),
        ("–", "en", ""),
    ],
)
def test_letter_under_which_a_term_stands(text: str, language: str, letter: str) -> None:
    assert initial(text, language) == letter
