"""Safety: what a translation must not bring into a page: scripts, handlers, HTML, foreign addresses, invisible text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING

from edgedocs.translation.checks.base import Check, Finding
from edgedocs.translation.inline_parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import PagePair, SegmentPair
    from edgedocs.translation.segments import Segment

_TAG = re.compile(r"<[\s/]{0,4}([A-Za-z][\w:-]{0,40})")
_HANDLER = re.compile(r"\bon[a-z]{3,30}\s{0,8}=", re.IGNORECASE)
_STYLE = re.compile(r"\bstyle\s{0,8}=", re.IGNORECASE)
_RUNNING = re.compile(
    r"\b(?:javascript|vbscript|livescript)\s{0,4}:|\bdata:(?!image/(?:png|jpeg|gif|webp)\b)[\w+-]{1,40}/", re.IGNORECASE
)
_HOST = re.compile(r"(?<![\w:])(?:[A-Za-z][A-Za-z0-9+.-]{1,20}:)?//([^\s/?#\"'<>()\[\]`\\|]+)")
_GRAVE = frozenset(
    [
        "applet",
        "base",
        "button",
        "embed",
        "form",
        "frame",
        "frameset",
        "iframe",
        "input",
        "link",
        "math",
        "meta",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
    ]
)

_MARKS = frozenset("\u200e\u200f\u061c")
_JOINERS = frozenset("\u200c\u200d")
_BREAKS = frozenset("\u200b")
_VARIATIONS = frozenset("\ufe0e\ufe0f\u20e3")
_SOFT = frozenset("\u00ad")
_JOINED = frozenset(
    [
        "ar",
        "as",
        "bn",
        "ckb",
        "dv",
        "fa",
        "gu",
        "hi",
        "kn",
        "ks",
        "ku",
        "ml",
        "mr",
        "my",
        "ne",
        "or",
        "pa",
        "pnb",
        "ps",
        "sa",
        "sd",
        "si",
        "ta",
        "te",
        "ug",
        "ur",
        "yi",
        "he",
    ]
)
_UNSPACED = frozenset(["bo", "km", "lo", "my", "th", "zh", "ja", "ko"])
_FORMAT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LISTED = 5


class Safety(Check):
    """A translation holds no script, handler, tag, address or invisible character that its source lacks.

    Joiners are part of the spelling in Persian, Arabic, Hindi and others, and of emoji; directional marks in languages
    written from right to left.
    """

    name = "safety"
    severity = "error"

    def segment(self, pair: SegmentPair) -> Iterator[Finding]:
        """What the segment holds more than its source."""
        rtl = pair.context.language.direction == "rtl"
        for message, remedy, line in _found(pair.source.text, pair.target, pair.context.language.tag, rtl=rtl):
            yield self.in_segment(pair, message, remedy, line=line)

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """What segments without a source hold that the whole source page lacks."""
        if not pair.additions or pair.source is None:
            return
        rtl = pair.context.language.direction == "rtl"
        for segment in pair.additions:
            for message, remedy, line in _found(pair.source.text, segment, pair.context.language.tag, rtl=rtl):
                yield self.in_page(pair, message, remedy, line=segment.line + line)


def _found(source: str, target: Segment, tag: str, *, rtl: bool) -> Iterator[tuple[str, str, int]]:
    text = target.text
    if _FORMAT.search(text):
        yield from _characters(source, text, tag, rtl=rtl)
    plain = parts(text).plain
    if "<" in plain:
        yield from _tags(source, text, plain)
    if "=" in plain:
        for pattern, what in ((_HANDLER, "an event handler"), (_STYLE, "a style")):
            found = _in_markup(pattern, plain)
            if len(found) > len(_in_markup(pattern, parts(source).plain)):
                yield f"{what} that the source lacks: {found[0][0].strip()}", "delete it", _line(text, found[0][1])
    if ":" in plain:
        decoded = unescape(plain)
        running = _RUNNING.search(decoded)
        if running and not _RUNNING.search(source):
            yield f"an address that runs code: {running[0]}", "give the link the address of the source", 0
        if "//" in decoded:
            hosts = {host.lower() for host in _HOST.findall(decoded)}
            new = sorted(hosts - {host.lower() for host in _HOST.findall(unescape(source))})
            if new:
                listed = ", ".join(_visible(host) for host in new[:_LISTED])
                yield f"hosts that the source does not link to: {listed}", "delete the links to them", 0


def _tags(source: str, text: str, plain: str) -> Iterator[tuple[str, str, int]]:
    names = [(match[1].lower(), match.start()) for match in _TAG.finditer(plain) if not _is_address(plain, match)]
    if not names:
        return
    known = Counter(match[1].lower() for match in _TAG.finditer(parts(source).plain))
    new = Counter(name for name, _ in names) - known
    for kind, what in ((_GRAVE, "HTML that can run code or load things"), (None, "HTML that the source lacks")):
        these = [name for name in new if (name in _GRAVE) == (kind is not None)]
        if these:
            place = next(place for name, place in names if name in these)
            listed = ", ".join(f"<{name}>" for name in sorted(these)[:_LISTED])
            yield f"{what}: {listed}", "delete the tags", _line(text, place)


def _is_address(plain: str, match: re.Match[str]) -> bool:
    """Whether it is an address between angle brackets: ``<https://…>``, ``<name@host>``."""
    after = plain[match.end() : match.end() + 3]
    return after.startswith(("//", "@")) or (match[1].endswith(":") and after.startswith("//")) or "://" in after


def _in_markup(pattern: re.Pattern[str], plain: str) -> list[tuple[str, int]]:
    """Matches behind a ``<`` or a ``{`` that nothing has closed."""
    found = []
    for match in pattern.finditer(plain):
        place = match.start()
        first = max(0, place - 2000)
        opened = max(plain.rfind("<", first, place), plain.rfind("{", first, place))
        if opened >= 0 and plain.find("}" if plain[opened] == "{" else ">", opened, place) < 0:
            found.append((match[0], place))
    return found


def _characters(source: str, text: str, tag: str, *, rtl: bool) -> Iterator[tuple[str, str, int]]:
    found = Counter(match[0] for match in _FORMAT.finditer(text))
    if not found:
        return
    known = Counter(_FORMAT.findall(source))
    language = tag.partition("-")[0].lower()
    bad = [character for character in found - known if not _is_spelling(character, text, language, rtl=rtl)]
    if bad:
        listed = ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'control character')}" for c in bad[:_LISTED])
        yield f"invisible characters that the source lacks: {listed}", "delete them", _line(text, text.find(bad[0]))


def _is_spelling(character: str, text: str, language: str, *, rtl: bool) -> bool:
    """Whether the character belongs to how the language is written."""
    if character in _SOFT:
        return True
    if character in _MARKS:
        return rtl
    if character in _BREAKS:
        return language in _UNSPACED
    if character in _JOINERS:
        return language in _JOINED or rtl or all(_joins_emoji(text, place) for place in _places(text, character))
    return False


def _places(text: str, character: str) -> Iterator[int]:
    place = text.find(character)
    while place >= 0:
        yield place
        place = text.find(character, place + 1)


def _joins_emoji(text: str, place: int) -> bool:
    around = text[max(0, place - 2) : place] + text[place + 1 : place + 2]
    return any(unicodedata.category(c) == "So" or c in _VARIATIONS for c in around)


def _visible(text: str) -> str:
    return text[:80] if text.isascii() else text[:80].encode("ascii", "backslashreplace").decode()


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) if place > 0 else 0


CHECK = Safety()
