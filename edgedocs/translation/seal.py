"""Seal: one hash in the header that says a page was in step when it was written, so that nothing has to be scanned.

A page is sealed when the classifier finds every segment fresh and no difference in what must be the same. While the
source has the hash of the header and the seal holds, nothing can have changed, and its status is known without
splitting either text. Whatever changes a byte of body or records, other than line ends, breaks the seal.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.translation import header as headers
from edgedocs.translation.normalization import unify_line_ends
from edgedocs.translation.status import status_of
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from edgedocs.translation.status import SourcePage

KEY = "edgedocs_seal"
"""Of the header: version, number of segments and hash."""

_VERSION = "v1"
_SEAL = re.compile(rf"{_VERSION} (\d{{1,6}}) ([0-9a-f]{{32}})")


def render(page: TranslatedPage, source: SourcePage, where: str) -> str:
    """The file's text, sealed if the page is in step with its source; a seal that it had before goes.

    Args:
        page: the translated page, with header and records.
        source: its source.
        where: path of the page, for messages.
    """
    if page.header is None:
        return page.render()
    others = {key: value for key, value in page.header.others.items() if key != KEY}
    header = replace(page.header, others=others)
    text = replace(page, header=header).render()
    if header.original_hash != source.hash:
        return text
    # What the file will say, not what this object holds: the scan of the one is what later readers get.
    status = status_of(source, TranslatedPage.parse(text, where), where)
    if not status.recorded or status.counts.keys() - {"fresh"} or status.differences:
        return text
    count = len(status.segments)
    span = headers.find(text)
    rest = text[span[1] if span else 0 :]
    sealed = {**others, KEY: f"{_VERSION} {count} {_hash(source.hash, count, rest)}"}
    return replace(page, header=replace(header, others=sealed)).render()


def held(text: str, original_hash: str) -> int | None:
    """How many segments a page has, all fresh, if its seal holds; None if it has none that does.

    Args:
        text: the translated page, its line ends as they are.
        original_hash: that of its source as it is now.
    """
    span = headers.find(text) if KEY in text[:4096] else None
    if span is None:
        return None
    try:
        header = headers.of_comment(text[slice(*span)], "")
    except BadInput:
        return None
    if header.original_hash != original_hash:
        return None
    match = _SEAL.fullmatch(str(header.others.get(KEY)))
    if match is None:
        return None
    count = int(match[1])
    return count if _hash(original_hash, count, text[span[1] :]) == match[2] else None


def _hash(original_hash: str, count: int, rest: str) -> str:
    """The hash of a page behind its header, whatever its line ends."""
    rest = unify_line_ends(rest)
    return hashlib.sha256(f"{_VERSION} {original_hash} {count}\n{rest}".encode()).hexdigest()[:32]
