"""The translators that need no server, held to the contract and to what they promise."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.translation import Tree, record
from edgedocs.translation.language import bare
from edgedocs.translation.repair.diagnosis import diagnose
from edgedocs.translation.translators import NotTranslated, Request, Settings, Translator, translators
from tests.contract.translators import RequestFor, TranslatorContract
from tests.translation.trees import edit, make_tree, write

NUMBERS = "\n\n".join(f"Sentence number {number} of many." for number in range(16))
CZECH_NUMBERS = "\n\n".join(f"Věta číslo {number} z mnoha." for number in range(16))


def asked(text: str, code: str = "cs", kind: str = "paragraph") -> Request:
    return Request(bare(code), "page.md", kind, text)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = make_tree(tmp_path)
    write(made.source, {"many.md": f"See `a` and [the text](b.md), not <br> `c`.\n\n{NUMBERS}\n"})
    write(made.translations / "cs", {"many.md": f"Viz [text](b.md) a `a`, ne <br> `c`.\n\n{CZECH_NUMBERS}\n"})
    for page in ("sizes.md", "many.md"):
        record(made, "cs", page)
    return made


class TestPseudo(TranslatorContract):
    @pytest.fixture
    def translator(self, tree: Tree) -> Iterator[Translator]:
        made = translators.get("pseudo")(Settings(tree))
        yield made
        made.close()

    @pytest.fixture
    def request_for(self) -> RequestFor:
        return lambda text: asked(text, "x-pseudo")

    def test_changes_every_word_but_names(self, translator: Translator) -> None:
        answer = translator.translate(asked("Use Q4_0 and ⟦1⟧, 4.5 bits."))
        assert answer.text == "«Ûŝéé Q4_0 åñđđ ⟦1⟧, 4.5 ƀîţŝŝ.»"

    @pytest.mark.parametrize("end", ["⟦1⟧", "⟦1⟧.", "(⟦1⟧)"])
    def test_no_mark_stands_at_an_address(self, translator: Translator, end: str) -> None:
        assert translator.translate(asked(f"See {end}")).text == f"«Ŝééé {end} »"

    @given(st.text(string.ascii_letters + " "))
    def test_nothing_looks_like_text_that_was_read_in_a_wrong_code_page(self, text: str) -> None:
        made = translators.get("pseudo")(Settings(Tree(Path(), Path())))
        assert not diagnose(made.translate(asked(f"a {text}")).text).damaged

    def test_grows_by_a_third(self, translator: Translator) -> None:
        text = "Everything that readers see should have room for languages which need longer words"
        assert 1.2 < len(translator.translate(asked(text)).text) / len(text) < 1.45

    def test_brackets_cells_and_not_bars(self, translator: Translator) -> None:
        answer = translator.translate(asked("| Type | 4.5 |\n⟦1⟧\n| a \\| b | [x](⟦2⟧) |", kind="table"))
        assert answer.text == "| «Ţýþéé» | 4.5 |\n⟦1⟧\n| «å \\| ƀ» | «[ẋ](⟦2⟧) » |"

    def test_writes_arabic_letters_from_right_to_left(self, translator: Translator) -> None:
        text = translator.translate(asked("A file.", "ar")).text
        assert not any("LATIN" in unicodedata.name(letter) for letter in text)
        assert any("ARABIC" in unicodedata.name(letter) for letter in text)


class TestMemory(TranslatorContract):
    @pytest.fixture
    def translator(self, tree: Tree) -> Translator:
        return translators.get("memory")(Settings(tree))

    @pytest.fixture
    def request_for(self) -> RequestFor:
        return asked

    def test_finds_the_same_text_on_any_page(self, translator: Translator) -> None:
        assert translator.translate(asked("A block holds **32**\nweights.")).text == "Blok má **32** vah."

    def test_keeps_which_placeholder_is_which(self, translator: Translator) -> None:
        text = "See ⟦1⟧ and [the text](⟦2⟧), not ⟦3⟧ ⟦4⟧."
        assert translator.translate(asked(text)).text == "Viz [text](⟦2⟧) a ⟦1⟧, ne ⟦3⟧ ⟦4⟧."

    def test_finds_nothing(self, translator: Translator) -> None:
        with pytest.raises(NotTranslated, match="no page"):
            translator.translate(asked("Nobody has ever written this."))

    def test_what_a_person_wrote_comes_first(self, tree: Tree) -> None:
        write(tree.source, {"other.md": "It costs little.\n"})
        write(tree.translations / "cs", {"other.md": "Je to levné.\n"})
        record(tree, "cs", "other.md", "reviewed")
        assert translators.get("memory")(Settings(tree)).translate(asked("It costs little.")).text == "Je to levné."

    def test_what_is_stale_is_not_used(self, tree: Tree) -> None:
        edit(tree.source / "sizes.md", "It costs little.", "It costs a lot.")
        with pytest.raises(NotTranslated):
            translators.get("memory")(Settings(tree)).translate(asked("It costs a lot."))

    @pytest.mark.parametrize(
        ("source", "target", "wanted", "found"),
        [
            (
                "ten words that are here and there are 7 of them",
                "sedm: 7",
                "ten words that are here and there are 9 of them",
                "sedm: 9",
            ),
            (
                "ten words that are here and there are 7.5 of them",
                "7,5",
                "ten words that are here and there are 9.5 of them",
                None,
            ),
            (
                "ten words that are 7 and 7 and so on of them",
                "7 7",
                "ten words that are 7 and 8 and so on of them",
                None,
            ),
            ("only 7", "jen 7", "only 8", None),
        ],
    )
    def test_numbers_are_replaced_where_it_is_clear(
        self, tree: Tree, source: str, target: str, wanted: str, found: str | None
    ) -> None:
        write(tree.source, {"n.md": f"{source}\n"})
        write(tree.translations / "cs", {"n.md": f"{target}\n"})
        record(tree, "cs", "n.md")
        translator = translators.get("memory")(Settings(tree))
        if found is None:
            with pytest.raises(NotTranslated):
                translator.translate(asked(wanted))
        else:
            assert translator.translate(asked(wanted)).text == found
