"""Masking: what a translator must not touch, replaced by placeholders, and put back into the answer.

The markers around a text (``## ``, ``- ``, ``!!! note "``, indentation, ``{ #id }``) are taken off: nobody who does not
see them can lose them. Code, addresses, facts, tags and the like within the text become ``⟦1⟧``, ``⟦2⟧`` and so on.
Link texts, titles and table bars stay, for they are read or steer reading.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.pages.inline import code_spans, without_code_spans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_PLACEHOLDER = re.compile(r"⟦[ \t]*([0-9]{1,9})[ \t]*⟧")

# Each repetition is possessive and stops at what could begin another one, so a search takes linear time.
_TOKENS = re.compile(
    r"""
      [⟦⟧]                                                              # so that all others are placeholders
    | <!-- (?: (?!-->|<!--) . )*+ -->
    | <(?P<verbatim>script|style|pre|svg|math|textarea|code|kbd)(?=[\s>]) (?: (?!</?(?P=verbatim)[\s>]) . )*+
      </(?P=verbatim)[ ]*+>
    | </?[A-Za-z][\w:.-]*+ (?: \s (?: [^<>"'] | "[^"<>]*+" | '[^'<>]*+' )*+ )? /?>
    | <[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+>                          # an address between angle brackets
    | <[^\s<>@]++@[^\s<>@]++>
    | \[\[[^\[\]\n]++\]\](?!\()                                         # a fact
    | \[\^[^\]\s\[]++\]                                                 # a reference to a footnote
    | (?<=\]\() \s{0,8}+ (?: <[^<>\n]*+> | (?: [^\s()<>] | \([^\s()]*+\) )++ )
    | (?<=\]\[) [^\[\]\n]++ (?=\])                                      # the name of an address
    | \[[^\[\]\n]++\]\[\]
    | \b(?:https?|ftp)://[^\s<>"'|\]⟦⟧]*[\w/\#=&~-]
    | (?<![\w.+-])[\w.+-]++@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++
    | \{\{[^{}\n]*+\}\} | \{%[^{}\n]*+%\}                               # macros
    | \{:?[ \t]*+(?:[\#.][\w-]|[A-Za-z_][\w:-]*+=)[^{}\n]*+\}           # an attribute list
    | (?<![\w:]):[a-z0-9+][a-z0-9_+-]*+:(?![\w:])                       # an icon
    | (?<![\\$])\$\$[^$]++\$\$
    | (?<![\\$])\$(?=[^\s$])[^$\n]++(?<=\S)\$(?![\d$])
    | \\\( (?: [^\n\\] | \\(?![()\[\]\n]) )*+ \\\)
    | \\\[ (?: [^\n\\] | \\(?![()\[\]\n]) )*+ \\\]
    | -{1,9}8<-{1,9}[^\n]*+
    | &(?:[A-Za-z][A-Za-z0-9]{1,31}|\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6});
    | (?:(?<![ ])[ ]{2,}+|\\)\n                                         # a hard line break
    | \\[!-/:-@\[-`{-~]
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_TABLE_RULE = re.compile(r"^\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+$", re.MULTILINE)

_OPENING = re.compile(
    r"""
    \s*+ (?: >[ \t]?+ )*+ [ \t]*+
    (?: \#{1,6}(?!\#)[ \t]*+
      | (?: [*+-] | \d{1,9}[.)] ) (?: [ \t]++ (?: \[[ xX]\] [ \t]++ )? | (?=\n|$) )
      | (?: !!! | \?\?\?\+?+ ) [^"\n]*+ "?
      | ===[+!]{0,2} [ \t]++ "
      | :[ \t]++
      | \[\^[^\]\s]++\]:[ \t]*+
      | \*\[[^\]\n]++\]:[ \t]*+
    )?
    """,
    re.VERBOSE,
)
_ATTRIBUTES = re.compile(r"\{:?[ \t]*+(?:[#.][\w-]|[A-Za-z_][\w:-]*+=)[^{}\n]*+\}$")
_UNDERLINE = re.compile(r"\n[ \t>]*+(?:=++|-++)$")
_MARGIN = re.compile(r"[ \t]*+(?:>[ \t]?+)*+[ \t]*+")
_LETTER = re.compile(r"[^\W\d_]")


class PlaceholdersDiffer(ValueError):  # noqa: N818 - it says what is wrong with an answer, not with the program
    """An answer does not have the placeholders of its request, each once.

    Args:
        findings: what is wrong, in words, one entry a kind of fault.
    """

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("; ".join(findings))
        self.findings = findings


@dataclass(frozen=True)
class Masked:
    """A text to translate, and what was taken out of it.

    Args:
        text: what a translator sees: no markers around it, placeholders within.
        tokens: what the placeholders stand for; ``⟦1⟧`` for the first.
        opening: what was taken off before the text.
        closing: what was taken off after it.
        margin: what was taken off at the start of each line but the first.
    """

    text: str
    tokens: tuple[str, ...]
    opening: str = ""
    closing: str = ""
    margin: str = ""

    @property
    def has_words(self) -> bool:
        """Whether there is anything to translate: a letter outside of placeholders."""
        return bool(_LETTER.search(_PLACEHOLDER.sub("", self.text)))

    def problems(self, answer: str) -> tuple[str, ...]:
        """What is wrong with the placeholders of an answer, in words; empty if each is there once."""
        found = Counter(int(match[1]) for match in _PLACEHOLDER.finditer(answer))
        known = range(1, len(self.tokens) + 1)
        faults = {
            "lost": [number for number in known if number not in found],
            "there more than once": [number for number in known if found[number] > 1],
            "not in the request": sorted(number for number in found if number not in known),
        }
        findings = [f"placeholders {fault}: {_listed(numbers)}" for fault, numbers in faults.items() if numbers]
        if set("⟦⟧") & set(_PLACEHOLDER.sub("", answer)):
            findings.append("a bracket ⟦ or ⟧ that belongs to no placeholder")
        return tuple(findings)

    def restore(self, answer: str) -> str:
        """The answer with everything put back that was taken out.

        Raises:
            PlaceholdersDiffer: if a placeholder is lost, doubled or new.
        """
        if findings := self.problems(answer):
            raise PlaceholdersDiffer(findings)
        text = _PLACEHOLDER.sub(lambda match: self.tokens[int(match[1]) - 1], answer)
        return self.opening + text.replace("\n", "\n" + self.margin) + self.closing


def _listed(numbers: list[int]) -> str:
    return ", ".join(f"⟦{number}⟧" for number in numbers[:10]) + (" …" if len(numbers) > 10 else "")


def mask(text: str, names: Collection[str] = ()) -> Masked:
    """Take out of a text what a translator must not touch.

    ``mask(text).restore(mask(text).text) == text`` for any text.

    Args:
        text: a segment's text, whole lines with their markers.
        names: names of addresses that the page defines; a text in brackets that is one of them is a link.
    """
    opening, body, closing = _framed(text)
    first, *others = body.split("\n")
    margin = _common_start([_margin(line) for line in others if line.strip()])
    if not all(line.startswith(margin) for line in others):
        margin = ""
    inner = "\n".join([first, *(line[len(margin) :] for line in others)])
    pieces: list[str] = []
    tokens: list[str] = []
    place = 0
    for start, end in _spans(inner, frozenset(name.casefold() for name in names)):
        tokens.append(inner[start:end])
        pieces += (inner[place:start], f"⟦{len(tokens)}⟧")
        place = end
    return Masked("".join([*pieces, inner[place:]]), tuple(tokens), opening, closing, margin)


def _margin(line: str) -> str:
    match = _MARGIN.match(line)
    return match[0] if match else ""


def _common_start(texts: list[str]) -> str:
    first, last = min(texts, default=""), max(texts, default="")
    length = 0
    while length < len(first) and first[length] == last[length]:
        length += 1
    return first[:length]


def _framed(text: str) -> tuple[str, str, str]:
    """The text in three parts: markers, what is between them, markers and blanks at the end."""
    match = _OPENING.match(text)
    opening = match[0] if match else ""
    body = text[len(opening) :]
    inner = body.rstrip()
    if underline := _UNDERLINE.search(inner) if "\n" in inner[-200:] else None:
        inner = inner[: underline.start()].rstrip()
    if "#" in opening:
        inner = _without_hashes(inner)
    last = inner[max(inner.rfind("\n"), inner.rfind("{"), 0) :]
    if attributes := _ATTRIBUTES.match(last):
        inner = inner[: len(inner) - len(attributes[0])].rstrip()
        inner = _without_hashes(inner) if "#" in opening else inner
    if opening.rstrip(" \t").endswith('"') and inner.endswith('"'):
        inner = inner[:-1]
    inner = inner.rstrip()
    return opening, inner, body[len(inner) :]


def _without_hashes(heading: str) -> str:
    """The heading without the hashes that may close it."""
    bare = heading.rstrip("#")
    return bare.rstrip() if bare != heading and bare.endswith((" ", "\t")) else heading


def _spans(text: str, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where what is taken out begins and ends, in order; neighbours that touch are one."""
    plain = without_code_spans(text)
    found = [*code_spans(text), *(match.span() for match in _TOKENS.finditer(plain))]
    found += [match.span() for match in _TABLE_RULE.finditer(plain) if "|" in match[0]]
    if names:
        links = re.finditer(r"\[([^\[\]]++)\](?![\[(:])", text)
        found += [match.span() for match in links if " ".join(match[1].split()).casefold() in names]
    start = end = -1
    for left, right in sorted(found):
        if left <= end:
            end = max(end, right)
            continue
        if end > start:
            yield start, end
        start, end = left, right
    if end > start:
        yield start, end
