"""Glossary: a page with all terms that a documentation defines, in each language of the site.

An entry's heading has the id of the term of the source language, so that a link to it leads to the same term in every
language. What a language does not define stands there as the source language has it. A language that defines nothing
has no page of its own: readers see that of the source language, as with any page that is not translated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.publishing.collation import initial, sort_key
from edgedocs.publishing.definitions import Definition, use_anchor
from edgedocs.publishing.reference.catalog import plain_value
from edgedocs.publishing.reference.generated import GeneratedPage
from edgedocs.publishing.reference.wording import heading, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edgedocs.publishing.languages import SiteLanguage

NAME = "glossary"
_TITLE_ID = "the-terms"


@dataclass(frozen=True, slots=True)
class Use:
    """A page that uses terms: its name, its title, the language of its text, and the ids of the terms' entries."""

    page: str
    title: str
    language: str
    entries: frozenset[str]


@dataclass(frozen=True)
class Glossary:
    """What the page is made of.

    Args:
        languages: those of the site, the source first.
        definitions: what terms mean, by language.
        names: what further languages call the terms of the source language, by language.
        uses: the pages of each part of the site that use terms, in the order of reading.
        origins: where the definitions of each language stand, for readers.
    """

    languages: Sequence[SiteLanguage]
    definitions: Mapping[str, Sequence[Definition]]
    names: Mapping[str, Mapping[str, str]]
    uses: Mapping[str, Sequence[Use]]
    origins: Mapping[str, str]

    def page(self) -> GeneratedPage:
        """The page, with its translations into the languages that define terms."""
        source = self.languages[0]
        translations = {
            language.code: GeneratedPage(NAME, self._text(language), self.origins[language.code])
            for language in self.languages[1:]
            if self.definitions.get(language.code)
        }
        return GeneratedPage(NAME, self._text(source), self.origins[source.code], translations)

    def _text(self, language: SiteLanguage) -> str:
        own = {one.term: one for one in self.definitions.get(language.code, ())}
        defined = self.definitions[self.languages[0].code]
        entries = [own.get(one.term) or self._lent(one, language) for one in defined]
        entries.sort(key=lambda one: sort_key(one.name, language.code))
        title, lead = language.labels["glossary"], language.labels["glossary_text"]
        parts = [
            f"---\ndescription: {plain_value(lead)}\n---",
            heading(1, plain(title), _TITLE_ID),
            plain(lead),
            self._letters(entries, language),
        ]
        for one in entries:
            meaning = plain(one.text)
            if one.term not in own:
                meaning = _in(self.languages[0], language, meaning)
            parts += [heading(2, plain(one.name), one.anchor), meaning, *self._more(one, language)]
        return "\n\n".join(parts) + "\n"

    def _lent(self, definition: Definition, language: SiteLanguage) -> Definition:
        """What a language lacks: the definition of the source language, under the language's name if it has one."""
        name = self.names.get(language.code, {}).get(definition.term, definition.name)
        return Definition(definition.words, definition.text, definition.term, name)

    def _letters(self, entries: Sequence[Definition], language: SiteLanguage) -> str:
        """Links to the first entry of each letter."""
        first: dict[str, str] = {}
        for one in entries:
            first.setdefault(initial(one.name, language.code), one.anchor)
        links = " ".join(f"[{plain(letter)}](#{entry})" for letter, entry in first.items() if letter)
        return f"{links}\n{{ .edgedocs-letters }}"

    def _more(self, definition: Definition, language: SiteLanguage) -> Iterator[str]:
        names = list(self._names(definition.term, language))
        if any(name != definition.name for _, name in names):
            shown = " · ".join(_in(other, language, plain(f"{other.name}: {name}")) for other, name in names)
            yield f"{shown}\n{{ .edgedocs-entry }}"
        links = ", ".join(
            _link(use, definition.anchor, language)
            for use in self.uses.get(language.code, ())
            if definition.anchor in use.entries
        )
        if links:
            yield f"{plain(language.labels['glossary_used'])} {links}\n{{ .edgedocs-entry }}"

    def _names(self, term: str, language: SiteLanguage) -> Iterator[tuple[SiteLanguage, str]]:
        """What the other languages call a term."""
        for other in self.languages:
            name = term if other is self.languages[0] else self.names.get(other.code, {}).get(term, "")
            if other is not language and name:
                yield other, name


def _in(other: SiteLanguage, language: SiteLanguage, text: str) -> str:
    """A text in another language than the page's."""
    direction = "" if other.direction == language.direction else f' dir="{other.direction}"'
    return f'<span lang="{other.code}"{direction}>{text}</span>'


def _link(use: Use, entry: str, language: SiteLanguage) -> str:
    other = "" if use.language == language.code else f'{{ lang="{use.language}" }}'
    return f"[{plain(use.title)}]({use.page}.md#{use_anchor(entry)}){other}"
