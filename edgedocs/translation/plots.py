"""Plots: the labels of pictures that examples draw, and what a language makes of them, from its ``plots.tsv``.

A label is a text in a drawing (SVG) that stands there as text. Where it has numbers, which another run may change, the
file has ``{1}``, ``{2}`` … in their place. A label without words, such as ``0.5`` or ``Q4_K``, needs no translation.
"""

from __future__ import annotations

import html
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.pages.scanner import scan
from edgedocs.translation import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edgedocs.translation.tree import Tree

FILE_NAME = "plots.tsv"
COLUMNS = ("label", "translation", "note")
LARGEST = 4 * 2**20
"""Bytes of a drawing; a larger one stays as it is."""

TEXT = re.compile(r"(?P<before><text\b[^<>]*>\s*)(?P<label>[^<\s][^<]*)(?=</text\s*>)")
"""A text of a drawing that is not cut into pieces, as a formula is."""

NUMBER = re.compile(r"(?<![\w.,])[-+−]?\d+(?:\.\d+)?(?!\w|[.,]\d)")
_NAME = re.compile(r"\w*[\d_]\w*")
_PLACE = re.compile(r"\{(\d+)\}")
_LINK = re.compile(r"\]\(\s*<?(?P<target>[^][()\s>#:]+\.svg)")


@dataclass(frozen=True)
class PlotLabel:
    """A line of ``plots.tsv``: its number, a label, and what the language makes of it."""

    line: int
    label: str
    translation: str


@dataclass(frozen=True)
class Plot:
    """A drawing that a page shows and that is no file of the source.

    Args:
        target: its address on the page.
        line: number of the line of the page.
        labels: those that need a translation, each once, as ``plots.tsv`` has them.
    """

    target: str
    line: int
    labels: tuple[str, ...]


def as_listed(label: str) -> tuple[str, list[str]]:
    """A label as ``plots.tsv`` has it, and the numbers that stand at its places.

    Args:
        label: as it stands in a drawing, with entities for characters.
    """
    text = " ".join(html.unescape(label).split())
    numbers = NUMBER.findall(text)
    places = iter(range(1, len(numbers) + 1))
    return NUMBER.sub(lambda _: f"{{{next(places)}}}", text), numbers


def filled(listed: str, numbers: list[str]) -> str:
    """A text of ``plots.tsv`` with numbers at its places."""
    return _PLACE.sub(lambda place: numbers[int(place[1]) - 1], listed)


def has_words(listed: str) -> bool:
    """Whether a label has words; what has digits or underscores in it is the name of something."""
    return any(character.isalpha() for character in _NAME.sub("", listed))


def load(folder: Path) -> tuple[PlotLabel, ...]:
    """The labels in the folder of a language, in the file's order; none if it has no ``plots.tsv``.

    Raises:
        BadInput: if a line is malformed, is there already, or has other places for numbers on its two sides.
    """
    path = folder / FILE_NAME
    found: dict[str, PlotLabel] = {}
    for number, (label, translation, _) in tables.rows(path, COLUMNS, "label"):
        where = f"{path}:{number}"
        if label in found:
            raise BadInput(f"{label!r} is there already", where=where, expected="each label once")
        places = _PLACE.findall(label)
        in_order = places == [str(place) for place in range(1, len(places) + 1)]
        if not in_order or as_listed(html.escape(filled(label, ["0"] * len(places))))[0] != label:
            raise BadInput(
                f"no plot can have the label {label!r}",
                where=where,
                expected="{1}, {2} … in the places of its numbers",
                remedy="copy the label from what edgedocs translate check says",
            )
        if sorted(_PLACE.findall(translation)) != sorted(places):
            expected = " ".join(f"{{{place}}}" for place in places) or "none, as in the label"
            raise BadInput("other places for numbers than in the label", where=where, expected=expected)
        found[label] = PlotLabel(number, label, translation)
    return tuple(found.values())


def plots_of(tree: Tree, page: str, text: str) -> tuple[Plot, ...]:
    """The plots that a page of the source shows, those with labels that need a translation.

    Only drawings of the project count: those below the folder that holds source and translations.

    Args:
        tree: source and translations.
        page: its name.
        text: the page.
    """
    if ".svg" not in text:
        return ()
    found = []
    for target, line in _links(text):
        path = _recorded(tree, page, target)
        if path and (labels := _labels(path)):
            found.append(Plot(target, line, labels))
    return tuple(found)


def _recorded(tree: Tree, page: str, target: str) -> Path | None:
    """The drawing of the project that an address on a page leads to; None if it is none, or a file of the source."""
    try:
        source = tree.source.resolve()
        project = os.path.commonpath([source, tree.translations.resolve()])
        path = (source / page).parent.joinpath(target).resolve()
        inside = path.is_relative_to(project) and not path.is_relative_to(source)
        return path if inside and path.is_file() else None
    except (OSError, ValueError):  # a name too long, a null character, two drives
        return None


def _links(text: str) -> Iterator[tuple[str, int]]:
    for block in scan(text):
        if block.kind not in ("fence", "code", "comment", "front-matter"):
            for match in _LINK.finditer(block.text):
                yield match["target"], block.line + block.text.count("\n", 0, match.start())


def _labels(path: Path) -> tuple[str, ...]:
    try:
        text = files.read_bytes(path, LARGEST).decode("utf-8")
    except (EdgeDocsError, UnicodeDecodeError):
        return ()
    labels = (as_listed(match["label"])[0] for match in TEXT.finditer(text))
    return tuple(dict.fromkeys(label for label in labels if has_words(label)))


def as_mapping(labels: Iterable[PlotLabel]) -> Mapping[str, str]:
    """What a language makes of each label."""
    return {label.label: label.translation for label in labels}
