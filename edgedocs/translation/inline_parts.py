"""Inline parts: what a segment's text holds beside its words: code, links, tags, facts, footnotes, attributes.

Every search takes time in proportion to the text, whatever it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from edgedocs.core.lazy import lazy
from edgedocs.pages.inline import code_spans

_ADDRESS = re.compile(
    r"""\(\s{0,8}+
    (?P<address> <[^<>\n]*+> | (?: [^\s()\\] | \\[^\s] | \( (?:[^\s()\\]|\\[^\s])*+ \) )*+ )
    (?: \s{1,8}+ (?P<title> "[^"]*+" | '[^']*+' ) )?+
    \s{0,8}+ \)""",
    re.VERBOSE,
)
_LABEL = re.compile(r"[ ]?\[(?P<label>[^\[\]\n]*+)\]")
_BRACKETS = re.compile(r"\\.|\[|\]", re.DOTALL)
_AUTOLINK = re.compile(r"<(?P<address>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+|[^\s<>@/]++@[^\s<>@]++)>")
_BARE = re.compile(r"\b(?:https?|ftp)://[^\s<>\"'`|\\\]⟦⟧]*")
_TAG = re.compile(
    r"<(?P<closing>/?)(?P<name>[A-Za-z][\w:.-]*+)(?P<rest>(?:[\s/](?:[^<>\"']|\"[^\"<>]*+\"|'[^'<>]*+')*+)?+)>"
)
_FACT = re.compile(r"(?<![\\\[])\[\[(?!!)[^\[\]\n]++\]\](?![(\]])")
_FOOTNOTE = re.compile(r"\[\^(?P<label>[^\]\s\[]++)\]")
_ATTRIBUTES = re.compile(r"\{:?[ \t]*+(?:[#.][\w-]|[A-Za-z_][\w:-]*+=)[^{}\n]*+\}")
_ICON = re.compile(r":(?<![\w:]:)[a-z0-9+][a-z0-9_+-]*+:(?![\w:])")
_MATH = re.compile(
    r"""(?<![\\$])\$\$[^$]++\$\$
      | (?<![\\$\w])\$(?=[^\s$])[^$\n]++(?<=[^\s\\])\$(?![\w$])
      | \\\([^\n()]*+(?:\([^\n()]*+\)[^\n()]*+)*+\\\)""",
    re.VERBOSE,
)
_KEYS = re.compile(r"\+\+[\w\"' -]++(?:\+[\w\"' -]++)*+\+\+")


@dataclass(frozen=True)
class Link:
    """A link or an image.

    Args:
        start: where it begins in the text.
        end: where its target ends, title included.
        text: what readers click on, or the image's description.
        address: where it leads; of a reference ``[text][label]``, the label.
        image: whether it is an image.
        reference: whether the address stands elsewhere on the page.
    """

    start: int
    end: int
    text: str
    address: str
    image: bool = False
    reference: bool = False


@dataclass(frozen=True)
class Tag:
    """An HTML tag: its name in small letters, whether it closes, and all of it as written."""

    start: int
    name: str
    closing: bool
    text: str


class InlineParts:
    """The parts of one text.

    Args:
        text: a segment's text.
    """

    has_markup = True
    """Whether there can be anything but words."""

    def __init__(self, text: str) -> None:
        self.text = text

    @lazy
    def spans(self) -> list[tuple[int, int]]:
        """Where the code spans are."""
        return code_spans(self.text) if "`" in self.text else []

    @lazy
    def code(self) -> list[str]:
        """What the code spans hold, in order, blanks around it removed."""
        return [" ".join(self.text[start:end].strip("`").split()) for start, end in self.spans]

    @lazy
    def plain(self) -> str:
        """The text with code spans and comments replaced by as many blanks."""
        text = blanked(self.text, self.spans)
        if "<!--" in text:
            text = blanked(text, comments(text))
        return text

    @lazy
    def links(self) -> list[Link]:
        """Links and images, in the order in which they end."""
        return self._parsed[0]

    @lazy
    def _parsed(self) -> tuple[list[Link], list[tuple[int, int]]]:
        """The links, and where the parts of them are that readers do not see."""
        plain = self.plain
        links: list[Link] = []
        hidden: list[tuple[int, int]] = []
        if "](" not in plain and "][" not in plain:
            return links, hidden
        opened: list[int] = []
        skip = 0
        for match in _BRACKETS.finditer(plain):
            if match.start() < skip:
                continue
            if match[0] == "[":
                opened.append(match.start())
            elif match[0] == "]" and opened:
                start, end = opened.pop(), match.end()
                target = _ADDRESS.match(plain, end) if plain.startswith("(", end) else None
                label = None if target else _LABEL.match(plain, end) if plain.startswith("[", end) else None
                if not target and not label:
                    continue
                image = start > 0 and plain[start - 1] == "!"
                words = self.text[start + 1 : end - 1]
                if target:
                    address = target["address"].removeprefix("<").removesuffix(">")
                    links.append(Link(start, target.end(), words, address, image))
                    hidden.append((target.start("address"), target.end("address")))
                    skip = target.end()
                elif label and not label["label"].startswith(("^", "[")):
                    links.append(Link(start, label.end(), words, label["label"] or words, image, reference=True))
                    hidden.append(label.span())
                    skip = label.end()
        return links, hidden

    @lazy
    def autolinks(self) -> list[str]:
        """Addresses that stand in the text themselves, with and without angle brackets."""
        text = blanked(self.plain, self._parsed[1])
        if ":" not in text and "@" not in text:
            return []
        found = [match["address"] for match in _AUTOLINK.finditer(text)] if "<" in text else []
        if "://" in text:
            rest = _AUTOLINK.sub(_blank, text) if found else text
            rest = _TAG.sub(_blank, rest) if "<" in rest else rest
            found += [_without_stop(match[0]) for match in _BARE.finditer(rest)]
        return found

    @lazy
    def tags(self) -> list[Tag]:
        """HTML tags, in order."""
        if "<" not in self.plain:
            return []
        return [
            Tag(match.start(), match["name"].lower(), bool(match["closing"]), match[0])
            for match in _TAG.finditer(self.plain)
        ]

    @lazy
    def facts(self) -> list[str]:
        """Facts, as they are written; deliberate literals are none."""
        return _FACT.findall(self.plain) if "[[" in self.plain else []

    @lazy
    def footnotes(self) -> list[str]:
        """Labels of footnotes, where they are referred to and where they stand."""
        return [match["label"] for match in _FOOTNOTE.finditer(self.plain)] if "[^" in self.plain else []

    @lazy
    def attributes(self) -> list[str]:
        """Attribute lists, blanks normalized."""
        if "{" not in self.plain:
            return []
        return [" ".join(match[0].strip("{}: \t").split()) for match in _ATTRIBUTES.finditer(self.plain)]

    @lazy
    def icons(self) -> list[str]:
        """Names of icons and emoji between colons."""
        return _ICON.findall(self.plain) if ":" in self.plain else []

    @lazy
    def formulas(self) -> list[str]:
        """Mathematics, without blanks."""
        if "$" not in self.plain and "\\(" not in self.plain:
            return []
        return ["".join(formula.split()) for formula in _MATH.findall(self.plain)]

    @lazy
    def prose(self) -> str:
        """The text with everything replaced by as many blanks that is no word: links and images keep theirs."""
        text = blanked(self.plain, self._parsed[1])
        for character, pattern in _NOT_PROSE:
            if character in text:
                text = pattern.sub(_blank, text)
        return text


_NOT_PROSE = (
    ("$", _MATH),
    ("\\(", _MATH),
    ("<", _AUTOLINK),
    ("<", _TAG),
    ("[[", _FACT),
    ("[^", _FOOTNOTE),
    ("{", _ATTRIBUTES),
    ("://", _BARE),
    ("++", _KEYS),
    (":", _ICON),
)


_MARKUP = re.compile(r"`|<|\[|\]|\{|\$|\\|:[a-z0-9+/]|\+\+")
"""Something without which a text has no parts but its words; each alternative begins with a character, so the search is
quick."""


class _Words(InlineParts):
    """The parts of a text without markup: nothing but its words."""

    has_markup = False

    def __init__(self, text: str) -> None:
        self.text = self.plain = self.prose = text


_NOTHING = ("spans", "code", "links", "autolinks", "tags", "facts", "footnotes", "attributes", "icons", "formulas")
for _name in _NOTHING:
    setattr(_Words, _name, [])


def comments(text: str) -> list[tuple[int, int]]:
    """Where the comments are that end."""
    found = []
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        found.append((start, end + 3))
        start = text.find("<!--", end + 3)
    return found


def blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with blanks in place of what stands there; line ends are kept.

    Args:
        text: any text.
        spans: where, in any order, not overlapping.
    """
    if not spans:
        return text
    pieces: list[str] = []
    place = 0
    for start, end in sorted(spans):
        pieces += (text[place:start], _blanks(text[start:end]))
        place = end
    return "".join([*pieces, text[place:]])


def _blank(match: re.Match[str]) -> str:
    return _blanks(match[0])


def _blanks(text: str) -> str:
    if "\n" not in text:
        return " " * len(text)
    return "\n".join(" " * len(line) for line in text.split("\n"))


def _without_stop(address: str) -> str:
    """The address without what ends the sentence in which it stands."""
    address = address.rstrip(".,;:!?*_~。，、；：")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(".,;:!?*_")
    return address


@lru_cache(maxsize=4096)
def parts(text: str) -> InlineParts:
    """The parts of a text, which all checks share."""
    return InlineParts(text) if _MARKUP.search(text) else _Words(text)


def forget() -> None:
    """Forget all texts."""
    parts.cache_clear()
