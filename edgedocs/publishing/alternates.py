"""Alternates: one page in its languages, and which of its addresses search engines are told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.publishing.languages import SiteLanguage
    from edgedocs.publishing.piece import StagedPage
    from edgedocs.publishing.staging import Stage


@dataclass(frozen=True, slots=True)
class Alternate:
    """An entry of the language switch: a language, where it leads from the page at hand, whether it is that page's, and
    how the page stands to its source there, in words of that language."""

    language: str
    name: str
    href: str
    current: bool
    state: str
    standing: str


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A page's address and the addresses of its translations, as ``{"lang": …, "link": …}``."""

    address: str
    alternates: list[dict[str, str]]


@dataclass(frozen=True)
class Addresses:
    """Where the pages of a stage are in the built site.

    Args:
        stage: the staged tree.
        directories: whether a page is a folder with an index, as MkDocs' ``use_directory_urls`` says.
        site: the site's absolute address, or empty if it is not known.
    """

    stage: Stage
    directories: bool
    site: str

    def url(self, name: str, language: str) -> str:
        """The address of a page, relative to the site's root; the source language has no folder of its own."""
        url = _url_of(name, self.directories)
        folder = "" if language == self.stage.languages[0].code else f"{language}/"
        return folder + ("" if url in (".", "./") else url)

    def relative(self, name: str, language: str, base: str) -> str:
        """The address of a page, relative to the page at ``base``."""
        return get_relative_url(self.url(name, language) or ".", base)

    def switch(self, page: StagedPage, base: str) -> list[Alternate]:
        """The language switch of a page whose address is ``base``: it keeps the page."""
        alternates = []
        for language in self.stage.languages:
            state = self.stage.pages[f"{language.code}/{page.name}.md"].state
            href, is_current = self.relative(page.name, language.code, base), language.code == page.language
            standing = language.labels[f"standing_{state}"]
            alternates.append(Alternate(language.code, language.name, href, is_current, state, standing))
        return alternates

    def home(self, language: SiteLanguage, root: str) -> str:
        """The address of a language's first page, for a page that may stand anywhere."""
        return root + self.url("index", language.code)

    def canonical(self, page: StagedPage) -> str | None:
        """The absolute address under which a text is to be found: that of the source page if it is not translated."""
        language = self.stage.languages[0].code if page.state == "untranslated" else page.language
        return urljoin(self.site, self.url(page.name, language)) if self.site else None

    def announced(self, page: StagedPage) -> list[dict[str, str]]:
        """The translations of a page for search engines, absolute; none if the page itself is no translation."""
        if not self.site or page.state == "untranslated":
            return []
        entries = [
            {"lang": language.code, "link": urljoin(self.site, self.url(page.name, language.code))}
            for language in self.stage.languages
            if (other := self.stage.pages.get(f"{language.code}/{page.name}.md")) and other.state != "untranslated"
        ]
        return [*entries, {"lang": "x-default", "link": entries[0]["link"]}] if len(entries) > 1 else []

    def sitemap(self) -> Iterator[SitemapEntry]:
        """All pages whose text is their language's own."""
        for page in self.stage.pages.values():
            address = self.canonical(page)
            if address and page.state != "untranslated":
                yield SitemapEntry(address, self.announced(page))


@lru_cache(maxsize=2**14)
def _url_of(name: str, directories: bool) -> str:
    """What MkDocs makes of a page's name; each page asks it of itself in all languages."""
    url: str = File(f"{name}.md", "", "", directories).url
    return url
