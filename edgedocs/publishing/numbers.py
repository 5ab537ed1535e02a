"""Numbers: a measured value written as a language writes it.

Python rounds by one of the specifications of :mod:`edgedocs.examples.formats`, so that all languages show the same
digits; Babel supplies the separators and signs.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from edgedocs.examples.formats import require_format

if TYPE_CHECKING:
    from edgedocs.examples.facts import Scalar

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def localize(value: Scalar, specification: str, locale: str) -> str:
    """The value as text, formatted by ``specification`` and written as in ``locale``.

    Args:
        value: a finite number or a text.
        specification: a format specification; an empty one writes the value in full.
        locale: a language or locale name that Babel knows, for example ``"cs"`` or ``"pt-BR"``.

    Raises:
        BadInput: if the specification is unknown or does not fit the value's type; the caller adds the place.
    """
    require_format(value, specification)
    if isinstance(value, str):
        return value
    rounded = format(value, specification)
    return _translate(rounded, grouped=specification.startswith(","), locale=locale)


def _translate(rounded: str, *, grouped: bool, locale: str) -> str:
    """Python's text of a number, in the locale's signs."""
    mantissa, _, exponent = rounded.removesuffix("%").partition("e")
    percent = rounded.endswith("%")
    text = _with_locale_signs(Decimal(mantissa.replace(",", "")), grouped=grouped, percent=percent, locale=locale)
    if exponent:
        text += f"{_NO_BREAK_SPACE}×{_NO_BREAK_SPACE}10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    return text


def _with_locale_signs(number: Decimal, *, grouped: bool, percent: bool, locale: str) -> str:
    from babel import Locale
    from babel.numbers import format_decimal, format_percent, get_minus_sign_symbol

    decimals = max(0, -int(number.as_tuple().exponent))
    digits = ("#,##0" if grouped else "0") + ("." + "0" * decimals if decimals else "")
    language = Locale.parse(locale.replace("-", "_"))
    if percent:
        pattern = language.percent_formats[None].pattern.replace("#,##0", digits)
        text = format_percent(number / 100, format=pattern, locale=language)
    else:
        text = format_decimal(number, format=digits, locale=language)
    return str(text).replace("-", get_minus_sign_symbol(language))  # Babel leaves the pattern's own sign
