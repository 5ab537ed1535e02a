"""Numbers: the numbers of the text, their signs, their units and the order of ranges."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from edgedocs.translation.checks.base import Check, Finding, Severity
from edgedocs.translation.inline_parts import parts
from edgedocs.translation.numerals import PERCENT, Numeral, in_dates, knows, numerals, ranges, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import SegmentPair

_ITEM = re.compile(r"[ \t>]*\d{1,9}[.)][ \t]")
_MONTH = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b",
    re.IGNORECASE,
)
_AFTERNOON = re.compile(r"\d\s?p\.?m\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"(\d)\s?([kKM])\b")
_DIGIT = re.compile(r"\d")
_SMALL = 12
_NEAR = 6
"""Characters before a number in which a language may have its percent sign."""

_BETWEEN = " -\u00a0\u202f\u2009"
_RANGE_END = re.compile(r"[^\w%]{0,3}(?:\w{1,6}[^\w%]{1,3})?\d[\d.,]*")
_FIGURES = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{4}")
_LISTED = 6
_REMEDY = "write the numbers of the source, in the way of the language"


class Numbers(Check):
    """A segment has the numbers of its source, as a multiset, with their signs, units and ranges.

    How a language writes them is free: decimal comma or point, any grouping of thousands, any digits, blanks before
    signs and units, small numbers in words, dates in another order.
    """

    name = "numbers"
    severity = "error"
    compares = True

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """Numbers that are missing, new or changed."""
        if not _DIGIT.search(pair.source.text) and not _DIGIT.search(pair.target.text):
            return
        source, target = _prose(pair.source.text, pair.source.kind), _prose(pair.target.text, pair.source.kind)
        old, new = numerals(source), numerals(target)
        if not old and not new:
            return
        lost, added = _compare(old, new)
        language = pair.context.language.tag.partition("-")[0].lower()
        if lost or added:
            lost = _not_excused(
                lost, spelled(target, language) if lost else set(), in_dates(source) + _hours(source, old)
            )
            added = _not_excused(added, spelled(source, "en") if added else set(), _allowed(source, old, added))
        if lost and added:
            message = f"numbers differ: {_listed(lost)} in the source, {_listed(added)} here"
            yield self.in_segment(pair, message, _REMEDY)
        elif lost:
            unsure = not knows(language) and all(value.isdecimal() and _is_small(value) for value in lost)
            severity: Severity = "info" if unsure else "warning"
            yield self.in_segment(pair, f"numbers are missing: {_listed(lost)}", _REMEDY, severity=severity)
        elif added:
            known = {value for numeral in old for value in numeral.values(english=True)}
            severity = "info" if added.keys() <= known else "warning"
            yield self.in_segment(pair, f"numbers that the source lacks: {_listed(added)}", _REMEDY, severity=severity)
        yield from self._signs_and_units(pair, old, new, target)
        backwards = {(low, high) for low, high in ranges(source) - ranges(target) if _is_less(low, high)}
        for low, high in sorted(backwards & {(low, high) for high, low in ranges(target) - ranges(source)}):
            yield self.in_segment(pair, f"the range {low}–{high} runs backwards", _REMEDY)

    def _signs_and_units(
        self, pair: SegmentPair, old: list[Numeral], new: list[Numeral], target: str
    ) -> Iterator[Finding]:
        here: defaultdict[str, list[Numeral]] = defaultdict(list)
        for numeral in new:
            for value in numeral.values(english=False):
                here[value].append(numeral)
        there: defaultdict[str, set[str | None]] = defaultdict(set)
        for numeral in old:
            there[numeral.values(english=True)[0]].add(numeral.unit)
        told = set()
        for numeral in old:
            value = numeral.values(english=True)[0]
            found = here.get(value)
            if not found:
                continue
            if numeral.negative and not any(one.negative for one in found) and ("sign", value) not in told:
                told.add(("sign", value))
                yield self.in_segment(pair, f"the minus sign of {value} is missing", _REMEDY)
            units = {one.unit for one in found}
            if numeral.unit is None or numeral.unit in units or (numeral.unit, value) in told:
                continue
            told.add((numeral.unit, value))
            others = sorted(unit for unit in units - there[value] if unit)
            if others:
                message = f"{value} {numeral.unit} in the source, {value} {others[0]} here"
                yield self.in_segment(pair, message, "keep the unit, or convert the number with it")
            elif numeral.unit == "%" and not all(_is_percentage(one, target) for one in found):
                yield self.in_segment(pair, f"{value} is a percentage in the source", _REMEDY)


def _is_percentage(numeral: Numeral, text: str) -> bool:
    """Whether a percent sign, or the word for it, stands behind the number, before it, or behind the end of a range."""
    place = numeral.start
    before, after = text[max(0, place - _NEAR) : place], text[place + len(numeral.text) :][: 4 * _NEAR]
    if PERCENT.match(after.lstrip(_BETWEEN)) or PERCENT.search(before):
        return True
    further = _RANGE_END.match(after)
    return bool(further and PERCENT.match(after[further.end() :].lstrip(_BETWEEN)))


def _prose(text: str, kind: str) -> str:
    prose = parts(text).prose
    if kind == "list-item" and (match := _ITEM.match(prose)):
        return " " * match.end() + prose[match.end() :]
    return prose


def _compare(old: list[Numeral], new: list[Numeral]) -> tuple[Counter[str], Counter[str]]:
    """What only the source has, and what only the translation has."""
    left = Counter(numeral.values(english=True)[0] for numeral in old)
    added: Counter[str] = Counter()
    unmatched = []
    for numeral in new:
        value = next((value for value in numeral.values(english=False) if left[value] > 0), None)
        if value is None:
            unmatched.append(numeral)
        else:
            left[value] -= 1
    left = +left
    for numeral in unmatched:
        pieces = Counter(numeral.pieces)
        if len(numeral.pieces) > 1 and pieces <= left:
            left -= pieces
        elif _FIGURES.fullmatch(numeral.text):
            added += pieces - left
            left -= pieces
        else:
            added[numeral.values(english=False)[0]] += 1
    if left and added:
        _split_source(old, left, added)
    return +left, +added


def _split_source(old: list[Numeral], left: Counter[str], added: Counter[str]) -> None:
    """Where the source has “1,2” or “4 096” for two numbers, or a comma of its own language."""
    for numeral in old:
        value = numeral.values(english=True)[0]
        if left[value] <= 0:
            continue
        for other in numeral.values(english=False)[1:]:
            if added[other] > 0:
                left[value] -= 1
                added[other] -= 1
                break
        else:
            pieces = Counter(numeral.pieces)
            if len(numeral.pieces) > 1 and pieces <= added:
                left[value] -= 1
                added.subtract(pieces)


def _not_excused(found: Counter[str], words: set[str], allowed: Counter[str]) -> Counter[str]:
    rest = Counter({value: count for value, count in found.items() if value not in words})
    return rest - allowed


def _allowed(source: str, old: list[Numeral], added: Counter[str]) -> Counter[str]:
    """What a translation may write in digits: months, the hours after noon, thousands and millions."""
    allowed: Counter[str] = Counter()
    if _MONTH.search(source):
        allowed.update(value for value in added if value.isdecimal() and _is_small(value))
    if _AFTERNOON.search(source):
        allowed.update(str(int(hour) + 12) for hour in _hours(source, old))
    for digit, letter in _THOUSANDS.findall(source):
        zeros = 3 if letter in "kK" else 6
        allowed.update(value for value in added if value.endswith("0" * zeros) and digit in value)
    return allowed


def _hours(source: str, old: list[Numeral]) -> Counter[str]:
    """Hours of the afternoon, which most languages count on from twelve."""
    if not _AFTERNOON.search(source):
        return Counter()
    values = (numeral.values(english=True)[0] for numeral in old)
    return Counter(value for value in values if value.isdecimal() and _is_small(value))


def _is_small(value: str) -> bool:
    return len(value) <= 2 and int(value) <= _SMALL


def _is_less(low: str, high: str) -> bool:
    return (len(low), low) < (len(high), high)


def _listed(found: Counter[str]) -> str:
    names = sorted((value if len(value) <= 40 else f"{value[:37]}…") for value in found)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


CHECK = Numbers()
