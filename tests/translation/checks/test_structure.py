import pytest

from tests.translation.checks.kit import findings
from tests.translation.trees import CZECH, SOURCE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Velikosti", "## Velikosti"),
        ("- Stojí málo.\n", ""),
        ("- Stojí málo.", "  - Stojí málo."),
        ("- Stojí málo.", "1. Stojí málo."),
        ("- Stojí málo.", "- [x] Stojí málo."),
        ("| Q4_0 | 4,5 |\n", ""),
        ("| Q4_0 | 4,5 |", "| Q4_0 |"),
        ("| Q4_0 | 4,5 |", "| Q4_0 | |"),
        ("|---|---|", "|---|--:|"),
        ('!!! note "Slovo"', '!!! poznámka "Slovo"'),
        ('!!! note "Slovo"', "!!! note"),
        ('!!! note "Slovo"', '!! note "Slovo"'),
        ("    Uvnitř je", "Uvnitř je"),
        ("description:", "popis:"),
        ("Konec.", "Konec.\n\nA ještě něco."),
        ("Konec.", "Konec <kbd>x."),
        ("Konec.", "Konec. { .small }"),
        ("Konec.", "Konec. <!-- poznámka"),
        ("Konec.", "<!-- Konec."),
    ],
)
def test_damage(old: str, new: str) -> None:
    assert CZECH.count(old) == 1
    source = SOURCE.replace("The end.", "The end <kbd>x</kbd>.") if "kbd" in new else SOURCE
    assert findings("structure", source, CZECH.replace(old, new))


@pytest.mark.parametrize(
    "clean",
    [
        CZECH,
        CZECH.replace("\n", "\r\n"),
        CZECH.replace("- ", "* "),
        CZECH.replace("Konec.", "<!-- TODO -->\n\nKonec.  "),
        CZECH.replace("Konec.", "Konec <!-- poznámka -->."),
        CZECH.replace("| 4,5 |", "| 4,5      |"),
        CZECH.replace("|---|---|", "|-----|-----|"),
        CZECH.replace("| Typ | Bity |", "| `a|b` | Bity |").replace("`a|b`", "Typ"),
    ],
)
def test_clean(clean: str) -> None:
    assert findings("structure", SOURCE, clean) == []


def test_many_missing_pieces_are_told_together() -> None:
    source = SOURCE + "".join(f"\nParagraph {number}.\n" for number in range(9))
    [found] = findings("structure", source, CZECH)
    assert "9 pieces are missing" in found.message
    assert found.line is None
