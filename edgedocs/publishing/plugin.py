"""The MkDocs plug-in: stages the tree, lets MkDocs and static-i18n lay it out, and says the truth about each page."""

from __future__ import annotations

import functools
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from mkdocs import plugins
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import InclusionLevel
from mkdocs.utils import get_relative_url

from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.publishing import layout, navigation, notices, rendering
from edgedocs.publishing.alternates import Addresses
from edgedocs.publishing.built import BuiltSite
from edgedocs.publishing.memory import Memory
from edgedocs.publishing.notebooks import pages as notebook_pages
from edgedocs.publishing.notebooks import publishing as notebooks
from edgedocs.publishing.notebooks.pages import NotebookPages
from edgedocs.publishing.numbering import use_numbering
from edgedocs.publishing.options import EdgeDocsConfig
from edgedocs.publishing.proof import prove
from edgedocs.publishing.provenance import edit_address
from edgedocs.publishing.reference import glossary
from edgedocs.publishing.reference.pages import ReferenceSources
from edgedocs.publishing.search import publishing as search
from edgedocs.publishing.staging import Project, Stage, stage
from edgedocs.publishing.templates import share_compiled
from edgedocs.publishing.wheel import FOLDER, Wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

    from edgedocs.publishing.piece import StagedPage

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

THEME = Path(__file__).with_name("theme")
SITEMAP = "sitemap.xml"
_CODE_BLOCK_ID = re.compile(r'<div id="([^"]+)" class="[^"]*highlight')
_SOURCE_LINK = re.compile(rf'(<a [^>]*?class="{notices.SOURCE_LINK}"[^>]*?href=")[^"]*(")')
_log = plugins.get_plugin_logger(__name__)


def _reported(event: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The event, with our errors raised as MkDocs shows them: the message, no traceback."""

    @functools.wraps(event)
    def reporting(*arguments: Parameters.args, **keywords: Parameters.kwargs) -> Result:
        try:
            return event(*arguments, **keywords)
        except EdgeDocsError as error:
            raise PluginError(str(error)) from error

    return reporting


def _staged(found: Result | None) -> Result:
    """What staging has made, which must have happened."""
    if found is None:
        raise BadInput("the pages are not staged", remedy="list the plug-in `edgedocs` once in mkdocs.yml")
    return found


class EdgeDocsPlugin(plugins.BasePlugin[EdgeDocsConfig]):  # type: ignore[no-untyped-call]
    """Publishes pages, snippets and translations with MkDocs.

    A new instance serves each build of ``mkdocs serve``; the builds of further languages, which static-i18n starts,
    share one.
    """

    def __init__(self) -> None:
        self.memory = Memory()
        self.rendering: str | None = None
        self.project: Project | None = None
        self.stage: Stage | None = None
        self.addresses: Addresses | None = None
        self.languages: set[str] = set()
        self.drafts: set[str] = set()
        self.built: dict[str, Path] = {}
        self.editing = ("", "")
        self.notebook_pages: NotebookPages | None = None
        self.wheel: Wheel | None = None
        self.wheel_file: Path | None = None

    @plugins.event_priority(100)
    @_reported
    def _on_config_first(self, config: MkDocsConfig) -> MkDocsConfig:
        if self.project is None or self.stage is None:
            self.project = self._project(config)
            self.stage = stage(self.project, self.memory)
            layout.add_languages(config, self.stage.languages)
            names, source = self.config.notebooks, self.project.source_language
            notebook_pages.prepare(config, names, self.stage.notebooks, source)
            self.notebook_pages = NotebookPages(names, self.memory)
            share_compiled(config.theme)
            self._warn_of_missing_labels()
            # MkDocs would lead readers to the staged tree.
            self.editing, config.edit_uri = (config.repo_url or "", config.edit_uri or ""), None
            self._build_wheel(Path(config.config_file_path).resolve().parent)
        config.docs_dir = str(self.project.staging)
        return config

    @plugins.event_priority(-200)
    @_reported
    def _on_config_last(self, config: MkDocsConfig) -> MkDocsConfig:
        stage = self._stage()
        self.addresses = Addresses(stage, config.use_directory_urls, config.site_url or "")
        layout.use_theme(config, THEME)
        layout.use_labels(config, self._language(config).labels)
        layout.use_direction(config, self._language(config).direction)
        use_numbering(config, self.memory)
        self.languages.add(self._language(config).code)
        return config

    on_config = plugins.CombinedEvent(_on_config_first, _on_config_last)

    def _project(self, config: MkDocsConfig) -> Project:
        root = Path(config.config_file_path).resolve().parent
        documents = Path(config.docs_dir).resolve()
        translations = (root / self.config.translations).resolve()
        excluded = config.exclude_docs
        reference = ReferenceSources(
            root=root,
            catalog=self.config.catalog,
            commands=self.config.commands,
            modules=self.config.modules,
        )
        return Project(
            documents=documents,
            snippets=(root / self.config.snippets).resolve(),
            translations=translations if translations.is_dir() else None,
            staging=(root / self.config.staging).resolve(),
            source_language=self.config.source_language,
            excluded=excluded.match_file if excluded else lambda path: False,
            generated=reference.pages,
            definitions=root / self.config.definitions,
        )

    def _build_wheel(self, root: Path) -> None:
        if self.config.wheel:
            self.wheel = Wheel((root / self.config.wheel).resolve(), (root / self.config.staging).parent / "wheel")
            self.wheel_file = self.wheel.build()

    def _installation(self, staged: StagedPage, url: str) -> dict[str, str] | None:
        """What readers install to run the page's examples; None if it has none or the site serves no wheel."""
        rests = staged.provenance
        if self.wheel is None or self.wheel_file is None or not rests.examples:
            return None
        relative = f"{FOLDER}/{self.wheel_file.name}"
        extras = self.wheel.extras(rests.requires)
        before = f"{self.wheel.name}[{','.join(extras)}] @ " if extras else ""
        return {
            "href": get_relative_url(relative, url),
            "before": before,
            "command": f'pip install "{before}{self._addresses().site}{relative}"',
        }

    def _install_command(self, staged: StagedPage) -> str:
        """What a notebook tells its readers to install; nothing where the site does not know its own address."""
        needed = self._installation(staged, "") if self._addresses().site else None
        return "" if needed is None else needed["command"]

    def _stage(self) -> Stage:
        return _staged(self.stage)

    def _page(self, page: Page) -> StagedPage:
        path = page.file.src_uri
        if path not in self._stage().pages:
            raise BadInput(
                "a page that comes from no file of the documentation, so nothing verifies it",
                where=path,
                expected="the pages of the staged tree alone",
                remedy="look for a plug-in or a hook that adds pages",
            )
        return self._stage().pages[path]

    def _addresses(self) -> Addresses:
        return _staged(self.addresses)

    def _language(self, config: MkDocsConfig) -> Any:
        code = layout.current_language(config) or self._stage().languages[0].code
        return next(language for language in self._stage().languages if language.code == code)

    def _warn_of_missing_labels(self) -> None:
        for language in self._stage().languages[1:]:
            page = self._stage().pages.get(f"{language.code}/{glossary.NAME}.md")
            words = page is not None and page.state == "translated"
            missing = [key for key in language.labels.missing if words or not key.startswith(glossary.NAME)]
            if missing:
                _log.warning(f"{language.labels.where} [site] lacks {', '.join(missing)}")

    @plugins.event_priority(100)
    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
        """Arrange the pages in the order of the files, and the glossary after them, unless the project lists them."""
        if config.nav is None:
            navigation.arrange(nav, f"{self._language(config).code}/{self._stage().glossary}.md")
        self.rendering = rendering.key_of(config, files, layout.current_language(config))
        return nav

    @plugins.event_priority(100)
    @_reported
    def _on_pre_page_first(self, page: Page, config: MkDocsConfig, files: Files) -> Page:
        """Offer mkdocs-jupyter the notebook of a page that is shown as one."""
        staged = self._page(page)
        if f"{staged.name}.md" in self.config.notebooks:
            source = self._stage().languages[0]
            notice = notices.as_html(staged.state, self._language(config), source)
            locate = functools.partial(self._locate, page, staged, files)
            _staged(self.notebook_pages).offer(page, self._stage().notebooks[staged.path], locate, notice)
        return page

    @plugins.event_priority(-100)
    @_reported
    def _on_pre_page_last(self, page: Page, config: MkDocsConfig, files: Files) -> Page:
        """Convert the page only if it is not known what comes of it."""
        shown = self._stage().expected[page.file.src_uri].shown
        if not _staged(self.notebook_pages).take(page, config, shown):
            rendering.use_memory(page, self.memory, self.rendering)
        return page

    on_pre_page = plugins.CombinedEvent(_on_pre_page_first, _on_pre_page_last)

    def _locate(self, page: Page, staged: StagedPage, files: Files, name: str) -> str | None:
        """The address of a file of the staged tree from a page of a language, which may have one of its own."""
        for language in (staged.language, self._stage().languages[0].code):
            path = f"{language}/{name}"
            if name.endswith(".md") and path in self._stage().pages:
                return self._addresses().relative(name.removesuffix(".md"), language, page.url)
            if file := files.get_file_from_path(path):
                return file.url_relative_to(page.file)
        return None

    def on_env(self, env: Any, config: MkDocsConfig, files: Files) -> Any:
        """Name each section by the heading of its index page, which has been read by now; note where pages go."""
        self.built |= {file.src_uri: Path(file.abs_dest_path) for file in files.documentation_pages()}
        self.drafts |= {file.src_uri for file in files if file.inclusion is InclusionLevel.DRAFT}
        navigation.name_sections(files)
        search.use_memory(config, self.memory)
        return env

    @_reported
    def on_page_markdown(self, markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Keep a page that is not translated out of the search: it would be found twice."""
        if self._page(page).state == "untranslated":
            page.meta.setdefault("search", {})["exclude"] = True
        return markdown

    @_reported
    def on_page_content(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Tell MkDocs of the anchors of code blocks, and lead a notice's link to the source page."""
        page.present_anchor_ids = (page.present_anchor_ids or set()) | set(_CODE_BLOCK_ID.findall(html))
        staged, source = self._page(page), self._stage().languages[0]
        href = self._addresses().relative(staged.name, source.code, page.url)
        return _SOURCE_LINK.sub(rf"\g<1>{href}\g<2>", html)

    @plugins.event_priority(-100)
    @_reported
    def on_page_context(
        self, context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Give the templates the page's languages; correct what search engines are told."""
        staged, addresses = self._page(page), self._addresses()
        source = self._stage().languages[0]
        page.canonical_url = addresses.canonical(staged)
        layout.ask_for_switch(config)
        repository, uri = self.editing
        documents = _staged(self.project).documents.name
        page.edit_url = edit_address(repository, uri, documents, staged.provenance.file)
        own: dict[str, Any] = {
            "alternates": addresses.switch(staged, page.url),
            "announced": addresses.announced(staged),
            "text_language": source if staged.state == "untranslated" else None,
            "state": staged.state,
            "notebook": notebooks.link(staged, addresses, page.url),
            "provenance": staged.provenance.lines(self._language(config).labels),
            "language": self._language(config),
            "install": self._installation(staged, page.url),
            "labels": self._language(config).labels,
        }
        context["edgedocs"] = own  # type: ignore[typeddict-unknown-key]
        return context

    @_reported
    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        """Say at the root of a page in which direction its language is written."""
        return layout.with_direction(output, self._language(config).direction)

    def _is_sitemap(self, template_name: str, config: MkDocsConfig) -> bool:
        """Whether a template is the sitemap that is written: the first of those that the languages ask for."""
        return template_name == SITEMAP and not layout.is_one_of_several(config)

    @_reported
    def on_template_context(
        self, context: TemplateContext, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """Give the templates that are no pages what they need: the sitemap, and the page for what is missing."""
        addresses, language = self._addresses(), self._language(config)
        root = urlsplit(config.site_url or "/").path
        layout.ask_for_switch(config)
        own = {
            "sitemap": list(addresses.sitemap()) if self._is_sitemap(template_name, config) else [],
            "home": addresses.home(language, root),
            "elsewhere": [
                {"language": other, "home": addresses.home(other, root)}
                for other in self._stage().languages[1:]
                if language is self._stage().languages[0]
            ],
            "labels": language.labels,
            "alternates": [],
        }
        context["edgedocs"] = own  # type: ignore[typeddict-unknown-key]
        return context

    @_reported
    def on_post_template(self, output_content: str, template_name: str, config: MkDocsConfig) -> str:
        """Write a language's page for what is missing into its folder; the source language's stands at the root, and
        so does the sitemap of all languages."""
        if template_name == SITEMAP and not self._is_sitemap(template_name, config):
            return ""
        language = self._language(config)
        if template_name == "404.html":
            output_content = layout.with_direction(output_content, language.direction)
        if template_name != "404.html" or language is self._stage().languages[0]:
            return output_content
        folder = Path(config.site_dir) / language.code
        folder.mkdir(parents=True, exist_ok=True)
        (folder / template_name).write_text(output_content, encoding="utf-8", newline="\n")
        return ""

    @plugins.event_priority(-200)
    @_reported
    def on_post_build(self, config: MkDocsConfig) -> None:
        """When all languages are built, prove that what readers see is what the inventory lists."""
        if layout.is_one_of_several(config):
            return
        _staged(self.notebook_pages).close()
        if self.wheel_file is not None:
            target = Path(config.site_dir) / FOLDER / self.wheel_file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.wheel_file, target)
        pages = self._stage().pages
        awaited = {
            path: page
            for path, page in self._stage().expected.items()
            if pages[path].language in self.languages and path not in self.drafts
        }
        built = [language.code for language in self._stage().languages if language.code in self.languages]
        notebooks.publish(Path(config.site_dir), self._addresses(), built, self._install_command, self.memory)
        search.publish(config, self._addresses(), built)
        site = BuiltSite(self.memory)
        count = prove(awaited, self.built, site)  # after all that the pages link to is there
        if self.config.private:
            for address, file in site.foreign_requests(Path(config.site_dir)).items():
                _log.warning(f"{file} loads {address} from another host; readers are not asked")
        _log.info(f"{count} code blocks on {len(awaited)} pages are those of the inventory")

    def on_serve(
        self, server: LiveReloadServer, config: MkDocsConfig, builder: Callable[..., None]
    ) -> LiveReloadServer:
        """Watch the sources instead of the staged tree, which each build writes."""
        if self.project is None:
            return server
        server.unwatch(str(self.project.staging))
        project = self.project
        for source in (project.documents, project.snippets, project.translations, project.definitions):
            if source and source.exists():
                server.watch(str(source))
        return server
