"""Footers: the sentence at the end of a page which says that Co-op Translator made it.

It is no translation of anything, so it is taken off before a page is compared. It has had many forms: between two
comments, or a bold label with the colon inside, outside or full-width, with a rule before it or not, in the words that
a model chose that day; and sometimes only the rule is left.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

START = "<!-- CO-OP TRANSLATOR DISCLAIMER START -->"
END = "<!-- CO-OP TRANSLATOR DISCLAIMER END -->"

_MARKER = "CO-OP TRANSLATOR DISCLAIMER"
_LINK = "co-op-translator"
_LONGEST = 6_000
"""Characters; the longest that were seen have a thousand."""

_SHORTEST_WORDS = 40
"""Characters after the label of a footer that has no link: less is a heading, or a person's remark."""

_LABEL = re.compile(
    r"[ \t>#]{0,12}"
    r"(?:[*_]{1,3}(?P<stars>[^*_\n]{1,80})[*_]{1,3}|<(?:strong|b)>(?P<tags>[^<>\n]{1,80})</(?:strong|b)>)"
    r"[ \t\u00a0]{0,4}[:：﹕։]?"
)
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,40}|(?:\*[ \t]*){3,40}|(?:_[ \t]*){3,40})")


def split(text: str, *, without_link: bool = False) -> tuple[str, str]:
    """A page and its footer, which together are the text; the footer is empty if there is none.

    Args:
        text: the page without header and records.
        without_link: also take for a footer what only begins with one of the known labels. For pages of which it is
            known that the tool made them, and whose source has no such paragraph.
    """
    start = _marked(text)
    if start is None:
        start = _worded(text, without_link)
    if start is None:
        return text, ""
    start = _with_rule(text, start)
    return text[:start], text[start:]


def mark(footer: str) -> str:
    """A footer as a page of ours keeps it: behind a rule, between the two comments."""
    words = footer.lstrip().removeprefix(rule_of(footer.lstrip()))
    words = re.sub(rf"<!--\s{{0,9}}{_MARKER} (?:START|END)\s{{0,9}}-->", "", words).strip()
    return f"\n---\n\n{START}\n{words}\n{END}\n"


def split_rule(text: str) -> tuple[str, str]:
    """A page and the rule with which it ends, if nothing follows: what is left of a footer that was cut away."""
    start = _with_rule(text, len(text))
    return text[:start], text[start:]


def rule_of(footer: str) -> str:
    """The rule with which a footer begins, with its line end; nothing if it begins with none."""
    line, newline, _ = footer.partition("\n")
    return line + newline if _RULE.fullmatch(line.rstrip("\r")) else ""


def _marked(text: str) -> int | None:
    """Where the last pair of comments begins, if nothing but it is left; the second may be torn off."""
    place = text.rfind(f"{_MARKER} START")
    if place < 0 or len(text) - place > _LONGEST:
        return None
    start = text.rfind("<!--", 0, place)
    if start < 0 or text[start + 4 : place].strip():
        return None
    end = text.find(f"{_MARKER} END", place)
    if end < 0:
        return start
    closing = text.find("-->", end)
    return start if closing < 0 or not text[closing + 3 :].strip() else None


def _worded(text: str, without_link: bool) -> int | None:
    """Where the last paragraph begins, or the label that stands before it as a paragraph of its own."""
    last = _last_paragraph(text, len(text))
    if last is None:
        return None
    words = text[last:]
    label = _LABEL.match(words)
    if _LINK in words.lower():
        if label or _ends_with_rule(text[:last]):
            return last
        before = _last_paragraph(text, last)
        return before if before is not None and _is_only_label(text[before:last]) else None
    if not without_link:
        return None
    if label and _is_known(label) and len(words[label.end() :].strip()) >= _SHORTEST_WORDS:
        return last
    before = _last_paragraph(text, last)
    if before is None or len(words.strip()) < _SHORTEST_WORDS or not _is_only_label(text[before:last]):
        return None
    label = _LABEL.match(text[before:last])
    return before if label and _is_known(label) else None


def _last_paragraph(text: str, end: int) -> int | None:
    """Where the last lines before ``end`` begin that no blank line divides; None if they are longer than a footer."""
    first = max(0, end - _LONGEST)
    region = text[first:end].rstrip()
    if not region:
        return None
    start = len(region) + 1
    for line in reversed(region.split("\n")):
        if not line.strip():
            return first + start
        start -= len(line) + 1
    return None if first else 0


def _is_only_label(paragraph: str) -> bool:
    label = _LABEL.match(paragraph)
    return label is not None and not paragraph[label.end() :].strip(" \t\r\n:：\\")


def _is_known(label: re.Match[str]) -> bool:
    words = (label["stars"] or label["tags"]).strip(" \t\u00a0:：﹕։").casefold()
    return words in _labels()


@cache
def _labels() -> frozenset[str]:
    document = tomllib.loads(Path(__file__).with_name("disclaimers.toml").read_text(encoding="utf-8"))
    return frozenset(label.casefold() for label in document["labels"])


def _ends_with_rule(text: str) -> bool:
    return _with_rule(text, len(text)) < len(text)


def _with_rule(text: str, end: int) -> int:
    """Where the rule before ``end`` begins; ``end`` if there is none.

    Under a line of text, three hyphens make a heading of it and are no rule.
    """
    first = max(0, end - _LONGEST)
    above, newline, line = text[first:end].rstrip().rpartition("\n")
    if not _RULE.fullmatch(line):
        return end
    is_rule = not above.strip() or not above.rpartition("\n")[2].strip()
    return first + len(above + newline) if is_rule else end
