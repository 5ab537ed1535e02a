"""Publishing: the notebooks' files in the built site, each beside its page, and the links to them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from mkdocs.utils import get_relative_url

from edgedocs.core.files import write_bytes
from edgedocs.publishing.memory import Memory, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from edgedocs.publishing.alternates import Addresses
    from edgedocs.publishing.piece import StagedPage

SUFFIX = ".ipynb"


def location(page: StagedPage, addresses: Addresses) -> str:
    """The notebook's address, relative to the site's root: ``"cs/04-gguf.ipynb"``."""
    source = addresses.stage.languages[0].code
    return ("" if page.language == source else f"{page.language}/") + page.name + SUFFIX


def link(page: StagedPage, addresses: Addresses, base: str) -> str | None:
    """Where the page whose address is ``base`` gets its notebook; None if it has none."""
    draft = addresses.stage.notebooks.get(page.path)
    if draft is None:
        return None
    return get_relative_url(location(page, addresses), base)


def publish(
    folder: Path,
    addresses: Addresses,
    languages: Collection[str],
    install: Callable[[StagedPage], str] = lambda page: "",
    memory: Memory | None = None,
) -> int:
    """Write the notebooks of the languages that are built; gives their number.

    Links lead to the pages of the site, absolute if its address is known.

    Args:
        folder: the site's.
        addresses: where its pages are.
        languages: codes of the languages that are built.
        install: gives the command by which readers install what a page's examples need, or nothing.
        memory: what earlier builds made of the same pages.

    Raises:
        BadInput: if a page has what cannot be written; names the place.
    """
    memory = memory or Memory()
    codes = [language.code for language in addresses.stage.languages]
    places = digest("places", addresses.site, addresses.directories, codes)
    count = 0
    for path, draft in addresses.stage.notebooks.items():
        page = addresses.stage.pages[path]
        if page.language not in languages:
            continue
        target = location(page, addresses)

        def address(name: str, page: StagedPage = page, target: str = target) -> str:
            url = addresses.url(name, page.language)
            return urljoin(addresses.site, url) if addresses.site else get_relative_url(url or ".", target)

        file = folder / target
        file.parent.mkdir(parents=True, exist_ok=True)
        command = install(page)
        key = digest("notebook", addresses.stage.keys.get(path), path, target, command, places)
        make = functools.partial(draft.write, address, command)
        known = path in addresses.stage.keys and not draft.has_pictures
        write_bytes(file, memory.recall(key, make) if known else make())
        count += 1
    return count
