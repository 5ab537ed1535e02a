"""Code: fences, inline code, formulas and names are the source's, character by character."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from edgedocs.translation.checks.base import Check, Finding, Severity
from edgedocs.translation.inline_parts import parts
from edgedocs.translation.segments import Fixed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from edgedocs.translation.pairs import PagePair, SegmentPair

_NAME = re.compile(r"(?<![\w/.-])[A-Za-z][A-Za-z_]{0,40}+\d[A-Za-z0-9_]*+")
_DIGIT = re.compile(r"\d(?<=[A-Za-z_]\d)")
_COMMENT = re.compile(r"(?:^|(?<=[ \t;{}()]))(?:\#|//|--|%|;|REM\b|<!--|/\*|\*)[^\n]*", re.MULTILINE)
_LISTED = 6
_REMEDY = "copy it from the source"


class Code(Check):
    """Fences, indented code, includes and front matter that readers do not see are repeated as they are.

    Comments in code count as code: a fence is compared line by line, and a translated comment is a warning only.
    Inline code and formulas are compared as multisets, names with digits (Q4_0, INT8) as sets.
    """

    name = "code"
    severity = "error"
    compares = True

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """Pieces that must be repeated and are not."""
        for d in pair.differences:
            pieces = [piece for piece in (d.source, d.target) if piece is not None]
            if d.check != "fixed" or all(piece.kind == "reference" for piece in pieces) or _is_tail(pair, d.target):
                continue
            if isinstance(d.source, Fixed) and isinstance(d.target, Fixed) and _bare(d.source) == _bare(d.target):
                continue
            severity: Severity = "error"
            message = d.message
            if isinstance(d.source, Fixed) and isinstance(d.target, Fixed) and _same_but_comments(d.source, d.target):
                severity, message = "warning", f"a comment in code is not the source's: {message}"
            yield self.in_page(pair, message, _REMEDY, line=d.line, source_line=d.source_line, severity=severity)

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """Inline code, formulas and names that differ."""
        yield from self._inline(pair)
        yield from self._names(pair)

    def _inline(self, pair: SegmentPair) -> Iterator[Finding]:
        both = pair.source.text + pair.target.text
        if "`" not in both and "$" not in both and "\\(" not in both:
            return
        old, new = parts(pair.source.text), parts(pair.target.text)
        for what, theirs, ours in (("inline code", old.code, new.code), ("formulas", old.formulas, new.formulas)):
            if theirs == ours:
                continue
            lost, added = Counter(theirs) - Counter(ours), Counter(ours) - Counter(theirs)
            if lost or added:
                message = f"{what} differs: missing {_listed(lost)}, not in the source {_listed(added)}"
                yield self.in_segment(pair, message, "repeat the code of the source, as often as it stands there")

    def _names(self, pair: SegmentPair) -> Iterator[Finding]:
        old, new = _names(pair.source.text), _names(pair.target.text)
        if old == new:
            return
        everything = pair.target.text
        lost = {name for name in old - new if name not in everything}
        source = pair.source.text
        added = {name for name in new - old if not any(name.startswith(known) for known in old) and name not in source}
        if lost and added:
            message = f"names differ: {_listed(lost)} in the source, {_listed(added)} here"
            yield self.in_segment(pair, message, "repeat the names of the source")
        elif added:
            message = f"names that the source lacks: {_listed(added)}"
            yield self.in_segment(pair, message, "use the names of the source", severity="warning")
        elif lost:
            message = f"names are missing: {_listed(lost)}"
            yield self.in_segment(pair, message, "repeat the names of the source", severity="warning")


@lru_cache(maxsize=4096)
def _names(text: str) -> frozenset[str]:
    """Words that hold a digit behind a letter: names of types, models, processors."""
    return frozenset(_NAME.findall(parts(text).prose)) if _DIGIT.search(text) else frozenset()


def _bare(piece: Fixed) -> list[str]:
    """The lines without blanks at their ends, which nobody sees."""
    return [line.rstrip() for line in piece.text.split("\n")]


def _same_but_comments(source: Fixed, target: Fixed) -> bool:
    if source.kind not in ("fence", "code") or source.text.count("\n") != target.text.count("\n"):
        return False
    first = source.text.partition("\n")[0] == target.text.partition("\n")[0]
    return first and _COMMENT.sub("", source.text) == _COMMENT.sub("", target.text)


def _is_tail(pair: PagePair, piece: object) -> bool:
    """Whether a rule is the last piece of the page, which the check of truncation is about."""
    items = pair.outline.items if pair.outline else ()
    return bool(items) and isinstance(piece, Fixed) and piece.kind == "rule" and items[-1] is piece


def _listed(found: Counter[str] | AbstractSet[str]) -> str:
    names = sorted(found)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(f"`{name[:60]}`" for name in names[:_LISTED]) + more or "none"


CHECK = Code()
