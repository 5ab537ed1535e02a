"""Publishing: the search's files in the built site, one a language, loaded when a reader begins to search."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.files import write_text
from edgedocs.publishing.memory import digest
from edgedocs.publishing.search.index import Index
from edgedocs.publishing.search.sections import Section, read_sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from edgedocs.publishing.alternates import Addresses
    from edgedocs.publishing.memory import Memory

FOLDER = "search"
PLUGINS = ("material/search", "search")
_DICTIONARIES = ("jieba_dict", "jieba_dict_user")


def use_memory(config: MkDocsConfig, memory: Memory) -> None:
    """Make Material's plug-in ask the memory when it takes a page apart."""
    plugin = _plugin(config)
    index: Any = getattr(plugin, "search_index", None)
    if getattr(index, "entries", None) is not None and not any(plugin.config.get(name) for name in _DICTIONARIES):
        index.add_entry_from_context = functools.partial(_add_entries, index, memory)


def _add_entries(index: Any, memory: Memory, page: Page) -> None:
    def take() -> list[dict[str, Any]]:
        kept, index.entries = index.entries, []
        type(index).add_entry_from_context(index, page)
        kept, index.entries = index.entries, kept
        found: list[dict[str, Any]] = kept
        return found

    meta = [page.meta.get(name) for name in ("title", "tags", "search")]
    key = digest("entries", page.content, page.url, page.title, meta, str(page.toc))
    index.entries += [dict(entry) for entry in memory.recall(key, take)]


def _plugin(config: MkDocsConfig) -> Any:
    return next((config.plugins[name] for name in PLUGINS if name in config.plugins), None)


def publish(config: MkDocsConfig, addresses: Addresses, languages: Sequence[str]) -> None:
    """Write the indexes in place of the one that Material's plug-in has written; nothing if the site has no search.

    A page that is not translated is found in its language's part of the site by the words of the source.

    Args:
        config: of a site that is built.
        addresses: where its pages are.
        languages: codes of the languages that are built.

    Raises:
        CannotRun: if a library is missing.
    """
    plugin = _plugin(config)
    entries = getattr(getattr(plugin, "search_index", None), "entries", None)
    if plugin is None or entries is None:
        return
    folder = Path(config.site_dir) / FOLDER
    folder.mkdir(exist_ok=True)
    sections = read_sections(entries)
    for language in languages:
        index = Index(language, _sections_of(language, sections, addresses))
        write_text(folder / f"{language}.js", index.script())
    _write_stub(folder, plugin)


def _sections_of(language: str, sections: Sequence[Section], addresses: Addresses) -> list[Section]:
    source = addresses.stage.languages[0].code
    pages = addresses.stage.pages.values()
    own = {addresses.url(page.name, language) for page in pages if page.language == language}
    borrowed = {
        addresses.url(page.name, source): addresses.url(page.name, language)
        for page in pages
        if page.language == language and page.state == "untranslated"
    }
    found = [section for section in sections if section.page in own]
    found += [
        Section(borrowed[section.page], section.anchor, section.title, section.text)
        for section in sections
        if section.page in borrowed
    ]
    return found


def _write_stub(folder: Path, plugin: Any) -> None:
    """What Material fetches with each page: the settings of its search, and no texts."""
    config = {key: plugin.config[key] for key in ("lang", "separator", "pipeline", "fields")}
    stub = json.dumps({"config": config, "docs": []}, default=str, separators=(",", ":"))
    write_text(folder / "search_index.json", stub)
    write_text(folder / "search_index.js", f"var __index = {stub}\n")
