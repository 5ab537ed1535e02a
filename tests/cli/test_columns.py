"""Texts side by side. How many cells a character takes is asked of wcwidth, a table of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from edgedocs.cli.columns import side_by_side, visible, width, wrap

LETTERS = st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Po", "Sm", "Zs", "Mn"], max_codepoint=0x9FFF)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("block", 5),
        ("čeština", 7),
        ("c\u030ces\u030ctina", 7),
        ("量子化", 6),
        ("ｋ", 2),
        ("كتلة", 4),
        ("🧑\u200d💻", 2),
        ("", 0),
    ],
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells == wcswidth(text)


def test_width_of_marks_is_that_of_their_letters() -> None:
    for text in ("가각", "日本語 text", "Ω≈ç√", "naïve café", "→ ≤ ×"):
        assert width(text) == wcswidth(text)


@given(st.text(alphabet=LETTERS, max_size=60), st.integers(4, 40))
def test_wrapped_lines_fit_and_nothing_is_lost(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert all(width(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_words_stay_whole() -> None:
    assert wrap("one two three four", 9) == ["one two", "three", "four"]
    assert wrap("  indented words here", 12) == ["  indented", "words here"]
    assert wrap("a\n\nb", 9) == ["a", "", "b"]
    assert wrap("量子化量子化", 5) == ["量子", "化量", "子化"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\u001b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("\ufeffa\x00", "\\ufeffa\\u0000"),
        ("a\tb\nc", "a   b\nc"),
        ("a\u200db", "a\u200db"),
        ("\r\na\rb", "\na\\u000db"),
    ],
)
def test_nothing_commands_the_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_side_by_side() -> None:
    assert side_by_side(["one two", "量子 化"], 13) == ["one   │ 量子", "two   │ 化"]
    assert side_by_side(["one", ""], 13) == ["one   │"]
