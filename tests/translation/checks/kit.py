"""What the tests of checks share: a page and its translation as a check sees them."""

from __future__ import annotations

from pathlib import Path

from edgedocs.translation.checking import check_page
from edgedocs.translation.checks import Finding
from edgedocs.translation.glossary import Term
from edgedocs.translation.header import Header
from edgedocs.translation.language import bare
from edgedocs.translation.pairs import PageContext, PagePair
from edgedocs.translation.status import SourcePage, status_of
from edgedocs.translation.translated_page import TranslatedPage


def page_pair(
    source: str,
    target: str,
    language: str = "cs",
    *,
    page: str = "page.md",
    source_folder: str = "../../docs",
    glossary: tuple[Term, ...] = (),
) -> PagePair:
    """A page that was made from its source as it is, without records."""
    original = SourcePage(Path("docs") / page, source)
    header = Header(original.hash, "2026-11-21T10:00:00+00:00", f"docs/{page}", language, {})
    translation = TranslatedPage(header, target, None)
    context = PageContext(bare(language), page, glossary, source_folder)
    status = status_of(original, translation, page)
    return PagePair(context, original, translation, translation.outline(page), status)


def findings(check: str, source: str, target: str, language: str = "cs", **context: str) -> list[Finding]:
    """What one check finds on a page, without what is for information only."""
    found = check_page(page_pair(source, target, language, **context), [check])
    return [finding for finding in found if finding.severity != "info"]
