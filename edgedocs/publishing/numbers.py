"""Numbers: a measured value written as a language writes it.

The format specification is a small part of Python's own: ``d``, ``,d``, ``.2f``, ``,.2f``, ``.1%``, ``.2e``, ``.3g``,
``s`` or nothing. Python rounds, so that all languages show the same digits; Babel supplies the separators and signs.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeAlias

from edgedocs.core.errors import BadInput

Scalar: TypeAlias = bool | int | float | str

_SPECIFICATION = re.compile(r"(?P<group>,)?(?:\.(?P<precision>\d{1,2}))?(?P<type>[dfeg%s])?")
_EXPECTED = "one of d  ,d  .2f  ,.2f  .1%  .2e  .3g  s  (with any number of digits), or nothing"
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
    match = _SPECIFICATION.fullmatch(specification)
    if match is None or not _is_known(match):
        raise BadInput(f"unknown format {specification!r}", expected=_EXPECTED)
    kind = match["type"] or ""
    if isinstance(value, str):
        if kind not in ("", "s") or match["group"] or match["precision"]:
            raise BadInput(
                f"format {specification!r} is for numbers, but the value is the text {value!r}", expected="s"
            )
        return value
    _require_number(value, kind, specification)
    rounded = format(value, specification)
    return _translate(rounded, grouped=bool(match["group"]), locale=locale)


def _is_known(match: re.Match[str]) -> bool:
    if match["type"] in ("d", "s"):
        return match["precision"] is None and not (match["type"] == "s" and match["group"])
    return match["type"] is not None or (match["group"] is None and match["precision"] is None)


def _require_number(value: bool | int | float, kind: str, specification: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"the value is {value!r}", expected="a number or a text")
    if value != value or value in (float("inf"), float("-inf")):
        raise BadInput(f"the value is {value!r}", expected="a finite number")
    if kind == "s":
        raise BadInput(f"format 's' is for texts, but the value is the number {value!r}", expected="a number's format")
    if kind == "d" and not isinstance(value, int):
        raise BadInput(
            f"format {specification!r} is for whole numbers, but the value is {value!r}", expected="for example .1f"
        )


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
