"""Formats: in which ways prose may write a fact.

The format specification is a small part of Python's own: ``d``, ``,d``, ``.2f``, ``,.2f``, ``.1%``, ``.2e``, ``.3g``,
``s`` or nothing. That is what every language can write with its own separators and signs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from edgedocs.examples.facts import Scalar

_SPECIFICATION = re.compile(r"(?P<group>,)?(?:\.(?P<precision>\d{1,2}))?(?P<type>[dfeg%s])?")
_EXPECTED = "one of d  ,d  .2f  ,.2f  .1%  .2e  .3g  s  (with any number of digits), or nothing"


def require_format(value: Scalar, specification: str) -> None:
    """Check that a value can be written by a format specification; an empty one suits every number and text.

    Raises:
        BadInput: if the specification is unknown or does not fit the value's type; the caller adds the place.
    """
    match = _SPECIFICATION.fullmatch(specification)
    if match is None or not _is_known(match):
        raise BadInput(f"unknown format {specification!r}", expected=_EXPECTED)
    kind = match["type"] or ""
    if not isinstance(value, str):
        _require_number(value, kind, specification)
    elif kind not in ("", "s") or match["group"] or match["precision"]:
        raise BadInput(f"format {specification!r} is for numbers, but the value is the text {value!r}", expected="s")


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
