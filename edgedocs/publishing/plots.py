"""Plots: the drawings that examples recorded, with their labels in the language of the page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from edgedocs.translation.plots import LARGEST, NUMBER, TEXT, as_listed, filled, has_words

if TYPE_CHECKING:
    import re

    from edgedocs.publishing.languages import SiteLanguage


def in_language(drawing: bytes, language: SiteLanguage) -> bytes:
    """A drawing with its labels in a language and decimal marks as the language writes them.

    A label that the language does not have stays as it is. What comes from the language's file cannot become markup.

    Args:
        drawing: an SVG file; one that is no UTF-8 or very large stays as it is.
        language: the language.
    """
    if len(drawing) > LARGEST:
        return drawing
    try:
        text = drawing.decode("utf-8")
    except UnicodeDecodeError:
        return drawing
    mark = _decimal_mark(language.code)

    def labelled(match: re.Match[str]) -> str:
        label = match["label"]
        listed, numbers = as_listed(label)
        if not has_words(listed):
            return match["before"] + NUMBER.sub(lambda number: number[0].replace(".", mark), label)
        if listed not in language.plots:
            return match[0]
        own = filled(language.plots[listed], [number.replace(".", mark) for number in numbers])
        return match["before"] + escape(own, quote=False) + label[len(label.rstrip()) :]

    return TEXT.sub(labelled, text).encode()


def _decimal_mark(code: str) -> str:
    from babel.numbers import get_decimal_symbol

    return str(get_decimal_symbol(code.replace("-", "_")))
