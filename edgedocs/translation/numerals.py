"""Numerals: the numbers of a text, whatever way a language writes them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

_BLANKS = " \u00a0\u2007\u2009\u202f"
_NUMBER = re.compile(rf"\d(?<![A-Za-z_\d]\d)\d*+(?:[.,'’٫٬·]\d++|[{_BLANKS}]\d{{3}}(?!\d))*+")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_SEPARATOR = re.compile(r"\D")
_UNIT = re.compile(rf"[{_BLANKS}-]?([%‰٪％°]C?|[A-Za-zµμΩА-Яа-яіІ]{{1,6}}(?:/s|/с)?)(?![\w])")
_SIGN = re.compile(r"[-−‒–]")
_RANGE = re.compile(rf"(?<![\w.,–—-])(\d++)[{_BLANKS}]?[–—-][{_BLANKS}]?(\d++)(?![\w–—-]|[.,]\d)")
_DATE = re.compile(r"\b\d{4}-(\d{2})-(\d{2})\b")
_WORD = re.compile(r"[^\W\d_]+")
_STEM = 4
"""Letters from which on a word for a number is taken for a stem."""

_UNSPACED = 0xE00
"""First character of scripts that put no blanks between words."""

_TENS_OF_THOUSANDS = {"万": 4, "萬": 4, "만": 4, "億": 8, "亿": 8, "억": 8, "千": 3, "천": 3, "百": 2}

UNITS = {
    unit: canonical
    for canonical, units in {
        "%": "% ٪ ％",
        "bit/s": "bit/s b/s bps",
        "B": "B Б",
        "kB": "kB KB кБ КБ Кбайт ko Ko",
        "MB": "MB МБ Мбайт Mo",
        "GB": "GB ГБ Гбайт Go",
        "TB": "TB ТБ Тбайт To",
        "KiB": "KiB Kio КиБ",
        "MiB": "MiB Mio МиБ",
        "GiB": "GiB Gio ГиБ",
        "TiB": "TiB Tio ТиБ",
        "Kb": "Kb kb Kbit kbit",
        "Mb": "Mb Mbit",
        "Gb": "Gb Gbit",
        "kB/s": "kB/s KB/s",
        "MB/s": "MB/s МБ/с Mo/s",
        "GB/s": "GB/s ГБ/с Go/s",
        "Hz": "Hz Гц",
        "kHz": "kHz KHz кГц",
        "MHz": "MHz МГц",
        "GHz": "GHz ГГц",
        "ns": "ns нс",
        "µs": "µs μs us мкс",
        "ms": "ms мс",
        "s": "s с",
        "min": "min",
        "h": "h",
        "mW": "mW мВт",
        "W": "W Вт",
        "kW": "kW кВт",
        "mV": "mV мВ",
        "V": "V В",
        "mA": "mA мА",
        "mAh": "mAh",
        "Wh": "Wh",
        "kWh": "kWh",
        "J": "J Дж",
        "mJ": "mJ мДж",
        "nm": "nm нм",
        "mm": "mm мм",
        "cm": "cm см",
        "m": "m м",
        "km": "km км",
        "mg": "mg мг",
        "g": "g г",
        "kg": "kg кг",
        "°C": "°C",
        "px": "px",
        "dB": "dB дБ",
    }.items()
    for unit in units.split()
}
"""Symbols of units, with what each means; words of a language are none of them."""

PERCENT = re.compile(
    r"%|٪|％|pro[cs]|perc|p[eo]r ?ci?en|pour ?cent|prozent|odst|prots|проц|відс|posto|посто|százal|τοις"
    r"|yüzde|bách|phần trăm|パーセント|百分|퍼센트|في المائة|بالمئة|प्रतिशत|ร้อยละ|เปอร์เซ็นต์|אחוז|درصد|persen",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Numeral:
    """A number as it is written.

    Args:
        text: its digits and separators, digits as ASCII.
        start: where it begins.
        unit: the symbol of a unit behind it, as :data:`UNITS` calls it; None if it has none.
        negative: whether a minus sign stands before it.
        factor: power of ten that a word right behind it stands for, as in Chinese.
    """

    text: str
    start: int
    unit: str | None = None
    negative: bool = False
    factor: int = 0

    def values(self, *, english: bool) -> list[str]:
        """What it may mean, as digits with a decimal point, the likeliest first.

        Args:
            english: whether a comma before three digits can only group them, and a point cannot.
        """
        return [*_meanings(self.text, self.factor, english)]

    @property
    def pieces(self) -> list[str]:
        """The numbers that it is if blanks and commas in it separate several."""
        return [_canonical(group) for group in _SEPARATOR.split(self.text)]


@lru_cache(maxsize=16384)
def _meanings(text: str, factor: int, english: bool) -> tuple[str, ...]:
    """What a number may mean; see :meth:`Numeral.values`."""
    groups = _SEPARATOR.split(text)
    marks = _SEPARATOR.findall(text)
    if not marks:
        plain = _canonical(groups[0])
        return (plain,) if not factor else (_canonical(groups[0] + "0" * factor), plain)
    found = []
    grouped = len(set(marks)) == 1 and 1 <= len(groups[0]) <= 3 and len(groups[-1]) == 3
    grouped = grouped and all(len(group) in (2, 3) for group in groups[1:-1])
    if grouped and not (english and marks[0] in ".·٫"):
        found.append(_canonical("".join(groups)))
    leading = set(marks[:-1])
    decimal = marks[-1] in ".,٫·" and marks[-1] not in leading and len(leading) <= 1
    decimal = decimal and all(len(group) == 3 for group in groups[1:-1])
    if decimal and not (english and grouped and marks[-1] == ","):
        whole = "".join(groups[:-1])
        found.append(_canonical(whole, groups[-1]))
        if factor and len(groups[-1]) <= factor:
            found.insert(0, _canonical(whole + groups[-1] + "0" * (factor - len(groups[-1]))))
    return tuple(found) or (".".join(groups),)


def _canonical(whole: str, decimals: str = "") -> str:
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def numerals(prose: str) -> list[Numeral]:
    """The numbers of a text in digits of any script; not those in names, such as Q4_0."""
    return [*_numerals(prose)]


@lru_cache(maxsize=4096)
def _numerals(prose: str) -> tuple[Numeral, ...]:
    text = _ascii_digits(prose)
    return tuple(_numeral(match, text) for match in _NUMBER.finditer(text))


def _numeral(match: re.Match[str], text: str) -> Numeral:
    unit = _UNIT.match(text, match.end())
    symbol = UNITS.get(unit[1]) if unit else None
    if unit and symbol and len(unit[1]) == 1 and unit[1].isalpha() and unit[0] == unit[1]:
        symbol = None  # 1990s, 4B and the like
    before = text[match.start() - 1 : match.start()]
    earlier = text[max(0, match.start() - 2) : match.start() - 1]
    alone = not earlier or earlier in " \n\t([{|\u00a0=<>≤≥×:,/\"„“«'"
    negative = bool(before and _SIGN.match(before)) and alone
    factor = _TENS_OF_THOUSANDS.get(text[match.end() : match.end() + 1], 0)
    return Numeral(match[0], match.start(), symbol, negative, factor)


def _ascii_digits(text: str) -> str:
    if text.isascii() or not _OTHER_DIGIT.search(text):
        return text
    return _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)


def ranges(prose: str) -> set[tuple[str, str]]:
    """Pairs of whole numbers with a dash between them."""
    if not any(dash in prose for dash in "–—-"):
        return set()
    found = _RANGE.findall(_ascii_digits(prose))
    return {(_canonical(low), _canonical(high)) for low, high in found}


def in_dates(prose: str) -> Counter[str]:
    """Months and days of dates such as 2026-11-21, which a translation may write in words."""
    return Counter(_canonical(part) for match in _DATE.finditer(prose) for part in match.groups())


def spelled(text: str, language: str) -> set[str]:
    """The numbers that a text has in words, as far as the words of the language are known.

    Args:
        text: any text.
        language: first part of a language tag.
    """
    words = _words(language)
    if not words:
        return set()
    folded = unicodedata.normalize("NFC", text).casefold()
    tokens = set(_WORD.findall(folded))
    return {value for value, stems in words.items() if any(_occurs(stem, folded, tokens) for stem in stems)}


def _occurs(stem: str, folded: str, tokens: set[str]) -> bool:
    if stem in tokens:
        return True
    if ord(stem[0]) > _UNSPACED:
        return stem in folded
    return len(stem) >= _STEM and any(token.startswith(stem) for token in tokens)


def knows(language: str) -> bool:
    """Whether the words for numbers of a language are known."""
    return bool(_words(language))


@cache
def _words(language: str) -> dict[str, tuple[str, ...]]:
    table = _table().get(language, {})
    return {value: tuple(stem.casefold() for stem in stems.split()) for value, stems in table.items()}


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("numerals.toml").read_text(encoding="utf-8"))
