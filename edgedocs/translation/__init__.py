"""Translation: keeping localized pages in step with their source, segment by segment.

Nouns, from the bottom:

* ``normalization`` — what two texts may differ in and still be the same text; their hash.
* ``header`` and ``records`` — the comments at the top and at the end of a translated page, which hold its state.
* ``segments`` — a page as the segments that are translated and the fixed pieces that are repeated.
* ``translated_page`` — header, body and records of one file.
* ``alignment``, ``matching``, ``classification`` — what became of each segment since it was translated.
* ``structure`` — what a translation must have in common with its source.
* ``tree``, ``language``, ``glossary`` — the folders, and what is known of a language.
* ``status``, ``overview`` — the state of a page, and of all pages.
* ``seal`` — one hash that says that a page was in step when it was written.
* ``locks``, ``saving`` — one process at a time writes a page, and only over what it read.
* ``recording`` — noting the state of a translation that people made.
* ``pairs`` — a page beside its translation, as checks and translators see them.
* ``checks``, ``checking``, ``reporting`` — kinds of damage, one module each; looking for them; SARIF, annotations,
  baseline. Called as ``checking.check_tree``.
* ``masking`` — what a translator must not touch, as placeholders.
* ``translators``, ``endpoint`` — who translates, one module each; the client of an OpenAI-compatible server.
* ``sync`` — what is to be done, and doing it: plans, journals, one writer a page.
* ``revising``, ``reviewing``, ``exchange`` — texts that people give: under the three-way law, in the terminal, as PO.
* ``repair`` — text whose bytes were read in another encoding.
* ``interop`` — trees that Co-op Translator made, and notebooks. Called as ``interop.importing.import_tree``.
"""

from edgedocs.translation.language import Language
from edgedocs.translation.overview import Overview, overview
from edgedocs.translation.recording import Recorded, StructureError, record
from edgedocs.translation.status import PageStatus, page_state
from edgedocs.translation.tree import Tree

__all__ = [
    "Language",
    "Overview",
    "PageStatus",
    "Recorded",
    "StructureError",
    "Tree",
    "overview",
    "page_state",
    "record",
]
