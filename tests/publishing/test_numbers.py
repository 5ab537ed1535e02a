"""Numbers as each language writes them. Expected texts are written by hand, after the languages' own rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput
from edgedocs.publishing.numbers import localize

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "specification", "locale", "expected"),
    [
        (0.71875, ".1%", "en", "71.9%"),
        (0.71875, ".1%", "cs", f"71,9{NBSP}%"),
        (0.71875, ".1%", "sl", f"71,9{NBSP}%"),
        (0.71875, ".1%", "et", "71,9%"),
        (0.71875, ".1%", "pl", "71,9%"),
        (0.5, ".0%", "cs", f"50{NBSP}%"),
        (12.5, ".0%", "en", "1250%"),
        (12.5, ",.0%", "en", "1,250%"),
        (1234567, ",d", "en", "1,234,567"),
        (1234567, ",d", "cs", f"1{NBSP}234{NBSP}567"),
        (1234567, "d", "cs", "1234567"),
        (4.5, ".2f", "cs", "4,50"),
        (1234.5, ",.2f", "cs", f"1{NBSP}234,50"),
        (1234.5, ",.2f", "sl", "1.234,50"),
        (-1.5, ".1f", "en", "-1.5"),
        (-1.5, ".1f", "sl", "\N{MINUS SIGN}1,5"),
        (0.0000123, ".1e", "cs", f"1,2{NBSP}×{NBSP}10⁻⁵"),
        (0.0000123, ".1e", "en", f"1.2{NBSP}×{NBSP}10⁻⁵"),
        (1234.5678, ".3g", "en", f"1.23{NBSP}×{NBSP}10³"),
        (12.345, ".3g", "cs", "12,3"),
        ("Q4_0", "s", "cs", "Q4_0"),
        ("Q4_0", "", "cs", "Q4_0"),
        (4.5, "", "cs", "4,5"),
        (18, "", "cs", "18"),
        (2.675, ".2f", "en", "2.67"),  # as Python rounds the binary number, not the decimal text
    ],
)
def test_localize(value: float | str, specification: str, locale: str, expected: str) -> None:
    assert localize(value, specification, locale) == expected


@pytest.mark.parametrize(
    ("value", "specification", "part"),
    [
        (0.5, "x", "unknown format 'x'"),
        (0.5, ">10", "unknown format"),
        (0.5, ".%", "unknown format"),
        (0.5, ",", "unknown format"),
        (0.5, ".2", "unknown format"),
        (5, ".2d", "unknown format"),
        (0.5, "d", "whole numbers"),
        ("Q4_0", ".1%", "is for numbers"),
        (5, "s", "is for texts"),
        (True, "d", "a number or a text"),
        (float("nan"), ".1f", "a finite number"),
        (float("inf"), ".1f", "a finite number"),
    ],
)
def test_misfits_are_errors(value: float | str, specification: str, part: str) -> None:
    with pytest.raises(BadInput, match=part):
        localize(value, specification, "en")


@given(st.floats(min_value=-1e12, max_value=1e12), st.integers(0, 6))
def test_english_shows_the_digits_of_python(value: float, precision: int) -> None:
    python = f"{value:,.{precision}f}"
    ours = localize(value, f",.{precision}f", "en")
    assert ours == python or (float(python.replace(",", "")) == 0 and ours == python.lstrip("-"))


@given(st.floats(min_value=-1e12, max_value=1e12), st.integers(0, 6), st.sampled_from(["cs", "sl", "et", "pl"]))
def test_all_languages_show_the_same_digits(value: float, precision: int, locale: str) -> None:
    def digits(text: str) -> str:
        return "".join(character for character in text if character.isdigit())

    specification = f",.{precision}f"
    assert digits(localize(value, specification, locale)) == digits(localize(value, specification, "en"))
