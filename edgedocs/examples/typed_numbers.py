"""Typed numbers: figures in prose that look measured and were typed by hand.

A measured figure belongs to an example, which verifies it, and prose refers to it: ``[[quantize.saving|.1%]]``. A
number that is no measurement stands in double brackets with an exclamation mark, ``[[!5 %]]``, or as code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.examples.references import WITHOUT_PROSE, without_references
from edgedocs.pages.inline import without_code_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edgedocs.pages import Page
    from edgedocs.pages.block import Block

_BLANK = "(?:[ \t\u00a0\u2009\u202f]|\r?\n[ \t]*)"
_NUMBER = r"(?:\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+|\d+)(?:[.,]\d+)?(?:[eE][-+]?\d+)?"
_COMPARED = (
    "faster|slower|smaller|larger|bigger|longer|shorter|cheaper|higher|lower|better|worse|more|less|fewer|as|the"
)
_BYTES = "[kKMGT]i?B|(?:kilo|mega|giga|tera|kibi|mebi|gibi)bytes?"
_TIME = "ns|µs|μs|us|ms|s|secs?|(?:nano|micro|milli)?seconds?|minutes?"
_RATES = (
    rf"(?:tok|tokens?|it|iterations?|{_BYTES}|[kMGT]?bits?|requests?)/(?:s|sec|second)"
    "|(?:tok|tokens?) per second|m?s/(?:it|tok|token)|[KMGTP]?FLOPS|[KMGT]OPS|[kMG]?bps"
)
_OTHER = "bpw|bits (?:per|a) weight|m?W|m?J|[km]?Wh|°C|[kMG]?Hz|dB|percent(?:age)?|per cent"
_UNIT = (
    rf"{_BLANK}?(?:[%‰])(?!\w)"
    rf"|(?:{_BLANK}|-)?(?:{_RATES}|{_BYTES}|{_TIME}|{_OTHER})(?![\w/])"
    # A sign between two numbers or names multiplies; alone behind a number it compares.
    rf"|[×x](?!\w|{_BLANK}?[\d(`$]|{_BLANK}[A-Za-z](?!\w))"
    rf"|{_BLANK}[×x](?={_BLANK}(?:{_COMPARED})\b)"
    rf"|{_BLANK}times(?={_BLANK}(?:{_COMPARED})\b)"
    r"|-?fold\b"
)
_MEASURED = re.compile(rf"(?<![\w.,/#])(?<!\w-)(?P<number>{_NUMBER})(?P<unit>{_UNIT})")
_DECADE = re.compile(r"(?:\d{3}0|(?<=the )\d0|(?<=early )\d0|(?<=late )\d0|(?<=mid-)\d0)s$")
_NO_PROSE = re.compile(
    # Each alternative stops where another of its kind begins, so that the time is in proportion to the text.
    r"<!--(?:[^<]|<(?!!--))*?-->"
    r"|<(?P<tag>script|style|pre|code|kbd|samp)\b(?:[^<]|<(?!/?(?P=tag)\b))*</(?P=tag)>"
    r"|<https?://[^>\s]*>|</?[A-Za-z][^<>]*>"
    r"|(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?"  # the address of a link, not its title
    r"|\bhttps?://\S+"
    r"|\{[ \t]*[:#.A-Za-z][^{}\n]*\}"
    r"|(?<![\\$\w])\$(?![\s$])[^$\n]*(?<![\s\\])\$(?![\w$])"
    r"|\\\((?:[^\\]|\\[^()])*\\\)",
)
_MARKER = re.compile(r"^[ \t>]*\d{1,9}[.)](?=[ \t])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A figure that looks measured and was typed by hand.

    Args:
        page: what messages call the page.
        line: number of its line in the page, from 1.
        text: the number and its unit, as they stand there.
    """

    page: str
    line: int
    text: str

    @property
    def message(self) -> str:
        """What is to be done about it, without the place."""
        return (
            f"{self.text!r} looks measured and was typed by hand: refer to a fact, [[example.fact|format]]; "
            f"a number that is no measurement is written [[!{self.text}]] or as code"
        )

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready data."""
        return {
            "kind": "typed-number",
            "severity": "warning",
            "page": self.page,
            "line": self.line,
            "text": self.text,
            "message": self.message,
        }


def find_measured(text: str) -> Iterator[re.Match[str]]:
    """The measured-looking numbers of some prose, where they stand."""
    prose = _NO_PROSE.sub(_blanks, without_references(without_code_spans(text)))
    prose = _MARKER.sub(_blanks, prose)
    for match in _MEASURED.finditer(prose):
        if not _DECADE.search(prose, max(0, match.start() - 6), match.end()):
            yield match


@lru_cache(maxsize=256)
def typed_numbers(page: Page) -> tuple[TypedNumber, ...]:
    """The measured-looking numbers in the prose of a page."""
    return tuple(
        TypedNumber(page.shown, block.line + _line_ends(block.text[: match.start()]), _flat(match, block.text))
        for block in _prose(page.blocks)
        for match in find_measured(block.text)
    )


def as_problem(found: Sequence[TypedNumber]) -> BadInput:
    """Typed numbers as an error; there is at least one."""
    return BadInput("\n".join(f"{each.page}:{each.line}: {each.message}" for each in found))


def _prose(blocks: Iterable[Block]) -> Iterator[Block]:
    return (block for block in blocks if block.kind not in WITHOUT_PROSE and block.kind != "reference")


def _flat(match: re.Match[str], text: str) -> str:
    return " ".join(text[match.start() : match.end()].split())


def _blanks(match: re.Match[str]) -> str:
    return re.sub(r"[^\r\n]", " ", match[0])


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")
