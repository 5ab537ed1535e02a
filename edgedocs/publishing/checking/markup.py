"""Markup: HTML that a browser has to repair, ids that stand twice, pictures without alt, pages without lang."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from edgedocs.core.errors import CannotRun
from edgedocs.core.files import read_text
from edgedocs.publishing.checking.finding import Finding
from edgedocs.publishing.proof import LARGEST_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edgedocs.publishing.expected import ExpectedPage

_SHORTEST = 8
"""Characters; a shorter line of HTML says nothing about where it comes from."""


def check_markup(site: Path, pages: Mapping[Path, ExpectedPage]) -> Iterator[Finding]:
    """What is wrong with the HTML of a site.

    Args:
        site: the site's folder.
        pages: what each HTML file shows, by its path.

    Raises:
        CannotRun: if the library that reads HTML as a browser does is not installed.
    """
    try:
        from justhtml import JustHTML
    except ImportError as error:
        raise CannotRun("justhtml is not installed", remedy='install "edgedocs[site]"') from error
    for path in sorted(site.rglob("*.html")):
        text = read_text(path, LARGEST_PAGE)
        found = [
            (error.line or 1, f"{error.message} ({error.code})") for error in JustHTML(text, collect_errors=True).errors
        ]
        for line, message in [*found, *_own(text)]:
            yield _finding(path, site, pages.get(path), text, line, message)


def _finding(path: Path, site: Path, page: ExpectedPage | None, text: str, line: int, message: str) -> Finding:
    """At the line of the page's file that the HTML comes from, if it is there as it is; else in the HTML file."""
    built = f"{site.name}/{path.relative_to(site).as_posix()}"
    lines = text.splitlines()
    html = lines[line - 1].strip() if line <= len(lines) else ""
    if page is None:
        return Finding(built, line, "html", message)
    for number, written in enumerate(page.text.splitlines(), start=page.lines_before + 1):
        shorter, longer = sorted((written.strip(), html), key=len)
        if "<" in shorter and len(shorter) >= _SHORTEST and shorter in longer:
            return Finding(page.shown, number, "html", f"{message} in {built}:{line}")
    return Finding(page.shown, page.lines_before + 1, "html", f"{message} in {built}:{line}: {html[:80]}")


def _own(text: str) -> Iterator[tuple[int, str]]:
    """What a parser accepts and readers suffer from."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    counts = Counter(identifier for identifier, _ in reader.ids)
    told: set[str] = set()
    for identifier, line in reader.ids:
        if counts[identifier] > 1 and identifier in told:
            yield line, f"the id {identifier!r} stands here once more"
        told.add(identifier)
    yield from reader.problems
    if not reader.has_language:
        yield 1, "the page does not say its language: <html> has no lang"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[tuple[str, int]] = []
        self.problems: list[tuple[int, str]] = []
        self.has_language = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        line = self.getpos()[0]
        if identifier := attributes.get("id"):
            self.ids.append((identifier, line))
        if tag == "html":
            self.has_language = bool(attributes.get("lang"))
        if tag == "img" and "alt" not in attributes:
            self.problems.append((line, f"the picture {attributes.get('src')!r} has no alt"))
