import pytest

from tests.translation.checks.kit import findings


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("It saves 75 %.", "Ušetří 57 %."),
        ("It takes 4.5 bits.", "Zabere 45 bitů."),
        ("It takes 1.25 GB.", "Zabere 12,5 GB."),
        ("There are 4,096 blocks.", "Je tu 4 096 096 bloků."),
        ("There are 1,234,567 blocks.", "Je tu 1 234 bloků."),
        ("It takes 14 steps.", "Zabere několik kroků."),
        ("It works well.", "Funguje dobře (17)."),
        ("It needs 8 GB.", "Potřebuje 8 MB."),
        ("It runs at 3 GHz.", "Běží na 3 MHz."),
        ("It drops by 50 %.", "Klesne o 50."),
        ("Set it to −5.", "Nastavte to na 5."),
        ("Take 5–8 bits.", "Vezměte 8–5 bitů."),
        ("It was 2026.", "Bylo to 2025."),
        ("In 2 steps.", "V krocích."),
    ],
)
def test_damage(source: str, target: str) -> None:
    assert len(findings("numbers", source, target)) == 1


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("It saves 75 %.", "Ušetří 75 %.", "cs"),
        ("It saves 75%.", "Ušetří 75\u00a0%.", "cs"),
        ("It takes 4.5 bits.", "Zabere 4,5 bitu.", "cs"),
        ("It takes 4.5 bits.", "Zabere 4.5 bitu.", "cs"),
        ("It takes 14.0 GB.", "Zabere 14,0 GB.", "cs"),
        ("There are 4,096 blocks.", "Je tu 4 096 bloků.", "cs"),
        ("There are 4,096 blocks.", "Je tu 4\u202f096 bloků.", "cs"),
        ("There are 4,096 blocks.", "Blokov je 4.096.", "sl"),
        ("There are 4,096 blocks.", "Es sind 4’096 Blöcke.", "de"),
        ("There are 4,096 blocks.", "Je tu 4096 bloků.", "cs"),
        ("On November 21, 2026.", "21. listopadu 2026.", "cs"),
        ("On November 21, 2026.", "21. 11. 2026.", "cs"),
        ("On November 21, 2026.", "21.11.2026.", "pl"),
        ("On 2026-11-21.", "21. listopadu 2026.", "cs"),
        ("It is 12 times faster.", "Je 12krát rychlejší.", "cs"),
        ("The 3rd step of 16-bit files.", "3. krok 16bitových souborů.", "cs"),
        ("It has two parts and 3 ends.", "Má 2 části a tři konce.", "cs"),
        ("At 3:00 PM.", "V 15:00.", "cs"),
        ("10,000 tokens.", "1万トークン。", "ja"),
        ("It has 75 blocks.", "لديه ٧٥ كتلة.", "ar"),
        ("It has 75 blocks.", "इसमें ७५ खंड हैं।", "hi"),
        ("It drops by 50 percent, to 8 GB.", "Klesne o 50 procent na 8 GB.", "cs"),
        ("It drops by 50 %.", "%50 düşer.", "tr"),
        ("From 5 % to 8 %.", "Od 5 do 8 %.", "cs"),
        ("It needs 8 GB.", "Нужно 8 ГБ.", "ru"),
        ("It needs 8 GB.", "Il faut 8 Go.", "fr"),
        ("Use 8 GB or 16 GB.", "16 GB nebo 8 GB.", "cs"),
        ("1. Take 5 of them.", "1. Vezměte jich 5.", "cs"),
        ("Version 1.2.3 of `x 9`.", "Verze 1.2.3 `x 9`.", "cs"),
        ("See [the 3 ways](https://a.b/7).", "Viz [3 způsoby](https://a.b/7).", "cs"),
    ],
)
def test_what_a_language_writes_in_its_way(source: str, target: str, language: str) -> None:
    assert findings("numbers", source, target, language) == []


def test_place_and_message() -> None:
    [found] = findings("numbers", "# A\n\nIt saves 75 %.\n", "# A\n\n\nUšetří 57 %.\n")
    assert (found.line, found.source_line, found.severity) == (4, 3, "error")
    assert "75 in the source, 57 here" in found.message


def test_many_digits_are_no_problem() -> None:
    assert findings("numbers", f"It is {'9' * 100_000}.", f"Je {'9' * 100_000}.") == []
