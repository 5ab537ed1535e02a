"""Trees of pages, each of which has one plant."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edgedocs.translation import Tree
from tests.translation.planting import corpus
from tests.translation.planting.catalogue import KINDS
from tests.translation.planting.corpus import CorpusPage
from tests.translation.planting.kinds import Kind, Plant

PLACES = 3
"""In each language, from its first pages to its last."""


@dataclass(frozen=True)
class Planted:
    """One plant in one language.

    Args:
        kind: what was planted.
        language: code of the language.
        page: name that the page has in the tree.
        recorded: whether the page has records, which were made before the plant.
        plant: what it is.
    """

    kind: Kind
    language: str
    page: str
    recorded: bool
    plant: Plant


def planted(language: str, kinds: Iterable[Kind] = KINDS, places: int = PLACES) -> Iterator[Planted]:
    """Every kind at some places of the language's pages, evenly spread; at all if there are fewer."""
    number = 0
    for kind in kinds:
        for plant in _spread(_plants(kind, language), places):
            for recorded in kind.recorded:
                number += 1
                yield Planted(kind, language, f"{plant.page.name.removesuffix('.md')}-{number:04}.md", recorded, plant)


def _plants(kind: Kind, language: str) -> list[Plant]:
    found = []
    for page in corpus.pages(language):
        for plant in kind.plant(page):
            whole = plant if isinstance(plant, Plant) else Plant(plant)
            changes = whole != Plant(page)
            assert kind.is_clean or changes, f"{kind.name!r} changes nothing in {language} {page.name}"
            found.append(whole)
    return found


def _spread(plants: list[Plant], places: int) -> list[Plant]:
    """Some of them: the first, and others; the steps are odd so that not every one is of the same variety."""
    if len(plants) <= places:
        return plants
    step = len(plants) // places
    return [plants[place * step + min(place, step - 1)] for place in range(places)]


def plant_tree(root: Path, language: str, plants: Iterable[Planted]) -> Tree:
    """A tree with a page for each plant, and with the clean pages, so that links between pages hold."""
    sources, translations = root / "docs", root / "translations"
    shutil.copytree(corpus.FOLDER / "docs", sources)
    shutil.copytree(corpus.FOLDER / "snippets", root / "snippets")
    shutil.copytree(corpus.FOLDER / "translations" / language, translations / language)
    for one in plants:
        plant = one.plant
        if plant.has_source:
            _write(sources / one.page, plant.page.source, plant.source_newline)
        if plant.has_translation:
            _write(translations / language / one.page, plant.mark + _translation(one), plant.newline)
    return Tree.open(sources, translations)


def _write(path: Path, text: str, newline: str) -> None:
    path.write_bytes(text.replace("\n", newline).encode())


def _translation(one: Planted) -> str:
    page = one.plant.page
    if one.recorded:
        return page.header.replace(f"docs/{page.name}", f"docs/{one.page}") + page.body + page.records
    if one.plant.header is not None:
        return one.plant.header.replace(page.name, one.page) + page.body
    return legacy_header(page, one.page, one.plant.before or page.source) + page.body


def legacy_header(page: CorpusPage, name: str, source: str) -> str:
    """The header of a page without records."""
    fields = {
        "original_hash": hashlib.md5(source.encode()).hexdigest(),
        "translation_date": "2026-11-21T10:00:00+00:00",
        "source_file": f"docs/{name}",
        "language_code": page.language,
    }
    return f"<!--\nCO_OP_TRANSLATOR_METADATA:\n{json.dumps(fields, indent=2)}\n-->\n"
