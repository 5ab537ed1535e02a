"""Markup: HTML that a browser has to repair, and what is wrong with its elements, where the page was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgedocs.core.errors import CannotRun
from edgedocs.core.files import read_text
from edgedocs.publishing.built import LARGEST_FILE
from edgedocs.publishing.checking.elements import Problem, problems_of
from edgedocs.publishing.checking.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edgedocs.publishing.expected import ExpectedPage

_SHORTEST = 8
"""Characters; a shorter line of HTML says nothing about where it comes from."""

_STRAY = "unexpected-end-tag"
_REMEDY = "write it as HTML wants it, or as Markdown"


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
        text = read_text(path, LARGEST_FILE)
        problems = problems_of(text)
        found = bool(problems)
        for repaired in JustHTML(text, collect_errors=True).errors:
            if not found or repaired.code != _STRAY:  # which follows from a problem that has been found before it
                problems.append(Problem(repaired.line or 1, f"{repaired.message} ({repaired.code})", _REMEDY))
        for problem in problems:
            yield _finding(path, site, pages.get(path), text, problem)


def _finding(path: Path, site: Path, page: ExpectedPage | None, text: str, problem: Problem) -> Finding:
    """At the line of the page's file that the HTML comes from, if it is there as it is; else in the HTML file."""
    line, message, remedy = problem.line, problem.message, problem.remedy
    built = f"{site.name}/{path.relative_to(site).as_posix()}"
    lines = text.splitlines()
    html = lines[line - 1].strip() if line <= len(lines) else ""
    if page is None:
        return Finding(built, line, "html", message, remedy)
    for number, written in enumerate(page.text.splitlines(), start=page.lines_before + 1):
        shorter, longer = sorted((written.strip(), html), key=len)
        if "<" in shorter and len(shorter) >= _SHORTEST and shorter in longer:
            return Finding(page.shown, number, "html", f"{message} in {built}:{line}", remedy)
    return Finding(page.shown, page.lines_before + 1, "html", f"{message} in {built}:{line}: {html[:80]}", remedy)
