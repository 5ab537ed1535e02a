"""Emphasis: marks of bold and italic text that do not match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgedocs.translation.checks.base import Check, Finding
from edgedocs.translation.inline_parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import SegmentPair

_RUN = re.compile(r"\\.|\*+|(?<!\w)__?(?=\S)|(?<=\S)__?(?!\w)|~~+|==+", re.DOTALL)
_MARK = re.compile(r"[*_~=\\]")
_BOLD = re.compile(r"\*(?<![*\\]\*)\*(?![*\s])[^*_~=\\]*(?<!\s)\*\*(?!\*)")
"""Bold text as nearly all is, with nothing to say of its marks."""

_BULLET = re.compile(r"[ \t>]*\*[ \t]")
_UNDERLINE = re.compile(r"^[ \t]*=+[ \t]*$", re.MULTILINE)


class Emphasis(Check):
    """Marks of emphasis come in pairs, and text follows the first of a pair without a blank, as in the source.

    That emphasis is gone, or stands on other words, is a translator's choice.
    """

    name = "emphasis"
    severity = "warning"

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """Marks that are left over, or that no longer emphasize."""
        if pair.source.kind in ("tab", "html", "front-matter"):
            return
        text = pair.target.text
        if "*" not in text and "_" not in text and "~~" not in text and "==" not in text:
            return
        broken = _broken(text)
        source = _broken(pair.source.text) if broken else {}
        for mark in sorted(broken.keys() - source.keys()):
            remedy = "close what was opened, without blanks inside the marks"
            yield self.in_segment(pair, f"marks of emphasis {mark} do not match", remedy, line=broken[mark])


def _broken(text: str) -> dict[str, int]:
    """Marks that are unbalanced or do not touch a word, each with the line, from 0, where it is seen first."""
    prose = _UNDERLINE.sub("", parts(text).prose) if "==" in text else parts(text).prose
    if not _MARK.search(_BOLD.sub("", prose)):
        return {}
    bullet = _BULLET.match(prose)
    start = bullet.end() if bullet else 0
    open_marks: dict[str, int] = {}
    broken: dict[str, int] = {}
    for match in _RUN.finditer(prose, start):
        run = match[0]
        if run.startswith("\\"):
            continue
        before = prose[match.start() - 1 : match.start()].strip()
        after = prose[match.end() : match.end() + 1].strip()
        if not before and not after:
            if len(run) == 1 or run.startswith("="):
                continue
            broken.setdefault(run[:2], prose.count("\n", 0, match.start()))
        for mark in ("**", "*") if run == "***" else (run,):
            if len(mark) > 2:
                continue
            if mark in open_marks:
                if not before and after:
                    broken.setdefault(mark, prose.count("\n", 0, match.start()))
                del open_marks[mark]
            else:
                if not after and before and len(mark) == 2 and mark != "==":
                    broken.setdefault(mark, prose.count("\n", 0, match.start()))
                open_marks[mark] = match.start()
    for mark, place in open_marks.items():
        if mark != "==":
            broken.setdefault(mark, prose.count("\n", 0, place))
    return broken


CHECK = Emphasis()
