"""Difference: what an example printed beside what the page shows, for people to read."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import TYPE_CHECKING

from edgedocs.examples.comparison import broken_bounds, broken_numbers, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.examples.comparison import Comparison

_LONGEST = 200
_MOST_NAMED = 20
_CONTEXT = 3
_LINE_BY_LINE = frozenset({"approx", "bound"})
_END = re.compile(r"[ \t\r]+$")
_BLANKS = str.maketrans({" ": "·", "\t": "→", "\r": "␍"})


def describe(comparison: Comparison, expected: str, actual: str, source: str) -> str:
    """Where two outputs differ that ``comparison`` does not admit.

    A unified difference with the number of each line in front; blanks at the end of a line that differs are made
    visible (``·`` is a blank, ``→`` a tab). Numbers within the tolerance do not count as different. Under it stand the
    numbers that do, or the bounds that do not hold.

    Args:
        comparison: how they were compared.
        expected: what is recorded or stands on the page.
        actual: what this run printed.
        source: what messages call the place of ``expected``.
    """
    old, new = plain(expected).split("\n"), plain(actual).split("\n")
    named = list(_named(comparison, old, new))
    differing = _unpaired if comparison.name == "anyorder" else _numbered
    lines = [f"--- {source}", "+++ this run", *differing(old, _as_recorded(comparison, old, new))]
    if len(lines) > _LONGEST:
        lines = [*lines[:_LONGEST], f"… {len(lines) - _LONGEST} more lines"]
    if len(named) > _MOST_NAMED:
        named = [*named[:_MOST_NAMED], f"… {len(named) - _MOST_NAMED} more"]
    return "\n".join([*lines, *named])


def _pairs(old: list[str], new: list[str]) -> Iterator[tuple[int, int]]:
    """The lines that stand for one another in two texts, by place from 0, where they differ."""
    if len(old) == len(new):
        yield from ((place, place) for place in range(len(old)) if old[place] != new[place])
        return
    for tag, start, end, other_start, other_end in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if tag == "replace":
            yield from zip(range(start, end), range(other_start, other_end), strict=False)


def _as_recorded(comparison: Comparison, old: list[str], new: list[str]) -> list[str]:
    """The new lines, with the recorded ones in place of those that the comparison admits."""
    shown = list(new)
    if comparison.name in _LINE_BY_LINE:
        for place, other in _pairs(old, new):
            if comparison.admits(old[place], new[other]):
                shown[other] = old[place]
    return shown


def _named(comparison: Comparison, old: list[str], new: list[str]) -> Iterator[str]:
    """The numbers of each line that differ beyond the tolerance, or break a bound."""
    if comparison.name not in _LINE_BY_LINE:
        return
    for place, other in _pairs(old, new):
        if comparison.name == "bound":
            found = broken_bounds(old[place], new[other])
            yield from (f"line {place + 1}: {number} is not {bound}" for number, bound in found)
        else:
            for expected, actual in broken_numbers(comparison, old[place], new[other]):
                apart = _apart(expected, actual)
                yield f"line {place + 1}: {actual:g} instead of {expected:g}{apart}, tolerance {comparison.relative:g}"


def _apart(expected: float, actual: float) -> str:
    larger = max(abs(expected), abs(actual))
    return f", apart by {abs(expected - actual) / larger:.3g} of the larger" if larger else ""


def _numbered(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines of a unified difference, each with its number: of the recorded text, for added lines of the new one."""
    width = len(str(max(len(old), len(new))))
    groups = difflib.SequenceMatcher(None, old, new, False).get_grouped_opcodes(_CONTEXT)
    for index, group in enumerate(groups):
        if index:
            yield " " * width + " …"
        for tag, start, end, other_start, other_end in group:
            if tag == "equal":
                yield from (f"{place + 1:{width}}  {old[place]}" for place in range(start, end))
            else:
                yield from (f"{place + 1:{width}} -{_visible(old[place])}" for place in range(start, end))
                yield from (f"{place + 1:{width}} +{_visible(new[place])}" for place in range(other_start, other_end))


def _unpaired(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines of each text that the other lacks, wherever they stand, with their numbers."""
    for sign, lines, others in (("-", old, new), ("+", new, old)):
        left = Counter(others)
        for number, line in enumerate(lines, start=1):
            if left[line]:
                left[line] -= 1
            else:
                yield f"{number} {sign}{_visible(line)}"


def _visible(line: str) -> str:
    return _END.sub(lambda match: match[0].translate(_BLANKS), line)
