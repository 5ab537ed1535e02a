"""Pages: those that the site shows as notebooks. mkdocs-jupyter renders them, as it is configured in mkdocs.yml.

A page of this kind is staged as any other, so that navigation, links, languages and search know it. Only when its turn
comes to be rendered is its file, for a moment, the notebook: mkdocs-jupyter then takes the page for one of its own.
"""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.toc import get_toc

from edgedocs.core.errors import BadInput
from edgedocs.core.files import write_bytes
from edgedocs.publishing.memory import digest
from edgedocs.publishing.notebooks.rendered import read_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from edgedocs.publishing.memory import Memory
    from edgedocs.publishing.notebooks.notebook import Draft, PageNotebook
    from edgedocs.publishing.notebooks.rendered import RenderedCells

RENDERER = "mkdocs-jupyter"
_PAGES = "*.md"


def prepare(config: MkDocsConfig, names: Sequence[str], drafts: Mapping[str, Draft], source: str) -> None:
    """See that the pages can be shown as notebooks, that no error can be published with them, and that mkdocs-jupyter
    does not read all other pages in search of notebooks, which takes longer than to build them again.

    Args:
        config: of the build.
        names: the pages, as ``notebooks`` of the plug-in lists them.
        drafts: the pages that have examples in Python, by path in the staged tree.
        source: code of the source language.

    Raises:
        BadInput: if a page is none, or mkdocs-jupyter is missing or would show errors.
    """
    where = Path(config.config_file_path).name
    for name in names:
        if f"{source}/{name}" not in drafts:
            raise BadInput(
                f"`notebooks` names {name!r}",
                where=where,
                expected="pages, by their file, that have examples in Python",
            )
    renderer = config.plugins.get(RENDERER)
    if names and renderer is None:
        raise BadInput(f"`notebooks` needs the plug-in {RENDERER}", where=where, remedy="list it after `edgedocs`")
    if names and renderer is not None and renderer.config["allow_errors"]:
        raise BadInput(
            f"{RENDERER} would publish the errors of cells",
            where=where,
            remedy=f"set `allow_errors: false` of {RENDERER}",
        )
    if renderer is not None and _PAGES not in renderer.config["ignore"]:
        renderer.config["ignore"] = [*renderer.config["ignore"], _PAGES]


@dataclass
class NotebookPages:
    """The pages of one build that are shown as notebooks.

    Args:
        names: the pages, by their file below the documentation folder.
        memory: what earlier builds made.
    """

    names: Sequence[str]
    memory: Memory
    _folder: tempfile.TemporaryDirectory[str] | None = None
    _held: dict[int, tuple[str | None, Path, PageNotebook]] = field(default_factory=dict)

    def offer(self, page: Page, draft: Draft, locate: Callable[[str], str | None], notice: str) -> None:
        """Let mkdocs-jupyter find the notebook in the place of the page's file.

        Args:
            page: a page that is not rendered yet.
            draft: what it is made of.
            locate: gives the address of a file of the staged tree, relative to the page.
            notice: what readers must know of the translation, as HTML.
        """
        notebook = draft.for_page(locate, notice)
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="edgedocs-notebooks-")
        path = (Path(self._folder.name) / page.file.src_uri).with_suffix(".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, notebook.data)
        self._held[id(page)] = page.file.abs_src_path, path, notebook
        page.file.abs_src_path = str(path)

    def take(self, page: Page, config: MkDocsConfig, where: str) -> bool:
        """Give the page its own file back, and make what mkdocs-jupyter renders a page of the site.

        Args:
            page: one that was perhaps offered.
            config: of the build.
            where: what messages call it.

        Raises:
            BadInput: if mkdocs-jupyter did not take it.
        """
        if id(page) not in self._held:
            return False
        own, path, notebook = self._held.pop(id(page))
        page.file.abs_src_path = own
        render = vars(page).pop("render", None)
        if render is None:
            raise BadInput(
                f"{RENDERER} does not render the page",
                where=where,
                expected=f"its notebook, {path.name}, among `include` of {RENDERER}",
                remedy="look at `include` and `ignore` in mkdocs.yml",
            )
        options = dict(config.plugins[RENDERER].config)
        permalink = config.mdx_configs.get("toc", {}).get("permalink_title", "")
        key = digest("notebook page", notebook, permalink, sorted(options.items()))

        def convert() -> RenderedCells:
            page.file.abs_src_path = str(path)
            title = vars(page).get("title")
            try:
                render(config, None)
            finally:
                page.file.abs_src_path = own
            vars(page).pop("title", None)  # mkdocs-jupyter's, without code in it
            if title is not None:
                page.title = title
            return read_cells(page.content or "", notebook.blocks, notebook.headings, permalink, where)

        def show(config: MkDocsConfig, files: Files) -> None:
            # A notebook that is run while the site is built may print anything, so nobody knows what comes of it.
            _show(page, convert() if options["execute"] else self.memory.recall(key, convert))

        page.render = show  # type: ignore[method-assign]
        return True

    def close(self) -> None:
        """Remove the notebooks' files, which nobody needs once the pages are rendered."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _show(page: Page, cells: RenderedCells) -> None:
    from markdown.extensions.toc import nest_toc_tokens  # type: ignore[import-untyped]

    page.content = cells.content
    page.toc = get_toc(nest_toc_tokens(copy.deepcopy(cells.headings)))
    first = next((heading["name"] for heading in cells.headings if heading["level"] == 1), None)
    vars(page)["_title_from_render"] = first
    page.present_anchor_ids = set(cells.anchors)
