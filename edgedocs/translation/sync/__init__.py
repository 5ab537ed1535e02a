"""Sync: bringing translations in step with their source, segment by segment.

Nouns, from the bottom:

* ``scalars`` and ``wording`` — a segment as the text that a translator sees, and an answer as the segment.
* ``placing`` — whether an answer is read as the same kind of block in its place.
* ``journal`` — answers that are kept until their page is written.
* ``planning`` — what must be done, by the one classifier, and what it takes.
* ``answering`` — one segment: asked, checked, asked again.
* ``assembling`` and ``writing`` — the page, in the order and layout of its source.
* ``engine`` — many pages, many threads.
* ``trial`` — languages that nobody speaks.
"""

from edgedocs.translation.sync.engine import Engine, PageResult, Synced
from edgedocs.translation.sync.planning import Plan, due, plans, require_languages

__all__ = ["Engine", "PageResult", "Plan", "Synced", "due", "plans", "require_languages"]
