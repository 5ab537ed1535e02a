"""Elements: what is wrong with the tags of a page as they are written: their order, their places, their attributes.

A browser makes a page of any tags. What it has to guess for that, it guesses without a word, and readers of other
browsers, of screen readers and of copies get something else.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from edgedocs.publishing.checking.content_model import (
    END_MAY_LACK,
    ENDS_PARAGRAPH,
    FOREIGN,
    VOID,
    ended_by,
    holds_no_text,
    objection,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CELLS = frozenset({"td", "th", "caption"})
_BARRIERS = _CELLS | {"template", "button"}
"""What an end tag does not end, if it is that of an element around."""

_BEYOND_CELLS = frozenset({"table", "thead", "tbody", "tfoot", "tr"})
_BEYOND_ALL = frozenset({"html", "body"})

_NAMED = frozenset({"aria-label", "aria-labelledby", "title"})
_UNLABELLED_INPUTS = frozenset({"hidden", "submit", "reset"})
_RAW = frozenset({"textarea", "title", "iframe"})
"""What holds text alone, whatever it looks like."""

_THEME_TOGGLES = frozenset({"__toc"})
"""Hidden controls of Material for MkDocs, which writes their label only where a page has more than one heading."""
_CONTROLS = frozenset({"input", "select", "textarea"})

Attributes = dict[str, "str | None"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a line of a page, and what to do."""

    line: int
    message: str
    remedy: str


def problems_of(text: str) -> list[Problem]:
    """What is wrong with the elements of a page, by line.

    Args:
        text: the whole HTML file.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.finish()
    return sorted(reader.problems)


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet; ``ended`` is the place of a tag that has ended a paragraph in it."""

    tag: str
    line: int
    foreign: bool
    ended: tuple[str, int] | None = None
    nameless: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.ids: Counter[str] = Counter()
        self.labelled: set[str] = set()
        self.crossed: Counter[str] = Counter()
        self.controls: list[tuple[str, int, str | None]] = []
        self.has_language = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(tag, attrs, closed=False)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(tag, attrs, closed=True)

    def handle_endtag(self, tag: str) -> None:
        if self._is_in_text() and tag != self.open[-1].tag:
            return
        line = self.getpos()[0]
        place = self._place_of(tag)
        if place is None:
            self._stray(tag, line)
            return
        for inner in self.open[place + 1 :]:
            if inner.foreign or inner.tag not in END_MAY_LACK:
                self.crossed[inner.tag] += 1
                self._tell(
                    inner.line, f"<{inner.tag}> is not closed before </{tag}>", f"write </{inner.tag}> before it"
                )
        ended = self.open[place]
        if ended.nameless:
            self._tell(ended.line, "the button has no name", "give it a text, or an aria-label")
        del self.open[place:]

    def handle_data(self, data: str) -> None:
        if not self.open or data.isspace():
            return
        self._name_buttons()
        inner = self.open[-1]
        if holds_no_text(inner.tag) and not inner.foreign:
            line = self.getpos()[0] + len(data[: len(data) - len(data.lstrip())].splitlines())
            self._tell(line, f"text stands in <{inner.tag}>", f"put it into an element that <{inner.tag}> may hold")

    def finish(self) -> None:
        """Say what can be said only of the whole."""
        for element in self.open:
            if element.foreign or element.tag not in END_MAY_LACK:
                self._tell(element.line, f"<{element.tag}> is never closed", f"write </{element.tag}>")
        for tag, line, identifier in self.controls:
            if identifier not in self.labelled | _THEME_TOGGLES:
                self._tell(line, f"the control <{tag}> has no name", "give it a <label>, or an aria-label")
        if not self.has_language:
            self._tell(
                1, "the page does not say its language: <html> has no lang", 'write <html lang="en"> or the like'
            )

    def _start(self, tag: str, attrs: Sequence[tuple[str, str | None]], *, closed: bool) -> None:
        if self._is_in_text():
            return
        line = self.getpos()[0]
        attributes = dict(reversed(attrs))  # the first of two is the one that counts
        foreign = tag in FOREIGN or bool(self.open and self.open[-1].foreign)
        self._check_attributes(tag, attributes, attrs, line)
        if not foreign or tag in FOREIGN:
            self._close_implied(tag, line)
            if found := objection(tag, attributes, [one.tag for one in self.open]):
                self._tell(line, *found)
        if tag in VOID and not foreign:
            return
        if closed:
            if foreign:
                return
            self._tell(line, f"<{tag}/> is read as <{tag}>: it does not close itself", f"write <{tag}></{tag}>")
        nameless = tag == "button" and not _NAMED & attributes.keys()
        self.open.append(_Open(tag, line, foreign, nameless=nameless))

    def _is_in_text(self) -> bool:
        return bool(self.open) and self.open[-1].tag in _RAW and not self.open[-1].foreign

    def _close_implied(self, tag: str, line: int) -> None:
        """End what has no end tag and ends here."""
        if tag in ENDS_PARAGRAPH and self.open and self.open[-1].tag == "p":
            self.open.pop()
            if self.open:
                self.open[-1].ended = (tag, line)
        while self.open and self.open[-1].tag in (ended_by(tag) | ({"p"} if ended_by(tag) else set())):
            self.open.pop()

    def _place_of(self, tag: str) -> int | None:
        """Where the innermost open element of that name is; None if there is none that the end tag reaches."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place].tag == tag:
                return place
            inner = self.open[place].tag
            if inner in _BARRIERS and tag not in _BEYOND_ALL | (_BEYOND_CELLS if inner in _CELLS else set()):
                return None
        return None

    def _stray(self, tag: str, line: int) -> None:
        around = self.open[-1] if self.open else None
        if tag == "p" and around is not None and around.ended is not None:
            (inner, place), around.ended = around.ended, None
            self._tell(place, f"<{inner}> stands in <p>, which it ends", "close <p> before it, or use <div> for <p>")
        elif self.crossed[tag]:
            self.crossed[tag] -= 1  # it comes too late, which has been told
        elif tag in VOID:
            self._tell(line, f"</{tag}> closes nothing: <{tag}> has no content", "remove it")
        else:
            self._tell(line, f"</{tag}> closes nothing", f"remove it, or write <{tag}> where it is to begin")

    def _check_attributes(
        self, tag: str, attributes: Mapping[str, str | None], written: Sequence[tuple[str, str | None]], line: int
    ) -> None:
        if len(attributes) != len(written):
            twice = [name for name, count in Counter(name for name, _ in written).items() if count > 1]
            self._tell(line, f"<{tag}> has the attribute {twice[0]!r} twice, and the first counts", "remove one")
        if identifier := attributes.get("id"):
            self.ids[identifier] += 1
            if self.ids[identifier] > 1:
                self._tell(line, f"the id {identifier!r} stands here once more", "give each element an id of its own")
        if tag == "html":
            self.has_language = bool(attributes.get("lang"))
        elif tag == "label" and (target := attributes.get("for")):
            self.labelled.add(target)
        self._check_name(tag, attributes, line)

    def _check_name(self, tag: str, attributes: Mapping[str, str | None], line: int) -> None:
        kind = (attributes.get("type") or "").lower() if tag == "input" else tag
        if kind in ("img", "area", "image"):
            if "alt" not in attributes:
                source = attributes.get("src") or attributes.get("href")
                self._tell(line, f"the picture {source!r} has no alt", 'say what it shows; alt="" if that is nothing')
            elif attributes["alt"]:
                self._name_buttons()
        elif tag in _CONTROLS and kind not in _UNLABELLED_INPUTS and not _NAMED & attributes.keys():
            named = any(one.tag == "label" for one in self.open) or (kind == "button" and attributes.get("value"))
            if not named:
                self.controls.append((tag, line, attributes.get("id")))

    def _name_buttons(self) -> None:
        """Note that what is read next gives the elements around it a name."""
        for element in self.open:
            element.nameless = False

    def _tell(self, line: int, message: str, remedy: str) -> None:
        self.problems.append(Problem(line, message, remedy))
