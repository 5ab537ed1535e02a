"""Definitions: what terms of the field mean, shown where a page has a term for the first time.

``definitions.tsv`` beside ``mkdocs.yml`` holds them in the source language, ``translations/<language>/definitions.tsv``
in another: a term of the source language, a tab, its definition. What a language calls a term stands in its
``glossary.tsv``. The term becomes a link to its entry in the glossary (:mod:`edgedocs.publishing.reference.glossary`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.publishing.reference.wording import plain
from edgedocs.translation import tables
from edgedocs.translation.inflection import fold, has_common_start
from edgedocs.translation.inline_parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from edgedocs.pages.block import Block
    from edgedocs.translation.inline_parts import InlineParts

FILE_NAME = "definitions.tsv"
COLUMNS = ("term", "definition")
_KINDS = frozenset({"paragraph", "list-item"})
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")
_COMMON = 3
_SHORT = 5
"""Letters; of a shorter word only itself and its plural are taken for it, not what begins like it."""

_NO_LINK_INSIDE = frozenset({"a", "abbr", "button", "h1", "h2", "h3", "h4", "h5", "h6", "label", "summary"})
"""Elements of HTML in a paragraph whose words are left alone: there is a link already, or none may be."""

_IN_SQUARE_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_NOT_IN_ANCHORS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Definition:
    """A term in one language.

    Args:
        words: those that are looked for.
        text: what it means.
        term: the term in the source language.
        name: what the language calls it.
    """

    words: tuple[str, ...]
    text: str
    term: str = ""
    name: str = ""

    @property
    def anchor(self) -> str:
        """The id of its entry in the glossary, the same in all languages."""
        return anchor(self.term)


def anchor(term: str) -> str:
    """The id of a term's entry in the glossary.

    Args:
        term: as the source language has it.
    """
    return _NOT_IN_ANCHORS.sub("-", fold(term)).strip("-")


def load(path: Path, names: Mapping[str, str] | None = None, known: Iterable[str] | None = None) -> list[Definition]:
    """The definitions of one language; none if there is no file.

    Args:
        path: the file.
        names: what the language calls each term; None for the source language.
        known: the terms that the source language defines; None if any may be defined.

    Raises:
        BadInput: for a line that is none, a term that is there twice, that the source language does not define, or that
            the language's glossary lacks; the message names the line.
    """
    found = []
    for number, term, text in _rows(path):
        if known is not None and term not in known:
            raise BadInput(f"{term!r} is not defined in the source language", where=f"{path}:{number}")
        if names is not None and term not in names:
            raise BadInput(
                f"the glossary does not say what {term!r} is called", where=f"{path}:{number}", expected="a line there"
            )
        name = _IN_BRACKETS.sub("", term if names is None else names[term])
        words = tuple(_WORD.findall(name))
        if not words:
            raise BadInput(f"{name!r} has no word", where=f"{path}:{number}", expected="a term of letters and digits")
        found.append(Definition(words, text, term, name))
    return found


def terms(path: Path) -> list[str]:
    """The terms that a file defines."""
    return [term for _, term, _ in _rows(path)]


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    seen: dict[str, str] = {}
    for number, row in tables.rows(path, COLUMNS, "definition"):
        cells = [cell.strip() for cell in row]
        if cells[0] in seen.values():
            raise BadInput(f"{cells[0]!r} is there already", where=f"{path}:{number}", expected="each term once")
        other = seen.setdefault(anchor(cells[0]), cells[0])
        if other != cells[0]:
            raise BadInput(
                f"the entries of {cells[0]!r} and {other!r} in the glossary have the same address",
                where=f"{path}:{number}",
                expected="terms that differ in letters or digits",
                remedy="leave one of them out",
            )
        yield number, cells[0], cells[1]


class Tooltips:
    """The definitions on one page: each where its term stands first.

    Args:
        definitions: of the page's language.
        inflected: whether words of the language have endings beside the plural in *s*.
        glossary: where the glossary is, relative to the page; None if there is none, so that terms are no links.
        as_html: whether links are written in HTML, with the glossary's address, and not in Markdown, with its file.
    """

    def __init__(
        self,
        definitions: Sequence[Definition],
        *,
        inflected: bool,
        glossary: str | None = None,
        as_html: bool = False,
    ) -> None:
        self.inflected = inflected
        self.as_html = as_html
        self.glossary = glossary
        self.used: list[str] = []
        self.left: dict[str, list[Definition]] = {}
        for one in sorted(definitions, key=lambda one: -len(one.words)):  # a longer term before one that is in it
            self.left.setdefault(_key(one.words[0]), []).append(one)

    def add(self, block: Block) -> str:
        """The text of a block with a tooltip on each term that was not there before."""
        text = block.text
        if (
            not self.left
            or block.kind not in _KINDS
            or not any(_key(word) in self.left for word in _WORD.findall(text))
        ):
            return text
        found = list(self._found(_prose(text)))
        self.used += [definition.anchor for _, _, definition in found]
        for start, end, definition in reversed(found):
            text = text[:start] + self._marked(text[start:end], definition) + text[end:]
        return text

    def _marked(self, words: str, definition: Definition) -> str:
        title = plain(definition.text).replace('"', "&quot;")
        if self.glossary is None:
            return f'<abbr class="edgedocs-term" title="{title}">{words}</abbr>'
        if self.as_html:
            address = escape(f"{self.glossary}#{definition.anchor}")
            place = use_anchor(definition.anchor)
            return f'<a class="edgedocs-term" id="{place}" href="{address}" title="{title}">{words}</a>'
        title = title.replace("'", "&#39;").replace("(", "&#40;").replace(")", "&#41;")
        target = f"{self.glossary}#{definition.anchor}"
        return f'[{words}]({target} "{title}"){{ .edgedocs-term #{use_anchor(definition.anchor)} }}'

    def _found(self, prose: str) -> Iterator[tuple[int, int, Definition]]:
        """Where terms stand that were not there before, from left to right."""
        words = list(_WORD.finditer(prose))
        place = 0
        while place < len(words):
            key = _key(words[place][0])
            for definition in self.left.get(key, ()):
                here = words[place : place + len(definition.words)]
                if len(here) == len(definition.words) and self._is(definition, here, prose):
                    yield here[0].start(), here[-1].end(), definition
                    self.left[key].remove(definition)
                    place += len(here) - 1
                    break
            place += 1

    def _is(self, definition: Definition, here: Sequence[re.Match[str]], prose: str) -> bool:
        between = prose[here[0].end() : here[-1].start()] if len(here) > 1 else " "
        if "\n\n" in between or re.search(r"[^\s\w-]", between):
            return False
        return all(self._is_form(base, one[0]) for base, one in zip(definition.words, here, strict=True))

    def _is_form(self, base: str, word: str) -> bool:
        if base.isupper() or not base.islower():
            return base == word
        first, second = fold(base), fold(word)
        if second in (first, f"{first}s") or (first.endswith("y") and second == f"{first[:-1]}ies"):
            return True
        return self.inflected and len(first) >= _SHORT and has_common_start(base, word)


def _key(word: str) -> str:
    """The letters that all forms of a word begin with."""
    return fold(word)[:_COMMON]


def _prose(text: str) -> str:
    """The text with blanks for all that is no plain word: code, links with their titles, tags and the like."""
    found = parts(text)
    prose = list(found.prose)
    spans = [(link.start, link.end) for link in found.links]
    spans += [match.span() for match in _IN_SQUARE_BRACKETS.finditer(found.plain)]  # it may be a link of its own name
    for start, end in [*spans, *_elements(found)]:
        prose[start:end] = " " * (end - start)
    return "".join(prose)


def _elements(found: InlineParts) -> Iterator[tuple[int, int]]:
    """Where elements are that no link may be put into; one that does not end goes on to the end."""
    opened: dict[str, int] = {}
    for tag in found.tags:
        if tag.name not in _NO_LINK_INSIDE:
            continue
        if not tag.closing:
            opened.setdefault(tag.name, tag.start)
        elif tag.name in opened:
            yield opened.pop(tag.name), tag.start
    yield from ((start, len(found.text)) for start in opened.values())


def use_anchor(entry: str) -> str:
    """The id of the place where a page has a term first.

    Args:
        entry: the id of the term's entry.
    """
    return f"term-{entry}"
