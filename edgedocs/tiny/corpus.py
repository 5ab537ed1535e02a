"""The text that ``tiny`` learnt: LibreOffice's help pages in five languages, as plain paragraphs.

The pages come from Debian's packages ``libreoffice-help-en-us``, ``-cs``, ``-sl``, ``-et`` and ``-pl``
(MPL-2.0), which install the same page under the same relative path in every language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

HELP_ROOT = Path("/usr/share/libreoffice/help")
LANGUAGE_FOLDERS = {"en": "en-US", "cs": "cs", "sl": "sl", "et": "et", "pl": "pl"}
HELD_OUT_SHARE = 40
"""One page in this many is held out; its path alone decides, so it is the same in each language."""
SHORTEST_PAGE = 200
"""Characters; shorter pages are redirects and lists of links."""

_TEXT_TAGS = {"h1", "h2", "h3", "h4", "h5", "h6", "p"}
_HIDDEN_TAGS = {"script", "style", "pre", "table", "nav"}


@dataclass(frozen=True)
class HelpPage:
    """One page: its path below the language folder and its paragraphs, the title first."""

    path: str
    paragraphs: tuple[str, ...]

    @property
    def held_out(self) -> bool:
        """Whether the page is kept from training."""
        return hashlib.sha256(self.path.encode()).digest()[0] % HELD_OUT_SHARE == 0

    @property
    def text(self) -> str:
        """The paragraphs as lines."""
        return "\n".join(self.paragraphs) + "\n"


class _Paragraphs(HTMLParser):
    """Collects headings and paragraphs of the content area, outside tables and code listings."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside_content = False
        self._hidden = 0
        self._current: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if dict(attrs).get("id") == "DisplayArea":
            self._inside_content = True
        elif tag in _HIDDEN_TAGS:
            self._hidden += 1
        elif tag in _TEXT_TAGS and self._inside_content:
            self._current = []

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN_TAGS:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _TEXT_TAGS and self._current is not None:
            paragraph = " ".join("".join(self._current).split())
            if paragraph and not self._hidden:
                self.found.append(paragraph)
            self._current = None

    def handle_data(self, data: str) -> None:
        if self._current is not None:
            self._current.append(data)


def paragraphs(html: str) -> tuple[str, ...]:
    """The headings and paragraphs of a help page, in order, with blanks folded."""
    parser = _Paragraphs()
    parser.feed(html)
    parser.close()
    return tuple(parser.found)


def pages(language: str, root: Path = HELP_ROOT) -> Iterator[HelpPage]:
    """The help pages of one language, in the order of their paths.

    Raises:
        FileNotFoundError: if the language's help is not installed below ``root``.
    """
    folder = root / LANGUAGE_FOLDERS[language] / "text"
    if not folder.is_dir():
        package = f"libreoffice-help-{LANGUAGE_FOLDERS[language].lower()}"
        raise FileNotFoundError(f"{folder}: no help pages; install Debian's package {package}")
    for file in sorted(folder.rglob("*.html")):
        path = file.relative_to(folder).as_posix()
        yield HelpPage(path, paragraphs(file.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Corpus:
    """One language, split into pages to learn from and text that was kept apart."""

    language: str
    training: tuple[HelpPage, ...]
    held_out: str


def split(language: str, root: Path = HELP_ROOT) -> Corpus:
    """Split a language's pages, each paragraph kept once and untranslated English ones dropped.

    The help repeats itself (notes, menu paths), so a held-out paragraph that also stands in a training page
    would measure memory instead of learning.
    """
    every = list(pages(language, root))
    seen: set[str] = set()
    if language != "en":
        seen.update(paragraph for page in pages("en", root) for paragraph in page.paragraphs)
    training = _unseen([page for page in every if not page.held_out], seen)
    held_out = _unseen([page for page in every if page.held_out], seen)
    return Corpus(language, tuple(training), "\n".join(page.text for page in held_out))


def _unseen(every: list[HelpPage], seen: set[str]) -> list[HelpPage]:
    """The pages with only the paragraphs that are not in ``seen`` yet, which is added to; short pages are dropped."""
    kept: list[HelpPage] = []
    for page in every:
        fresh = tuple(dict.fromkeys(paragraph for paragraph in page.paragraphs if paragraph not in seen))
        seen.update(fresh)
        if sum(map(len, fresh)) >= SHORTEST_PAGE:
            kept.append(HelpPage(page.path, fresh))
    return kept
