"""Pytest plug-in: ``pytest docs/`` runs the examples of the pages. A ``conftest.py`` in the pages' folder turns it on::

from edgedocs.examples.pytest_plugin import wire

pytest_addoption = wire(__file__)
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sybil.integration.pytest import SybilFile, SybilItem

from edgedocs.core.errors import EdgeDocsError
from edgedocs.examples import outcome_cache, own_model, recording
from edgedocs.examples.document import PageSybil
from edgedocs.examples.evaluation import evaluate
from edgedocs.examples.inventory import Inventory
from edgedocs.examples.outcome import ExampleError, Outcome
from edgedocs.examples.page_checks import page_checks
from edgedocs.examples.project import Project
from edgedocs.examples.reference_check import reference_check
from edgedocs.examples.requirements import missing, missing_names
from edgedocs.examples.share import EnvironmentShare
from edgedocs.examples.verdicts import Verdict, digest, keep_verdicts, read_verdicts, verdicts_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sybil

    from edgedocs.examples.example import Example

_PROPERTY = "edgedocs"

_PASSED_BY = frozenset({"build", "dist", "venv", "node_modules", "CVS", "_darcs", "{arch}"})
"""Folders that pytest passes by for their names; of the pages they are folders like any other."""


def wire(conftest: str, snippets: str | Path | None = None) -> Callable[..., None]:
    """The ``pytest_addoption`` of a conftest.py that lies in the folder of the pages.

    Args:
        conftest: the conftest's ``__file__``.
        snippets: the snippets folder, relative to the pages' folder; by default ``snippets`` beside it.
    """
    docs = Path(conftest).parent
    project = Project.open(docs, None if snippets is None else docs / snippets)

    def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
        group = parser.getgroup("edgedocs", "examples of the pages")
        known = {name for option in group.options for name in option.names()}
        for name, purpose in _OPTIONS.items():
            if name not in known:
                group.addoption(name, action="store_true", default=False, help=purpose)
        pluginmanager.register(ExamplesPlugin(project), f"edgedocs:{project.docs}")

    return pytest_addoption


_OPTIONS = {
    "--update-outputs": "record anew the outputs, files and facts that no longer verify",
    "--check": "compare what the examples give with what is recorded, and write nothing; this is the default",
    "--no-cache": "run every example, also those that passed before and of which nothing has changed",
    "--require-all": "fail examples whose requirements are missing, instead of skipping them; warnings are failures",
}


class ExamplesPlugin:
    """Collects, runs and counts the examples of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sybil = PageSybil(project, self.evaluate)
        self.update = False
        self.require_all = False
        self.reuse = True
        self.model: Path | None = None
        self.verdicts_file: Path | None = None
        self.shown: dict[str, str] = {}
        self.results: dict[str, Verdict] = {}
        self.verdicts: dict[str, dict[str, Any]] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Read the options."""
        self.update = config.getoption("--update-outputs", default=False)
        self.require_all = config.getoption("--require-all", default=False)
        if self.update and config.getoption("--check", default=False):
            raise pytest.UsageError("--check writes nothing and --update-outputs writes: give one of them")
        self.model = own_model.own_model()
        without = config.getoption("--no-cache", default=False) or getattr(config, "cache", None) is None
        self.reuse = not (self.update or self.model or without)
        self.verdicts_file = None if getattr(config, "cache", None) is None else verdicts_file(config)
        if self.model is not None:
            try:
                own_model.require(self.model, self.update)
            except EdgeDocsError as error:
                raise pytest.UsageError(str(error)) from error

    def pytest_sessionstart(self) -> None:
        """Take note of the surroundings before any example runs."""
        outcome_cache.at_start()

    @cached_property
    def kept(self) -> dict[str, Any]:
        """The verdicts of earlier runs."""
        return read_verdicts(self.verdicts_file) if self.verdicts_file is not None else {}

    def earlier(self, example: Example, key: str) -> Verdict | None:
        """The verdict of an earlier run, if it still holds and may be taken over."""
        return outcome_cache.reusable(self.kept.get(example.id), key) if self.reuse else None

    @cached_property
    def share(self) -> EnvironmentShare:
        """How many examples of the whole documentation have outputs that are not compared."""
        return EnvironmentShare.of_project(self.project)

    @pytest.hookimpl(wrapper=True)
    def pytest_ignore_collect(self, collection_path: Path, config: pytest.Config) -> Iterator[None]:
        """Pass by no folder of pages for its name: what is in ``docs/build`` is published, too."""
        ignored = yield
        return False if ignored and self._is_folder_of_pages(collection_path, config) else ignored

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the pages of the project."""
        if not self.sybil.should_parse(file_path.resolve()):
            return None
        page: PageFile = PageFile.from_parent(parent, path=file_path, sybils=[self.sybil])
        page.plugin = self
        return page

    def evaluate(self, example: sybil.Example) -> str | None:
        """Run an example and compare or record what it gave; a message if that fails."""
        parsed: Example = example.parsed
        verdict = Verdict("environment" if parsed.comparison.name == "environment" else "passed")
        try:
            absent = missing(parsed.requires)
            if absent:
                raise EdgeDocsError(not_run(parsed, absent), where=parsed.place, remedy="install it")
            outcome = evaluate(parsed)
            reason = parsed.fence.attributes.get("reason") if verdict.name == "environment" else None
            verdict = Verdict(verdict.name, reason, round(outcome.seconds, 3))
            self.results[parsed.id] = self._settle(parsed, outcome, verdict)
        except EdgeDocsError as error:
            self.results[parsed.id] = Verdict("failed", error.what.partition("\n")[0])
            return str(error)
        return None

    def _settle(self, example: Example, outcome: Outcome, verdict: Verdict) -> Verdict:
        """Record what an example gave, or compare it; on the reader's own model a difference is no failure."""
        if self.update:
            recording.update(self.project, example, outcome)
            return verdict
        own = self.model is not None and own_model.varies(example)
        try:
            recording.check(self.project, example, outcome)
        except ExampleError:
            if not own:
                raise
        else:
            if not own or verdict.name == "passed":
                return verdict
        self.shown[example.id] = own_model.shown(outcome)
        return Verdict("own-model", own_model.REASON, verdict.seconds)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Before an example is skipped while others are recorded, note that for the readers of its page."""
        if self.update and isinstance(item, ExampleItem) and item.plugin is self:
            parsed: Example = item.example.parsed
            if absent := missing_names(parsed.requires):
                try:
                    recording.record_not_run(self.project, parsed, absent)
                except EdgeDocsError as error:
                    raise pytest.fail.Exception(str(error), pytrace=False) from None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep each verdict; with xdist, reports come from the workers."""
        for name, value in report.user_properties:
            if name == _PROPERTY and isinstance(value, dict) and value["docs"] == str(self.project.docs):
                self.verdicts[value["id"]] = value

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Say of an example whose earlier verdict was taken over that it was."""
        properties = getattr(report, "user_properties", ())  # the report of a page that cannot be collected has none
        cached = any(name == _PROPERTY and "cached" in value for name, value in properties)
        return ("passed", ".", "PASSED (cached)") if cached and report.when == "call" and report.passed else None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Say how many code blocks there are and what became of them."""
        pages = self._selected_pages(config)
        if self.verdicts or pages:
            if self.model is not None:
                own_model.report(terminalreporter, self.model, self.verdicts)
            inventory = Inventory.of(self.project, pages, self.share)
            terminalreporter.write_line(self._summary(inventory))
            typed = len(inventory.numbers)
            terminalreporter.write_line(f"{self.project.docs.name}: {inventory.share}, {typed} numbers typed by hand")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Keep the verdicts for ``edgedocs examples list``; only the process that reports has them."""
        if self.verdicts_file is None or hasattr(session.config, "workerinput") or not self.verdicts:
            return
        if self.model is not None:
            return  # the pages are not verified by a model that they were not recorded with
        outcome_cache.disown_if_changed(self.verdicts)
        keep_verdicts(session.config, read_verdicts(self.verdicts_file), self.verdicts)

    def _is_folder_of_pages(self, path: Path, config: pytest.Config) -> bool:
        """Whether pytest passes by a folder that nobody asked it to pass by, and that is no virtual environment."""
        if path.name not in _PASSED_BY or not path.is_dir() or not path.resolve().is_relative_to(self.project.docs):
            return False
        asked = {Path(config.invocation_params.dir, each) for each in config.getoption("ignore") or ()}
        return path not in asked and not (path / "pyvenv.cfg").is_file()

    def _selected_pages(self, config: pytest.Config) -> list[Path]:
        chosen = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
        return [path for path in self.project.page_paths() if any(path.is_relative_to(place) for place in chosen)]

    def _summary(self, inventory: Inventory) -> str:
        kinds = inventory.kinds()
        verdicts = Counter(value["name"] for value in self.verdicts.values())
        names = ["passed", "environment", *(["own-model"] if self.model is not None else []), "failed"]
        ran, reused = sum(verdicts[name] for name in names), outcome_cache.counted(self.verdicts)
        examples = kinds["python"] + kinds["doctest"] + kinds["console"]
        parts = [
            f"{len(inventory.entries)} code blocks rendered",
            f"{examples} examples",
            f"{ran} verified ({', '.join(f'{verdicts[name]} {name}' for name in names)})",
            f"{verdicts['not-run']} not run",
            f"{kinds['output']} outputs",
            f"{kinds['part']} parts",
            f"{kinds['shown']} shown ({inventory.linted()})",
            f"{reused} verdicts from the cache",
        ]
        return f"{self.project.docs.name}: {', '.join(parts)}"


class PageFile(SybilFile):
    """A page, collected."""

    plugin: ExamplesPlugin

    def collect(self) -> Iterator[pytest.Item]:
        """The examples of the page.

        Raises:
            CollectError: if anything is wrong with the page.
        """
        try:
            document = self.plugin.sybil.parse(self.path)
        except EdgeDocsError as error:
            raise self.CollectError(str(error)) from error
        self.documents.append(document)
        if any(found.comparison.name == "environment" for found in document.found.examples):
            too_many = self.plugin.share.problem()
            if too_many is not None:
                raise self.CollectError(str(too_many))
        for example in document.examples():
            item = ExampleItem.from_parent(self, sybil=self.plugin.sybil, example=example)
            item.describe(self.plugin)
            yield item
        yield from page_checks(self, document.found, require_all=self.plugin.require_all)
        if not self.plugin.update:  # which may record what prose refers to
            yield from reference_check(self, document.project, document.page)


class ExampleItem(SybilItem):
    """An example, as pytest runs it."""

    def describe(self, plugin: ExamplesPlugin) -> None:
        """Take the example's data for reports along, and a mark if it cannot be run here."""
        parsed: Example = self.example.parsed
        self.plugin = plugin
        self.verdict: dict[str, Any] = {
            "id": parsed.id,
            "docs": str(plugin.project.docs),
            "digest": digest(plugin.project, parsed),
            "name": "unverified",
        }
        self.user_properties.append((_PROPERTY, self.verdict))
        self.absent = missing(parsed.requires)
        if self.absent and not plugin.require_all:
            reason = not_run(parsed, self.absent)
            self.verdict.update(Verdict("not-run", reason).as_dict())
            self.add_marker(pytest.mark.skip(reason=reason))

    def runtest(self) -> None:
        """Run the example, unless an earlier verdict on it still holds."""
        parsed: Example = self.example.parsed
        before = digest(self.plugin.project, parsed)
        key = outcome_cache.key(parsed, before)
        earlier = None if self.absent else self.plugin.earlier(parsed, key)
        if earlier is not None:
            self.verdict.update(earlier.as_dict(), digest=before, key=key, cached=True)
            return
        try:
            super().runtest()
        finally:
            self.verdict.update(self.plugin.results.pop(parsed.id, Verdict("failed")).as_dict())
            self.verdict["digest"] = digest(self.plugin.project, parsed)
            if self.verdict["digest"] == before and not self.plugin.update:
                self.verdict["key"] = key
            if parsed.id in self.plugin.shown:
                self.verdict["shown"] = self.plugin.shown.pop(parsed.id)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The page, the example's line and its id."""
        parsed: Example = self.example.parsed
        return self.path, parsed.line - 1, parsed.id


def not_run(example: Example, absent: list[str]) -> str:
    """Why an example is not run."""
    return f"example {example.id} is not run: it requires {'; '.join(absent)}"
