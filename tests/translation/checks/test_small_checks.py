"""Facts, footnotes and emphasis."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.translation.checks import emphasis
from tests.translation.checks.kit import findings


@pytest.mark.parametrize(
    ("check", "source", "target"),
    [
        ("facts", "It saves [[a.b|.1%]].", "Ušetří 5 %."),
        ("facts", "It saves [[a.b|.1%]].", "Ušetří [[a.b|.2%]]."),
        ("facts", "It saves [[a.b|.1%]].", "Ušetří [a.b|.1%]."),
        ("facts", "It saves [[a.b]].", "Ušetří [[a.b]] a [[a.b]]."),
        ("footnotes", "It saves.[^one]", "Ušetří."),
        ("footnotes", "It saves.[^one]", "Ušetří.[^jedna]"),
        ("footnotes", "It saves.", "Ušetří.[^one]"),
        ("emphasis", "**It** saves.", "**To ušetří."),
        ("emphasis", "**It** saves.", "** To** ušetří."),
        ("emphasis", "**It** saves.", "**To ** ušetří."),
        ("emphasis", "*It* saves.", "*To ušetří."),
        ("emphasis", "It _really_ saves.", "To _opravdu ušetří."),
        ("emphasis", "It ~~never~~ saves.", "To ~~nikdy ušetří."),
    ],
)
def test_damage(check: str, source: str, target: str) -> None:
    assert findings(check, source, target)


@pytest.mark.parametrize(
    ("check", "source", "target"),
    [
        ("facts", "It saves [[a.b|.1%]] of [[c.d]].", "Z [[c.d]] ušetří [[a.b|.1%]]."),
        ("facts", "It saves much.", "Ušetří [[!5 %]]."),
        ("footnotes", "It[^one] saves.[^2]", "Ušetří[^2] to.[^one]"),
        ("emphasis", "**It** saves *much*.", "*Mnoho* **to** ušetří."),
        ("emphasis", "**It** saves.", "To ušetří."),
        ("emphasis", "It is 2 * 3.", "Je to 2 * 3 a 4 * 5 * 6."),
        ("emphasis", "Set some_name_here.", "Nastavte some_name_here a __init__."),
        ("emphasis", "- It **saves**", "* To **ušetří**"),
        ("emphasis", "Use `**` here.", "Zde `**`."),
        ("emphasis", "***It*** saves.", "***To*** ušetří."),
        ("emphasis", "Use \\*this.", "Použijte \\*toto."),
    ],
)
def test_clean(check: str, source: str, target: str) -> None:
    assert findings(check, source, target) == []


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(["**", "*", "***", "_", "~~", "==", "\\", " ", "\n", "a", "b c", "(", ".", "`x`"]), max_size=14
    )
)
def test_bold_text_that_is_set_aside_has_nothing_to_find(pieces: list[str]) -> None:
    text = "".join(pieces)
    quick = emphasis._broken(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emphasis, "_BOLD", re.compile("(?!)"))
        patch.setattr(emphasis, "_MARK", re.compile(""))
        assert emphasis._broken(text) == quick
