"""Leaks: placeholders, prompts, remarks of a model and other things from the making of a translation."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.translation.checks.base import Check, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edgedocs.translation.pairs import PagePair, SegmentPair

_PHRASES = Path(__file__).parent.parent / "leaks.toml"
_KINDS = {
    "placeholders": ("a placeholder", "put back what it stands for"),
    "chat_marks": ("a mark of a chat template", "delete it"),
    "refusals": ("a refusal in place of a translation", "translate the text"),
    "preambles": ("words of a model before its translation", "delete them"),
    "prompts": ("words of a prompt, or of a model about its work", "delete them"),
    "disclaimers": ("a note on machine translation in the middle of the page", "delete it, or move it to the end"),
}
_SENTENCE = re.compile(r"[^.!?:;。！？：；\n]{12,400}[.!?:;。！？：；]*")
_TIMES = 3
"""So often a sentence stands in a text of which a model lost the end; three times a word of it in a row, likewise."""

_REPEATED = 3
"""Words that stand in a text more than once, each time after the first; without them there is no repetition of three
words and more, even where no blank divides the sentences."""

_WORD = re.compile(r"\S+")


class Leaks(Check):
    """Nothing stands in the translation that belongs to the making of it: placeholders, marks of chat templates,
    prompts, preambles, refusals, remarks, disclaimers in the middle, sentences that a model repeats without end.

    What the source says itself, about prompts for example, is no leak.
    """

    name = "leaks"
    severity = "error"

    def segments(self, pair: PagePair) -> Iterator[Finding]:
        """See :class:`.base.Check`; a kind of which the page has no cue is not looked for."""
        texts = [_folded(one.target.text) for one in pair.segments]
        there = _with_cues(texts)
        for place, (one, folded) in enumerate(zip(pair.segments, texts, strict=True)):
            if place not in there and not _may_repeat(one.source.text, one.target.text):
                continue
            for message, remedy, line in _found(one.source.text, one.target.text, folded, there.get(place, {})):
                yield self.in_segment(one, message, remedy, line=line)

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """What the segment has more than its source."""
        for message, remedy, line in _found(pair.source.text, pair.target.text):
            yield self.in_segment(pair, message, remedy, line=line)

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """What segments without a source have that the whole source page lacks."""
        source = pair.source.text if pair.source and pair.additions else ""
        for segment in pair.additions if pair.source else ():
            for message, remedy, line in _found(source, segment.text):
                yield self.in_page(pair, message, remedy, line=segment.line + line)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _with_cues(texts: Sequence[str]) -> dict[int, dict[str, list[str]]]:
    """For the places of those of some texts that have a cue: the kinds, with their cues in any of the texts."""
    page = "\n".join(texts)
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    found: dict[int, dict[str, list[str]]] = {}
    for kind, cues in _cues().items():
        there = [cue for cue in cues if cue in page]
        for cue in there:
            start = page.find(cue)
            while start >= 0:
                place = bisect_right(starts, start) - 1
                found.setdefault(place, {})[kind] = there
                start = page.find(cue, starts[place + 1])
    return found


def _found(
    source: str, target: str, folded: str | None = None, looked_for: Mapping[str, Sequence[str]] | None = None
) -> Iterator[tuple[str, str, int]]:
    """What a text has more than its source.

    Args:
        source: the source.
        target: the text.
        folded: the text folded, if that is done already.
        looked_for: for each kind the cues that the text may have; all if None.
    """
    if source == target:
        return
    known = _cues() if looked_for is None else looked_for
    folded = _folded(target) if folded is None else folded
    for kind, cues in known.items():
        if not any(cue in folded for cue in cues):
            continue
        pattern = _pattern(kind)
        found = [*pattern.finditer(target)]
        if found and len(found) > len(pattern.findall(source)):
            what, remedy = _KINDS[kind]
            words = " ".join(found[0][0].split())[:80]
            yield f"{what}: “{words}”", remedy, target.count("\n", 0, found[0].start())
    yield from _repetitions(source, target, folded)


def _may_repeat(source: str, target: str) -> bool:
    """Whether a text is long enough to have what its source has, and more."""
    return len(target) > 60 and len(target) > len(source)


def _repetitions(source: str, target: str, folded: str) -> Iterator[tuple[str, str, int]]:
    if not _may_repeat(source, target):
        return
    words = folded.split()
    if len(words) - len(set(words)) < _REPEATED:
        return
    counted = _sentences(target)
    known = _sentences(source) if max(counted.values(), default=0) >= _TIMES else counted
    most = max(known.values(), default=0)
    for sentence, times in counted.most_common():
        if times < _TIMES or times <= most + 1:
            break
        if len(sentence.split()) > 2:
            yield f"the same sentence {times} times: “{sentence[:60]}”", "write it once", 0
            return
    if (run := _run(target)) and not _run(source):
        yield f"the same words again and again: “{run[:60]}”", "write them once", 0


def _sentences(text: str) -> Counter[str]:
    return Counter(" ".join(match[0].split()).casefold() for match in _SENTENCE.finditer(text))


def _run(text: str) -> str:
    """Words that follow themselves four times and more: what a model writes that cannot stop."""
    words = _WORD.findall(text)
    if len(words) - len(set(words)) < 4:
        return ""
    for length in (1, 2, 3, 4):
        same = 0
        for place in range(length, len(words)):
            same = same + 1 if words[place] == words[place - length] else 0
            if same >= 4 * length and any(any(c.isalpha() for c in word) for word in words[place - length : place]):
                return " ".join(words[place - length + 1 : place + 1])
    return ""


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(_PHRASES.read_text(encoding="utf-8"))


@cache
def _cues() -> dict[str, list[str]]:
    """For each kind the words without which nothing is found."""
    return {kind: _document()["cues"][kind] for kind in _KINDS}


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    case = re.NOFLAG if kind == "placeholders" else re.IGNORECASE
    return re.compile("|".join(f"(?:{pattern})" for pattern in _document()[kind]), case | re.MULTILINE)


CHECK = Leaks()
