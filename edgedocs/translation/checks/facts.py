"""Facts: numbers that come from the library, written as ``[[page.example.fact]]``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from edgedocs.translation.checks.base import Check, Finding
from edgedocs.translation.inline_parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import SegmentPair


class Facts(Check):
    """A segment refers to the facts of its source, as often, with the same format; their order is free."""

    name = "facts"
    severity = "error"
    compares = True

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """Facts that are missing or new."""
        if "[[" not in pair.source.text and "[[" not in pair.target.text:
            return
        old, new = Counter(parts(pair.source.text).facts), Counter(parts(pair.target.text).facts)
        if old == new:
            return
        if lost := old - new:
            message = f"facts are missing: {', '.join(sorted(lost))}"
            yield self.in_segment(pair, message, "repeat them as the source has them, in double brackets")
        if added := new - old:
            message = f"facts that the source lacks: {', '.join(sorted(added))}"
            yield self.in_segment(pair, message, "use the facts of the source, as often as it does")


CHECK = Facts()
