"""Numbering: the catch-all formatter of SuperFences, which marks each code block that MkDocs really renders.

The marks are data attributes, which readers do not see; all else of a block stays as SuperFences makes it.
"""

from __future__ import annotations

import functools
import re
from html import escape
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from edgedocs.publishing import bars
from edgedocs.publishing.memory import Memory, digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown import Markdown  # type: ignore[import-untyped]
    from mkdocs.config.defaults import MkDocsConfig

NUMBER = "data-edgedocs-block"
"""The attribute with the block's number on its page, from 1, in the order of the page's text."""

LANGUAGE = "data-edgedocs-language"
"""The attribute with the block's language, as SuperFences read it."""

KIND = "data-edgedocs-kind"
"""The attribute with what the block is for, as the inventory says."""

_EXTENSION = "pymdownx.superfences"
_NEEDED = ("attr_list", _EXTENSION)
_BUNDLE = "pymdownx.extra"
_OURS = "edgedocs"
_COUNTING = ("auto_title", "line_spans", "line_anchors", "anchor_linenums")
"""Options of Highlight by which a block's HTML has more of its page than the block and its options."""

_OPENING = re.compile(r"<[A-Za-z][\w-]*")


def use_numbering(config: MkDocsConfig, memory: Memory) -> None:
    """Number the code blocks of all pages, also those of the custom fences that the project has; no one need ask.

    Args:
        config: of the build.
        memory: code blocks that were highlighted before, on an earlier page, in another language or by another build.
    """
    for name in _NEEDED:
        if name not in config.markdown_extensions:
            config.markdown_extensions.append(name)
    bundled = config.mdx_configs.get(_BUNDLE, {}).get(_EXTENSION, {})
    options = config.mdx_configs.setdefault(_EXTENSION, dict(bundled))
    fences = options.get("custom_fences") or []
    if not any(fence.get(_OURS) for fence in fences):
        options["custom_fences"] = numbered_fences(fences, memory)


def numbered_fences(fences: list[dict[str, Any]], memory: Memory | None = None) -> list[dict[str, Any]]:
    """The value of SuperFences' ``custom_fences`` that numbers all blocks.

    Args:
        fences: the custom fences of the project; each does what it did.
        memory: code blocks that were highlighted before.
    """
    from pymdownx.superfences import fence_code_format, highlight_validator

    count = _Count(memory or Memory())
    numbered = [
        {**fence, "format": count.mark_result(fence.get("format", fence_code_format)), _OURS: True} for fence in fences
    ]
    if not any(fence.get("name") == "*" for fence in fences):
        catch_all = {"name": "*", "class": "", "format": count.highlight, "validator": highlight_validator}
        numbered.insert(0, {**catch_all, _OURS: True})
    return numbered


class _Count:
    """How many blocks each Markdown converter has rendered; MkDocs makes one for each page."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._rendered: WeakKeyDictionary[Markdown, int] = WeakKeyDictionary()

    def highlight(
        self, source: str, language: str, _class: str, options: dict[str, Any], md: Markdown, **look: Any
    ) -> str:
        """The block as SuperFences highlights it if no custom fence is configured, with the marks."""
        superfences: Any = md.preprocessors["fenced_code_block"]
        look["attrs"] = {**look["attrs"], **self._marks(md, language)}
        settings = superfences.highlight_ext.get_pymdownx_highlight_settings()
        looks = repr((superfences.css_class, sorted(settings.items()), options, sorted(look.items())))
        title_mode = options.get("title_mode", superfences.title_mode)
        columns = look["attrs"].pop(bars.ATTRIBUTE, None)

        def highlighted() -> str:
            html: str = superfences.highlight(src=source, language=language, options=options, md=md, **look)
            return html if columns is None else bars.drawn(html, source, columns)

        if title_mode != "text" or any(settings.get(name) for name in _COUNTING):
            return highlighted()
        return self._memory.recall(digest("code block", looks, source), highlighted)

    def mark_result(self, render: Callable[..., str]) -> Callable[..., str]:
        """The formatter of a custom fence, with the marks on the first element that it gives."""

        @functools.wraps(render)
        def marked(
            source: str, language: str, class_name: str, options: dict[str, Any], md: Markdown, **look: Any
        ) -> str:
            html = render(source, language, class_name, options, md, **look)
            marks = "".join(f' {name}="{value}"' for name, value in self._marks(md, language).items())
            return _OPENING.sub(lambda opening: opening[0] + marks, html, count=1)

        return marked

    def _marks(self, md: Markdown, language: str | None) -> dict[str, str]:
        number = self._rendered.get(md, 0) + 1
        self._rendered[md] = number
        return {NUMBER: str(number), LANGUAGE: escape(language or "")}
