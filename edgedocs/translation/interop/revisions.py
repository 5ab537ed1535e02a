"""Revisions: what of a page has been edited since a machine translated it, told from the versions in git."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.translation.interop import notebooks
from edgedocs.translation.matching import same
from edgedocs.translation.normalization import digest
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.translation.header import Header
    from edgedocs.translation.history import History
    from edgedocs.translation.segments import Outline

_DESTINATION = re.compile(r"(?<=\]\()[^()\s]{1,2000}|(?<=src=\")[^\"\s]{1,2000}|(?<=href=\")[^\"\s]{1,2000}")


def as_translated(history: History, path: Path, header: Header) -> Outline | None:
    """The page as the first commit after its translation left it; None if git does not have that version.

    A version with the header of another translation was committed late, or is another one's.
    """
    translated = _seconds(header.translation_date)
    if translated is None:
        return None
    for version in reversed(history.versions(path)):
        if version.time < translated:
            continue
        page = _parsed(history.text(version), path)
        if page is not None and (page.header is None or page.header.translation_date == header.translation_date):
            return page.outline(path.as_posix())
    return None


def _seconds(date: str) -> float | None:
    try:
        moment = datetime.fromisoformat(date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _parsed(text: str | None, path: Path) -> TranslatedPage | None:
    if text is None:
        return None
    where = f"{path.as_posix()} (an older version)"
    try:
        return TranslatedPage.parse(notebooks.page_text(text, path), where)
    except BadInput:
        return None


def edited_since(before: Outline, now: Outline) -> frozenset[int]:
    """Lines of the segments whose words were not there before.

    Where links and images point to is left out of account: the tool itself rewrites that long after a translation.
    """
    old = [_words(segment.text) for segment in before.segments]
    new = [_words(segment.text) for segment in now.segments]
    kept = set(same(old, new).by_old.values())
    return frozenset(segment.line for place, segment in enumerate(now.segments) if place not in kept)


def _words(text: str) -> str:
    return digest(_DESTINATION.sub("", text))
