"""Rendering: a page's Markdown as HTML, taken from memory if nothing that the conversion reads has changed.

Python-Markdown reads the page's text, its own extensions and their options, and, to lead links, the list of files. An
extension may read more: files that it includes, other pages. Only those are trusted that are known to read nothing
more; with any other, each page is converted anew.
"""

from __future__ import annotations

import copy
import functools
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mkdocs.structure.toc import AnchorLink, TableOfContents

from edgedocs.publishing.memory import digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from edgedocs.publishing.memory import Memory

CLOSED = frozenset(
    {
        *("abbr", "admonition", "attr_list", "codehilite", "def_list", "extra", "fenced_code", "footnotes"),
        *("md_in_html", "meta", "nl2br", "sane_lists", "smarty", "tables", "toc", "wikilinks"),
        *("pymdownx.arithmatex", "pymdownx.betterem", "pymdownx.caret", "pymdownx.critic", "pymdownx.details"),
        *("pymdownx.escapeall", "pymdownx.extra", "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.keys"),
        *("pymdownx.mark", "pymdownx.smartsymbols", "pymdownx.superfences", "pymdownx.tabbed", "pymdownx.tasklist"),
        *("pymdownx.tilde", "pymdownx.blocks.admonition", "pymdownx.blocks.definition", "pymdownx.blocks.details"),
        *("pymdownx.blocks.html", "pymdownx.blocks.tab"),
    }
)
"""Extensions that read nothing but the page and their options."""

_CLOSED_MODULES = ("edgedocs.publishing.", "markdown.", "pymdownx.")
_PREFIX = "markdown.extensions."


class _OpenError(Exception):
    """A configuration whose conversion may read what nobody knows."""


@dataclass(frozen=True)
class _Rendered:
    """What converting leaves on a page; ``links`` name files by their path in the tree."""

    content: str | None
    toc: TableOfContents
    title: str | None
    anchors: set[str] | None
    links: dict[str, dict[str, str]] | None


def use_memory(page: Page, memory: Memory, key: str | None) -> None:
    """Make MkDocs ask the memory when it converts a page.

    Args:
        page: a page that is not converted yet.
        memory: what earlier builds made.
        key: of all that converting reads beside the page, from :func:`key_of`; None if that is not known.
    """
    if key is not None:
        page.render = functools.partial(_render, page, memory, key)  # type: ignore[method-assign]


def key_of(config: MkDocsConfig, files: Files, language: str | None) -> str | None:
    """The hash of all that converting reads beside a page; None if an extension may read more.

    Args:
        config: of the build.
        files: all files of the build, which links may lead to.
        language: the one that is being built; links lead to its files first.
    """
    names = {name.removeprefix(_PREFIX) for name in config.markdown_extensions}
    if not names <= CLOSED or logging.getLogger("mkdocs").getEffectiveLevel() <= logging.DEBUG:
        return None
    try:
        options = _described(config.mdx_configs)
    except _OpenError:
        return None
    places = sorted((file.src_uri, file.url, str(file.inclusion)) for file in files)
    looks = (config.use_directory_urls, sorted(config.validation.items(), key=str))
    return digest("rendering", list(config.markdown_extensions), options, looks, places, language)


def _described(value: object) -> str:
    """A text that says all of an option: functions by their names, which must be those of known modules."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_described(key)}:{_described(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_described(entry) for entry in value) + "]"
    if isinstance(value, functools.partial):
        return f"partial({_described(value.func)},{_described(value.args)},{_described(value.keywords)})"
    name, module = getattr(value, "__qualname__", ""), getattr(value, "__module__", None) or ""
    if not callable(value) or not name or "<" in name or not module.startswith(_CLOSED_MODULES):
        raise _OpenError
    return f"{module}.{name}"


def _render(page: Page, memory: Memory, key: str, config: MkDocsConfig, files: Files) -> None:
    file = page.file
    key = digest("render", key, file.src_uri, file.url, file.inclusion, page.markdown)
    told: list[logging.LogRecord] = []

    def convert() -> _Rendered:
        with _listening(told):
            type(page).render(page, config, files)
        return _taken_from(page)

    rendered = memory.recall(key, convert, lambda made: not told)
    page.content = rendered.content
    page.toc = _copy_of(rendered.toc)
    vars(page)["_title_from_render"] = rendered.title
    page.present_anchor_ids = None if rendered.anchors is None else set(rendered.anchors)
    page.links_to_anchors = None if rendered.links is None else _files_of(rendered.links, files)


def _taken_from(page: Page) -> _Rendered:
    links = page.links_to_anchors
    named = None if links is None else {file.src_uri: dict(anchors) for file, anchors in links.items()}
    title: str | None = vars(page).get("_title_from_render")
    return _Rendered(page.content, _copy_of(page.toc), title, page.present_anchor_ids, named)


def _copy_of(toc: TableOfContents) -> TableOfContents:
    """A table of contents that may be changed without changing the other."""
    return TableOfContents([_entry_of(entry) for entry in toc])


def _entry_of(entry: AnchorLink) -> AnchorLink:
    copied = copy.copy(entry)
    copied.children = [_entry_of(child) for child in entry.children]
    return copied


def _files_of(links: Mapping[str, dict[str, str]], files: Files) -> dict[Any, dict[str, str]]:
    return {files.src_uris[name]: dict(anchors) for name, anchors in links.items()}


@contextmanager
def _listening(told: list[logging.LogRecord]) -> Iterator[None]:
    """Note what MkDocs warns of; a page with a warning is converted anew, so that it warns again."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record)

    logger, listener = logging.getLogger("mkdocs"), Listener()
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
