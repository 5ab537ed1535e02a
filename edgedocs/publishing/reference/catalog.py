"""Catalog: the table of formats and the matrix of what converts into and runs what, from the catalog's data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_json_object
from edgedocs.publishing.reference.generated import GeneratedPage
from edgedocs.publishing.reference.wording import code, heading, plain, sentence, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

YES = "yes"
NO = "–"


def catalog_pages(path: Path, origin: str) -> Iterator[GeneratedPage]:
    """The pages that a catalog gives.

    Args:
        path: a catalog, as ``edgedocs catalog --json`` prints it.
        origin: what readers are told that the pages are made of.

    Raises:
        BadInput: if it is no catalog.
    """
    found = read_json_object(path)
    try:
        yield GeneratedPage("reference/formats", _formats(found), origin)
        yield GeneratedPage("reference/support", _support(found), origin)
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"no catalog: {error}", where=path, expected="what `edgedocs catalog --json` prints") from error


def _formats(catalog: Mapping[str, Any]) -> str:
    rows = [
        (code(one["name"]), str(one["block_size"]), str(one["block_bytes"]), f"{one['bits_per_weight']:g}")
        for one in sorted(catalog["formats"], key=lambda one: (-one["bits_per_weight"], one["name"]))
    ]
    return "\n\n".join(
        [
            _front("All block formats of EdgeDocs with their sizes."),
            heading(1, "Formats", "formats"),
            f"All {len(rows)} formats, the largest first. A block is what shares a scale; bits per weight count it.",
            table(("Format", "Weights a block", "Bytes a block", "Bits per weight"), rows),
            heading(2, "Recipes", "recipes"),
            "A recipe chooses a format for each tensor of a model. These are known:",
            _names(catalog["recipes"]),
        ]
    )


def _support(catalog: Mapping[str, Any]) -> str:
    converters, runners = catalog["converters"], catalog["runners"]
    targets = [one["name"] for one in converters]
    others = sorted({form for runner in runners for form in runner["formats"]} - set(targets))
    columns = [*targets, *others]
    matrix = [
        (code(runner["name"]), *(YES if form in runner["formats"] else NO for form in columns)) for runner in runners
    ]
    return "\n\n".join(
        [
            _front("Which runner loads what, which converter writes which types, and what each of them requires."),
            heading(1, "Support matrix", "support"),
            heading(2, "What each runner loads", "runners"),
            "A row is a runner, a column what it loads: a format that a converter writes, a checkpoint, or the "
            "address of a server.",
            table(("Runner", *map(code, columns)), matrix),
            heading(2, "What runners require", "runner-requirements"),
            table(("Runner", "Python modules"), [(code(one["name"]), _names(one["requires"])) for one in runners]),
            heading(2, "What each converter writes", "converters"),
            table(
                ("Converter", "Types", "Python modules"),
                [(code(one["name"]), _names(one["types"]), _names(one["requires"])) for one in converters],
            ),
            heading(2, "Architectures", "architectures"),
            table(
                ("Architecture", "Names in a model's configuration"),
                [(code(one["name"]), _names(one["model_types"])) for one in catalog["architectures"]],
            ),
        ]
    )


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(code, names)) if names else "none"


def _front(description: str) -> str:
    return f"---\ndescription: {plain_value(description)}\n---"


def plain_value(text: str) -> str:
    """A text as a value of front matter."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def index_page(pages: Iterable[tuple[str, str, str]], origin: str) -> GeneratedPage:
    """The page that leads to the others.

    Args:
        pages: of each its name, its title and what it holds.
        origin: what readers are told that the page is made of.
    """
    rows = [
        f"- [{plain(title)}]({name.removeprefix('reference/')}.md): {sentence(words)}" for name, title, words in pages
    ]
    text = "\n\n".join(
        [
            _front("What is made from the library itself: formats, support, commands, Python modules."),
            heading(1, "Reference", "reference"),
            "These pages are made from the library itself each time this site is built. They are in English only.",
            "\n".join(rows),
        ]
    )
    return GeneratedPage("reference/index", text, origin)
