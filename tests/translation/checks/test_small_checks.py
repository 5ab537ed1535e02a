"""Facts, footnotes and emphasis."""

import pytest

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
