"""Trial languages: ``x-pseudo`` and others with a code for private use, which nobody speaks and pseudo fills."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.translation.language import CODE, FILE_NAME, NOTICES, bare
from edgedocs.translation.status import PageStatus
from edgedocs.translation.sync.planning import Due
from edgedocs.translation.translators.base import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgedocs.translation.translators.base import Translator
    from edgedocs.translation.tree import Tree

PRIVATE = "x-"

_SENTENCES = {
    "stale": "The original of this page has changed.",
    "untranslated": "This page is not translated yet.",
    "machine": "A machine translated this page.",
}


def is_trial(tree: Tree, code: str) -> bool:
    """Whether a code is for private use, and the tree has no such language yet."""
    return code.startswith(PRIVATE) and bool(CODE.fullmatch(code)) and code not in tree.languages()


def start(tree: Tree, code: str, translator: Translator) -> None:
    """Make the folder of a trial language, with a ``language.toml`` whose sentences the translator gives."""
    language = bare(code)
    lines = [f'name = "{code}"', 'direction = "ltr"', 'plural = "nplurals=2; plural=(n != 1);"', "", "[notices]"]
    for key in NOTICES:
        sentence = translator.translate(Request(language, FILE_NAME, "paragraph", _SENTENCES[key])).text
        lines.append(f"{key} = {json.dumps(sentence, ensure_ascii=False)}")
    folder = tree.translations / code
    folder.mkdir(exist_ok=True)
    files.write_text(folder / FILE_NAME, "\n".join([*lines, ""]))


def due(tree: Tree, code: str, pages: Sequence[str]) -> list[Due]:
    """All pages, of a language that has no folder yet."""
    return [Due(code, page, PageStatus("missing")) for page in tree.pages() if not pages or page in pages]
