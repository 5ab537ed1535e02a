import pytest

from edgedocs.translation.segments import split
from edgedocs.translation.structure import compare, compare_fixed
from tests.translation.trees import CZECH, SOURCE


def differences(czech: str) -> list[tuple[str, int | None, int | None]]:
    found = compare(split(SOURCE, "source.md"), split(czech, "czech.md"))
    return [(difference.check, difference.source_line, difference.line) for difference in found]


def test_a_translation_has_no_differences() -> None:
    assert differences(CZECH) == []


@pytest.mark.parametrize(
    "clean",
    [
        CZECH.replace("\n", "\r\n"),
        CZECH.replace("Konec.", "Konec.   "),
        CZECH.replace("\n\n", "\n\n\n"),
        "\ufeff" + CZECH,
        CZECH.replace("Konec.", "<!-- poznámka -->\n\nKonec."),
        CZECH.replace("Konec.", "Úplný konec, [[!5 %]]."),
    ],
    ids=["CRLF", "blanks", "blank lines", "mark", "comment", "literal"],
)
def test_clean_variants(clean: str) -> None:
    assert clean != CZECH
    assert differences(clean) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("- Stojí málo.\n", "", [("structure", 11, None)]),
        ("Konec.", "Konec.\n\nA ještě něco.", [("structure", None, 27)]),
        ("# Velikosti", "## Velikosti", [("structure", 6, 6)]),
        ("- Stojí málo.", "  - Stojí málo.", [("structure", 11, 11)]),
        ("sizes.py", "size.py", [("fixed", 14, 14)]),
        ("tags: [size]", "tags: [velikost]", [("fixed", 3, 3)]),
        ("[[sizes.saving|.1%]]", "71,9 %", [("facts", 10, 10)]),
        ("[[sizes.saving|.1%]]", "[[sizes.saving|.2%]]", [("facts", 10, 10)]),
        ("{ #sizes }", "{ #velikosti }", [("anchor", 6, 6)]),
        (" { #sizes }", "", [("anchor", 6, 6)]),
        ("    Uvnitř je", "Uvnitř je", [("structure", 19, 19)]),
    ],
)
def test_differences(old: str, new: str, expected: list[tuple[str, int, int]]) -> None:
    assert CZECH.count(old) == 1
    assert differences(CZECH.replace(old, new)) == expected


def test_code_that_was_dropped() -> None:
    start, end = CZECH.index("```python"), CZECH.index("!!! note")
    without = CZECH[:start] + CZECH[end:]
    assert differences(without) == [("fixed", 13, None)]
    assert len(compare_fixed(split(SOURCE, "source.md"), split(without, "czech.md"))) == 1


def test_message_shows_the_first_line_that_differs() -> None:
    found = compare(split(SOURCE, "source.md"), split(CZECH.replace("sizes.py", "size.py"), "czech.md"))
    assert "sizes/sizes.py" in found[0].message
    assert str(found[0]).startswith("source line 14, translation line 14: ")


def test_facts_that_differ_are_named() -> None:
    found = compare(split(SOURCE, "source.md"), split(CZECH.replace("|.1%]]", "|.2%]]"), "czech.md"))
    assert "missing [[sizes.saving|.1%]], not in the source [[sizes.saving|.2%]]" in found[0].message
