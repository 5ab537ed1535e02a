"""Notices: what a reader must know of the translation before trusting it."""

from __future__ import annotations

import posixpath
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from edgedocs.publishing.languages import SiteLanguage
    from edgedocs.translation.status import PageStatus

State = Literal["source", "translated", "machine", "stale", "untranslated"]
"""How a page of the site stands to its source: it is the source; a translation that a person answers for; one by a
machine; one whose source has changed since or that awaits review; or the source itself, for want of a translation."""

SOURCE_LINK = "edgedocs-source"
"""Class of a notice's link to the source page."""


def state_of(status: PageStatus) -> State:
    """The state that readers are told, from that of the segments."""
    if status.state in ("missing", "orphan"):
        return "untranslated"
    if status.state != "fresh":
        return "stale"
    if any(segment.record is not None and segment.record.state == "machine" for segment in status.segments):
        return "machine"
    return "translated"


def as_html(state: State, language: SiteLanguage, source: SiteLanguage) -> str:
    """A page's notice as one line of HTML, with a link to the source page that is led there later; empty if there is
    nothing to say."""
    sentence = language.notices.get(state)
    if sentence is None:
        return ""
    link = escape(language.labels["source_page"].format(language=source.name))
    return (
        f"{_opening(state, language)}><p>{escape(sentence, quote=False)} "
        f'<a class="{SOURCE_LINK}" href="" hreflang="{source.code}">{link}</a></p></div>'
    )


def _opening(state: State, language: SiteLanguage) -> str:
    return (
        f'<div class="edgedocs-notice edgedocs-notice-{state}" lang="{language.code}" dir="{language.direction}" '
        'role="note" data-search-exclude="true"'
    )


def notice_of(state: State, language: SiteLanguage, source: SiteLanguage, page: str) -> str:
    """The notice that a page bears, in Markdown; empty if there is nothing to say.

    Args:
        state: how the page stands to its source.
        language: the language of the site's part, in which the notice speaks.
        source: the source language.
        page: the page below the language's folder, without suffix.
    """
    sentence = language.notices.get(state)
    if sentence is None:
        return ""
    link = escape(language.labels["source_page"].format(language=source.name))
    target = posixpath.relpath(f"{source.code}/{page}.md", posixpath.dirname(f"{language.code}/{page}"))
    return (
        f'{_opening(state, language)} markdown="1">\n\n'
        f'{sentence} [{link}]({target}){{ .{SOURCE_LINK} hreflang="{source.code}" }}\n\n'
        "</div>"
    )
