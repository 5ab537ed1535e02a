"""Masking loses nothing, hides what a translator must not see, and says what an answer did to it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.translation.masking import PlaceholdersDiffer, mask
from tests import pace

MARKS = 'ab #-=`>|:![]{}()<>"\n\t1.$⟦⟧\\*^@/&;?+%'


@settings(max_examples=500, deadline=None)
@given(st.text(MARKS, max_size=60) | st.text(max_size=60))
def test_a_masked_text_is_restored(text: str) -> None:
    masked = mask(text)
    assert masked.restore(masked.text) == text


@pytest.mark.parametrize(
    ("text", "shown", "tokens"),
    [
        ("## A *word* ## { #id .x }\n", "A *word*", []),
        ("Title\n=====\n", "Title", []),
        ('!!! note "A word"\n', "A word", []),
        ("??? note\n", "", []),
        ("- [ ] do `a`\n", "do ⟦1⟧", ["`a`"]),
        ("    1. one\n       two\n", "one\ntwo", []),
        ("> quoted\n> more\n", "quoted\nmore", []),
        ("[text](a.md#b 'title') ![alt](b.png){ width=3 }\n", "[text](⟦1⟧ 'title') ![alt](⟦2⟧)", ["a.md#b", "b.png"]),
        ("It saves [[q.saving|.1%]] and [[!5 %]].", "It saves ⟦1⟧ and ⟦2⟧.", ["[[q.saving|.1%]]", "[[!5 %]]"]),
        (
            "<b>x</b> <https://a.b> https://c.d/e.",
            "⟦1⟧x⟦2⟧ ⟦3⟧ ⟦4⟧.",
            ["<b>", "</b>", "<https://a.b>", "https://c.d/e"],
        ),
        ("$a+b$ costs $5 and $6", "⟦1⟧ costs $5 and $6", ["$a+b$"]),
        ("See [^1] :material-cat: and 10:30:15", "See ⟦1⟧ ⟦2⟧ and 10:30:15", ["[^1]", ":material-cat:"]),
        ("| A | B |\n|---|---|\n| x | `y` |\n", "| A | B |\n⟦1⟧\n| x | ⟦2⟧ |", ["|---|---|", "`y`"]),
        ("a ⟦1⟧ b", "a ⟦1⟧1⟦2⟧ b", ["⟦", "⟧"]),
        ("*[GGUF]: GPT unified\n", "GPT unified", []),
        ("line  \nnext", "line⟦1⟧next", ["  \n"]),
    ],
)
def test_what_is_taken_out(text: str, shown: str, tokens: list[str]) -> None:
    masked = mask(text)
    assert (masked.text, list(masked.tokens)) == (shown, tokens)


def test_names_of_addresses_are_links() -> None:
    assert mask("See [Ref].", ["ref"]).text == "See ⟦1⟧."
    assert mask("See [Ref].").text == "See [Ref]."


def test_placeholders_may_change_their_order() -> None:
    assert mask("- `a` then `b`\n").restore("⟦2⟧ po ⟦ 1 ⟧") == "- `b` po `a`\n"


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        ("⟦1⟧", "placeholders lost: ⟦2⟧"),
        ("⟦1⟧ ⟦1⟧ ⟦2⟧", "placeholders there more than once: ⟦1⟧"),
        ("⟦1⟧ ⟦2⟧ ⟦3⟧", "placeholders not in the request: ⟦3⟧"),
        ("⟦1⟧ ⟦2⟧ ⟦x⟧", "a bracket ⟦ or ⟧ that belongs to no placeholder"),
    ],
)
def test_faults_of_an_answer_are_named(answer: str, finding: str) -> None:
    with pytest.raises(PlaceholdersDiffer, match=r"placeholder|bracket") as raised:
        mask("`a` and `b`").restore(answer)
    assert raised.value.findings == (finding,)


@pytest.mark.parametrize("text", ["`a` [[b.c|d]] <br>", "12 % — 3.5", "![](a.png)", ""])
def test_nothing_to_translate(text: str) -> None:
    assert not mask(text).has_words


HOSTILE = ["a", "<a ", '<a "', "<!--", "[", "](", "`", "`a``", "$a", "\\(", "\\[", "{#a ", ":a", "a@", "http://.", "> "]
HOSTILE += ["|-", "<script>", "<pre ", "  \n", "[^", "#", "\n", " ", "- ", "x #"]


@pytest.mark.parametrize("unit", HOSTILE)
def test_takes_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        start = time.process_time()
        mask(unit * (length // len(unit)))
        return time.process_time() - start

    assert seconds(200_000) < 2 + 40 * seconds(20_000)


def test_megabytes_of_code_spans_take_linear_time() -> None:
    text = "` " * 500_000 + "\n"
    with pace.at_most(15):
        assert mask(text).restore(mask(text).text) == text
