"""Numbers that are not the source's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.translation.planting.corpus import CorpusPage

GROUP = "numbers"
_KEPT = re.compile(
    r"```.*?```|`[^`\n]*`|\[\[.*?\]\]|\]\([^)]*\)|\{[^}\n]*\}|<[^>\n]*>|^\s*\d\. ", re.DOTALL | re.MULTILINE
)


def _in_prose(page: CorpusPage, pattern: str, change: Callable[[re.Match[str]], str]) -> Iterator[CorpusPage]:
    """Every occurrence of a pattern outside code, facts, addresses and attributes, changed alone."""
    for target in page.outline.segments:
        blanked = _KEPT.sub(lambda match: "\0" * len(match[0]), target.text)
        for match in re.finditer(pattern, blanked):
            changed = change(match)
            if changed != match[0]:
                yield page.with_segment(target, target.text[: match.start()] + changed + target.text[match.end() :])


@kind(GROUP, "digits exchanged")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"(?<![\w_.,])\d\d(?![\w_])", lambda match: match[0][::-1])


@kind(GROUP, "one digit changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(
        page, r"(?<![\w_])\d+(?![\w_])", lambda match: match[0][:-1] + str((int(match[0][-1]) + 3) % 10)
    )


@kind(GROUP, "number dropped")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"(?<![\w_.,–]) \d+(?:,\d+)?(?= [^\W\d_])", lambda _: "")


@kind(GROUP, "decimal comma moved")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"(?<![\w_])(\d),(\d)(?!\d)", lambda match: f"{match[1]}{match[2]}")
    yield from _in_prose(page, r"(?<![\w_])(\d\d),(\d)(?!\d)", lambda match: f"{match[1][0]},{match[1][1]}{match[2]}")


@kind(GROUP, "three digits lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"(?<!\d)\d\d?[.\s]\d{3}[.\s]\d{3}(?!\d)", lambda match: match[0][:-4])


@kind(GROUP, "zero added")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"(?<![\w_.,])\d\d(?![\w_,.\s]\d|[\w_])", lambda match: f"{match[0]}0")


@kind(GROUP, "unit changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"(?<=\d )GB\b", lambda _: "MB")
    yield from _in_prose(page, r"(?<=\d )GHz\b", lambda _: "MHz")
    yield from _in_prose(page, r"(?<=\d )s\b", lambda _: "ms")


@kind(GROUP, "percent sign lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"(?<=\d)\s?%", lambda _: "")


@kind(GROUP, "sign lost")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"−(?=\d)", lambda _: "")


@kind(GROUP, "range changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"\d+–\d+", lambda match: "–".join(reversed(match[0].split("–"))))


@kind(GROUP, "year changed")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"\b2026\b", lambda _: "2025")


@kind(GROUP, "number added")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_prose(page, r"(?<=[^\W\d_])\.\n$", lambda _: " (17).\n")
