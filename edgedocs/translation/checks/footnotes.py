"""Footnotes: references to them, and their labels."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from edgedocs.translation.checks.base import Check, Finding
from edgedocs.translation.inline_parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import SegmentPair


class Footnotes(Check):
    """A segment has the footnote labels of its source; their order is free."""

    name = "footnotes"
    severity = "error"
    compares = True

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """Labels that are missing or new."""
        if "[^" not in pair.source.text and "[^" not in pair.target.text:
            return
        old, new = Counter(parts(pair.source.text).footnotes), Counter(parts(pair.target.text).footnotes)
        if lost := old - new:
            message = f"references to footnotes are missing: {_listed(lost)}"
            yield self.in_segment(pair, message, "repeat the labels of the source; they are not translated")
        if added := new - old:
            message = f"footnotes that the source does not refer to here: {_listed(added)}"
            yield self.in_segment(pair, message, "use the labels of the source; they are not translated")


def _listed(labels: Counter[str]) -> str:
    return ", ".join(f"[^{label}]" for label in sorted(labels))


CHECK = Footnotes()
