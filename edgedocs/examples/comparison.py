"""Comparison: whether what an example printed is what the page shows."""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from typing import Literal, get_args

ComparatorName = Literal["exact", "approx", "anyorder", "bound", "environment"]
COMPARATORS: tuple[ComparatorName, ...] = get_args(ComparatorName)
LARGEST_TOLERANCE = 0.05

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_BOUND = re.compile(rf"(?P<relation><=|>=|<|>)[ \t]*(?P<number>{_NUMBER.pattern})")
_RELATIONS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_SVG_NOISE = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_SVG_EXTENT = re.compile(r'viewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+(?P<width>[\d.]+)[ ,]+(?P<height>[\d.]+)"')


@dataclass(frozen=True, slots=True)
class Comparison:
    """How outputs are compared.

    Args:
        name: ``exact``: the same text. ``approx``: the same text, numbers agreeing to ``relative`` or ``absolute``.
            ``anyorder``: the same lines in any order. ``bound``: the recorded output holds ``<= 0.3`` and the like in
            place of numbers. ``environment``: the output depends on the machine and is not compared.
        relative: largest difference of two numbers as a share of the larger.
        absolute: largest difference of two numbers that are close to zero.
    """

    name: ComparatorName = "exact"
    relative: float = 0.0
    absolute: float = 0.0

    def admits(self, expected: str, actual: str) -> bool:
        """Whether ``actual`` is what ``expected`` shows; line ends and blank lines at the end do not count."""
        expected, actual = plain(expected), plain(actual)
        match self.name:
            case "environment":
                return True
            case "anyorder":
                return sorted(expected.split("\n")) == sorted(actual.split("\n"))
            case "bound":
                return _within_bounds(expected, actual)
            case "approx":
                return self._close(expected, actual, self.absolute)
            case _:
                return expected == actual

    def admits_file(self, name: str, expected: bytes, actual: bytes) -> bool:
        """Whether the file ``actual`` is what the recorded ``expected`` shows; other than text, to the byte.

        In a picture (SVG), comments and metadata do not count, and the tolerance is a share of the picture's size.
        """
        if self.name == "environment":
            return True
        try:
            old, new = expected.decode("utf-8"), actual.decode("utf-8")
        except UnicodeDecodeError:
            return expected == actual
        if not name.lower().endswith(".svg"):
            return self.admits(old, new)
        old, new = (_SVG_NOISE.sub("", plain(text)) for text in (old, new))
        if self.name != "approx":
            return old == new
        extent = _SVG_EXTENT.search(old)
        size = max(float(extent["width"]), float(extent["height"])) if extent else 0.0
        return self._close(old, new, max(self.absolute, self.relative * size))

    def _close(self, expected: str, actual: str, absolute: float) -> bool:
        texts, numbers = _split(expected)
        other_texts, other_numbers = _split(actual)
        return texts == other_texts and all(
            self.agree(number, other, absolute) for number, other in zip(numbers, other_numbers, strict=True)
        )

    def agree(self, number: float, other: float, absolute: float) -> bool:
        """Whether two numbers are the same within the relative tolerance, or differ by ``absolute`` at most."""
        return math.isclose(number, other, rel_tol=self.relative, abs_tol=absolute)

    def excess(self, expected: str) -> str | None:
        """What is wrong with the tolerances for this output: ``absolute`` may not undo what ``relative`` is held to."""
        largest = max((abs(number) for number in _split(expected)[1]), default=0.0)
        if self.name != "approx" or self.absolute <= LARGEST_TOLERANCE * largest:
            return None
        return f"atol={self.absolute:g} is more than {LARGEST_TOLERANCE:g} of {largest:g}, the largest number shown"


def plain(text: str) -> str:
    """The text with LF line ends and without line ends at its end."""
    return text.replace("\r\n", "\n").rstrip("\n")


def _split(text: str) -> tuple[list[str], list[float]]:
    """The text between the numbers, and the numbers; blanks beside a number align columns and do not count."""
    texts = [re.sub(r"^[ ]+|[ ]+$", " ", part) for part in _NUMBER.split(text)]
    return texts, [float(number) for number in _NUMBER.findall(text)]


def broken_numbers(comparison: Comparison, expected: str, actual: str) -> list[tuple[float, float]]:
    """The pairs of numbers, expected and actual, that differ beyond the tolerance; none if the text differs, too."""
    texts, numbers = _split(expected)
    other_texts, other_numbers = _split(actual)
    if texts != other_texts:
        return []
    pairs = zip(numbers, other_numbers, strict=True)
    return [pair for pair in pairs if not comparison.agree(*pair, comparison.absolute)]


def broken_bounds(expected: str, actual: str) -> list[tuple[str, str]]:
    """The numbers that break a bound, each with its bound; none if the text differs, too."""
    return [(number, bound) for number, bound, holds in _bounds(expected, actual) or () if not holds]


def _within_bounds(expected: str, actual: str) -> bool:
    found = _bounds(expected, actual)
    return found is not None and all(holds for _, _, holds in found)


def _bounds(expected: str, actual: str) -> list[tuple[str, str, bool]] | None:
    """Each number that stands for a bound, the bound, and whether it holds; None if the text differs."""
    pattern = []
    bounds = []
    place = 0
    for bound in _BOUND.finditer(expected):
        pattern += [re.escape(expected[place : bound.start()].rstrip(" ")), rf"[ ]*({_NUMBER.pattern})"]
        bounds.append((bound[0], _RELATIONS[bound["relation"]], float(bound["number"])))
        place = bound.end()
    match = re.fullmatch("".join([*pattern, re.escape(expected[place:])]), actual)
    if match is None:
        return None
    return [
        (number, bound, relation(float(number), limit))
        for number, (bound, relation, limit) in zip(match.groups(), bounds, strict=True)
    ]
