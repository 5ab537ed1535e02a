"""Inline syntax that matters beyond a block: code spans and comments."""

from __future__ import annotations

import bisect
import re

_BACKTICKS = re.compile(r"(?<!\\)`+|(?<=\\\\)`+")


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where the code spans of ``text`` are: from the first backtick of each to after its last.

    A run of backticks opens a span that the next run of the same length closes; a run that nothing closes is text.
    """
    runs = [match.span() for match in _BACKTICKS.finditer(text)]
    if len({end - start for start, end in runs}) == 1:  # nearly always: each run closes the one before
        return [(start, end) for (start, _), (_, end) in zip(runs[::2], runs[1::2], strict=False)]
    starts: dict[int, list[int]] = {}
    for index, (start, end) in enumerate(runs):
        starts.setdefault(end - start, []).append(index)
    spans = []
    index = 0
    while index < len(runs):
        start, end = runs[index]
        same = starts[end - start]
        following = bisect.bisect_right(same, index)
        if following < len(same):
            index = same[following]
            spans.append((start, runs[index][1]))
        index += 1
    return spans


def without_code_spans(text: str) -> str:
    """The text with each code span replaced by as many blanks (line ends are kept), so that positions stay."""
    pieces = []
    place = 0
    for start, end in code_spans(text):
        pieces.append(text[place:start])
        pieces.append(re.sub(r"[^\r\n]", " ", text[start:end]))
        place = end
    return "".join([*pieces, text[place:]])


def opens_comment(line: str) -> bool:
    """Whether a comment (``<!--``) begins in this line, outside a code span, and does not end in it."""
    if "<!--" not in line:
        return False
    plain = without_code_spans(line)
    opened = plain.rfind("<!--")
    return opened >= 0 and plain.find("-->", opened + 4) < 0
