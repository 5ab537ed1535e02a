"""Truncation: pages and segments that end too early."""

from __future__ import annotations

import re
import statistics
from functools import lru_cache
from typing import TYPE_CHECKING

from edgedocs.translation.checks.base import Check, Finding
from edgedocs.translation.inline_parts import blanked, comments, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import PagePair, SegmentPair

_ENDS = re.compile(r"[.!?:;…。！？：；．｡।॥؟۔։።፧།။។៖\u2026][\"'’”»“)\]*_`~）」』】\s|]*$")
_SENTENCE = re.compile(r"[.!?…](?=[\"'’”»“)\]*_]{0,3}(?:\s|$))|[。！？．｡।॥؟۔։።།။។]")
_NO_SENTENCE = frozenset(["th", "lo", "km", "my"])
"""Languages that end a sentence without a mark."""

_RATIOS = {"zh": 0.4, "ja": 0.55, "ko": 0.6}
"""How long texts are for each character of English, where the writing is much denser."""

_LONGEST_END = 20
"""Characters; closing quotes and marks behind the end of a sentence."""

_FAR = 0.4
"""Of the usual length; less is a text of which most is missing."""

_LESS = 0.8
"""Of the length usual on the page; less together with a sentence fewer is a text of which a sentence is missing."""

_SHORT = 60
"""Characters; what is shorter in the source has no usual ratio."""

_ENOUGH = 8
"""Segments from which the ratio of a page is learnt."""

_INVISIBLE = re.compile(r"\[\^[^\]\s\[]+\]|\{:?[^{}\n]*\}|</?[A-Za-z][^<>]*>")
_KINDS = frozenset({"paragraph", "list-item", "quote", "definition", "footnote"})


class Truncation(Check):
    """A translation does not stop within a sentence or a word, and is not far shorter than its source.

    How long a translation should be is learnt: from the other segments of the page, and from the other pages of the
    language.
    """

    name = "truncation"
    severity = "error"

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """An end within a sentence, or far too few words."""
        if pair.source.kind not in _KINDS:
            return
        source, target = _words(pair.source.text), _words(pair.target.text)
        language = pair.context.language.tag.partition("-")[0].lower()
        line = pair.target.text.rstrip().count("\n")
        ends = language in _NO_SENTENCE or _ends(target) or not _ends(source)
        if target and not ends and len(source) >= _SHORT:
            message = f"the text stops within a sentence: “…{' '.join(target[-40:].split())}”"
            yield self.in_segment(pair, message, "translate it to its end", line=line)
            return
        expected = _ratio(pair) * len(source)
        if len(source) >= _SHORT and len(target) < _FAR * expected:
            message = f"{len(target)} characters for the {len(source)} of the source"
            yield self.in_segment(pair, message, "translate all of the text")

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """An empty page, headings missing at its end, a rule with nothing after it, far too few characters."""
        if pair.source is None or pair.outline is None or pair.translation is None:
            return
        source, target = pair.source.outline.items, pair.outline.items
        last = target[-1].line if target else 1
        if source and not target:
            yield self.in_page(pair, "the page is empty", "translate it again", line=1)
            return
        if not source:
            return
        tail = target[-1]
        if tail.kind == "rule" and source[-1].kind != "rule":
            yield self.in_page(
                pair, "the page ends with a rule and nothing after it", "delete the rule", line=tail.line
            )
        yield from self._sections(pair, last)
        yield from self._length(pair, last)
        yield from self._sentences(pair)

    def _sections(self, pair: PagePair, last: int) -> Iterator[Finding]:
        """Headings of the source behind the last one that the translation has."""
        if pair.source is None or pair.outline is None:
            return
        missing = {d.source_line for d in pair.differences if d.line is None}
        headings = [s for s in pair.source.outline.segments if s.kind == "heading"]
        lost = []
        for heading in reversed(headings):
            if heading.line not in missing:
                break
            lost.append(heading)
        if lost:
            message = f"{len(lost)} headings are missing at the end, from “{lost[-1].words}” on"
            remedy = "translate the rest of the page"
            yield self.in_page(pair, message, remedy, line=last, source_line=lost[-1].line)

    def _length(self, pair: PagePair, last: int) -> Iterator[Finding]:
        if pair.source is None or pair.outline is None:
            return
        source = sum(len(item.text) for item in pair.source.outline.items)
        target = sum(len(item.text) for item in pair.outline.items)
        ratio = pair.context.ratio or _RATIOS.get(pair.context.language.tag.partition("-")[0].lower(), 1.0)
        if source >= 5 * _SHORT and target < _FAR * ratio * source:
            message = f"{target} characters for the {source} of the source"
            yield self.in_page(pair, message, "translate the rest of the page", line=last)

    def _sentences(self, pair: PagePair) -> Iterator[Finding]:
        """Segments with a sentence fewer that are short beside the others of the page."""
        found = [
            (one, len(_words(one.target.text)) / len(_words(one.source.text)))
            for one in pair.segments
            if one.source.kind in _KINDS and len(_words(one.source.text)) >= _SHORT
        ]
        if len(found) < _ENOUGH:
            return
        usual = statistics.median(ratio for _, ratio in found)
        for one, ratio in found:
            if ratio < _LESS * usual and ratio >= _FAR * _ratio(one):
                old, new = _sentence_count(one.source.text), _sentence_count(one.target.text)
                if old > new >= 1:
                    message = f"{old} sentences in the source, {new} here, and the text is short"
                    yield self.in_segment(one, message, "translate every sentence", severity="warning")


def _ends(text: str) -> bool:
    return _ENDS.search(text[-_LONGEST_END:]) is not None


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    """The text without footnote references, attributes and comments at its end."""
    found = parts(text)
    return (found.text if not found.attributes and not found.footnotes and "<" not in text else _visible(text)).strip()


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", blanked(text, comments(text)))


def _ratio(pair: SegmentPair) -> float:
    language = pair.context.language.tag.partition("-")[0].lower()
    return _RATIOS.get(language, 1.0)


def _sentence_count(text: str) -> int:
    return len(_SENTENCE.findall(parts(text).prose))


CHECK = Truncation()
