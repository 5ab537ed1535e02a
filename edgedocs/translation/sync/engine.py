"""Engine: bringing pages in step, many segments at once, one writer a page.

Segments are translated without a lock. Then the page is locked, both files are read and classified again, and the
answers are put in where they are still wanted: what a person wrote in the meantime stays.
"""

from __future__ import annotations

from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput, CannotRun, EdgeDocsError
from edgedocs.translation.language import bare
from edgedocs.translation.locks import page_lock
from edgedocs.translation.pairs import PageContext
from edgedocs.translation.saving import ChangedMeanwhile
from edgedocs.translation.sync.answering import Outcome, translate
from edgedocs.translation.sync.journal import FOLDER_NAME, Journal, Key, key
from edgedocs.translation.sync.planning import Due, Work, contexts
from edgedocs.translation.sync.writing import NotWritten, remove_orphan, write_page
from edgedocs.translation.translators.base import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edgedocs.translation.sync.planning import Task
    from edgedocs.translation.translators.base import Translator
    from edgedocs.translation.tree import Tree

_UNWRITTEN = 3
"""After so many pages that cannot be written, one after another, the run ends: no further answers are paid for."""

_ROUNDS = 5
"""How often a page whose source changes while it is translated is looked at again."""


@dataclass
class PageResult:
    """What became of a page.

    Args:
        language: folder of the language.
        page: name of the page.
        written: whether the file was written or removed.
        counts: how many segments were translated, moved, removed, failed, kept for review.
        failures: line of the source, first words and reasons of each segment that failed.
        error: why the page as a whole could not be brought in step.
        usage: what the translator took.
    """

    language: str
    page: str
    written: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    error: EdgeDocsError | None = None
    usage: Usage = field(default_factory=Usage)

    @property
    def in_step(self) -> bool:
        """Whether the page is in step now."""
        return self.error is None and not self.counts["failed"] and not self.counts["needs-review"]

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON-ready data."""
        return {
            "language": self.language,
            "page": self.page,
            "written": self.written,
            "segments": {what: count for what, count in sorted(self.counts.items()) if count},
            "failures": [
                {"source_line": line, "words": words, "reasons": list(reasons)}
                for line, words, reasons in self.failures
            ],
            "error": self.error.as_dict() if self.error else None,
            "tokens": {"sent": self.usage.sent, "received": self.usage.received},
            "cost": self.usage.cost,
        }


@dataclass(frozen=True)
class Synced:
    """The result of a run.

    Args:
        pages: one entry for each page that was not in step before.
        stopped: why the run ended before all pages were done; None if it did not.
        spent: all that was spent, failed requests included; None if the translator counts no more than its answers.
    """

    pages: tuple[PageResult, ...]
    stopped: EdgeDocsError | None = None
    spent: Usage | None = None

    @property
    def exit_code(self) -> int:
        """0 if all is in step, 1 if something failed or needs review, else the code of what stopped the run."""
        if self.stopped is not None:
            return self.stopped.exit_code
        codes = [max(1, page.error.exit_code) if page.error else int(not page.in_step) for page in self.pages]
        return max(codes, default=0)

    @property
    def usage(self) -> Usage:
        """What the translator took."""
        return self.spent if self.spent is not None else sum((page.usage for page in self.pages), Usage())

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON-ready data."""
        counts: Counter[str] = sum((page.counts for page in self.pages), Counter())
        usage = self.usage
        return {
            "pages": [page.as_dict() for page in self.pages],
            "summary": {
                "pages": len(self.pages),
                "written": sum(page.written for page in self.pages),
                "in_step": sum(page.in_step for page in self.pages),
                "segments": dict(sorted(counts.items())),
                "tokens": {"sent": usage.sent, "received": usage.received},
                "cost": usage.cost,
            },
            "stopped": self.stopped.as_dict() if self.stopped else None,
        }


@dataclass
class _Open:
    """A page under way."""

    due: Due
    context: PageContext
    journal: Journal
    answers: dict[Key, Future[Outcome]] = field(default_factory=dict)
    error: EdgeDocsError | None = None


class Engine:
    """Brings pages in step.

    Args:
        tree: source and translations.
        translator: shared by all threads.
        jobs: how many segments are translated at once.
        identity: names the translator and what it depends on; answers kept from a run with another are not used.
        remove_orphans: whether pages are removed whose source is gone, if only a machine has written them.
        report: called with a page's name, how many pages are done and how many there are.
    """

    def __init__(
        self,
        tree: Tree,
        translator: Translator,
        *,
        jobs: int = 4,
        identity: str | None = None,
        remove_orphans: bool = False,
        report: Callable[[str, int, int], None] = lambda page, done, total: None,
    ) -> None:
        self.tree = tree
        self.translator = translator
        self.jobs = jobs
        self.identity = identity or translator.name
        self.remove_orphans = remove_orphans
        self.report = report
        self._unwritten = 0

    def run(self, found: Sequence[Due]) -> Synced:
        """Bring pages in step. A page that cannot be read fails alone.

        Args:
            found: what is not in step.

        Raises:
            BadInput: if a file about a language is malformed.
        """
        known = contexts(self.tree, sorted({due.language for due in found}))
        results: list[PageResult] = []
        stopped: EdgeDocsError | None = None
        pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="translate")
        try:
            waiting: deque[_Open] = deque()
            for due in found:
                base = known[due.language]
                context = PageContext(base.language, due.page, base.glossary)
                waiting.append(self._open(pool, due, context))
                while waiting and sum(len(page.answers) for page in waiting) > 4 * self.jobs:
                    self._close(pool, waiting.popleft(), results, len(found))
            while waiting:
                self._close(pool, waiting.popleft(), results, len(found))
        except CannotRun as error:
            stopped = error
            self.translator.close()  # so that no thread goes on waiting for a server
        except BaseException:
            self.translator.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        if stopped is None:
            self._sweep()
        return Synced(tuple(results), stopped, self.translator.spent)

    def _sweep(self) -> None:
        """Remove journals of pages that are settled: a run was killed between writing the page and removing it."""
        folder = self.tree.translations / FOLDER_NAME
        for path in folder.rglob("*.jsonl"):
            language, _, name = path.relative_to(folder).as_posix().partition("/")
            page = name.removesuffix(".jsonl")
            with suppress(EdgeDocsError), page_lock(self.tree, language, page):
                if Work.load(self.tree, PageContext(bare(language), page), language).is_settled:
                    path.unlink(missing_ok=True)

    def _open(self, pool: ThreadPoolExecutor, due: Due, context: PageContext) -> _Open:
        page = _Open(due, context, Journal.of(self.tree, due.language, due.page, self.identity))
        if due.status.error is not None:
            page.error = due.status.error
            return page
        try:
            self._ask(pool, page, Work.load(self.tree, context, due.language))
        except BadInput as error:
            page.error = error
        return page

    def _ask(self, pool: ThreadPoolExecutor, page: _Open, work: Work) -> None:
        """Start translating what has no answer yet."""
        kept = page.journal.read()
        for place, task in work.tasks().items():
            if place not in page.answers:
                page.answers[place] = pool.submit(self._answer, task, page, work, kept.get(place))

    def _answer(self, task: Task, page: _Open, work: Work, kept: str | None) -> Outcome:
        if kept is not None and work.places.fits(task.segment, kept):
            return Outcome(kept)
        outcome = translate(task, page.context, work.places, self.translator)
        if outcome.text is not None and task.wording.has_words:
            page.journal.add(key(task.segment), outcome.text)
        return outcome

    def _close(self, pool: ThreadPoolExecutor, page: _Open, results: list[PageResult], total: int) -> None:
        """Wait for a page's answers and write it.

        Raises:
            CannotRun: if a translator could not go on; other pages cannot either.
        """
        result = PageResult(page.due.language, page.due.page, error=page.error)
        self.report(f"{page.due.language} {page.due.page}", len(results), total)
        if page.error is None:
            try:
                self._finish(pool, page, result)
            except NotWritten as error:
                result.error = error
            except BadInput as error:
                result.error = error
        results.append(result)
        self.report(f"{page.due.language} {page.due.page}", len(results), total)

    def _finish(self, pool: ThreadPoolExecutor, page: _Open, result: PageResult) -> None:
        for _ in range(_ROUNDS):
            outcomes = {place: future.result() for place, future in page.answers.items()}
            result.counts.clear()
            result.failures.clear()
            try:
                work = self._written(page, outcomes, result)
            except ChangedMeanwhile:
                continue
            except CannotRun as error:
                self._unwritten += 1
                if self._unwritten >= _UNWRITTEN:
                    raise
                result.error = error
                break
            self._unwritten = 0
            if work is None:
                break
            # The source changed while its segments were translated.
            self._ask(pool, page, work)
        else:
            raise CannotRun(
                "the page or its source changes faster than it is translated",
                where=self.tree.source_path(page.due.page),
                remedy="run sync again when nobody edits it",
            )
        for outcome in outcomes.values():
            result.usage = result.usage + outcome.usage

    def _written(self, page: _Open, outcomes: dict[Key, Outcome], result: PageResult) -> Work | None:
        """Write a page if there is an answer for all that it needs now; else what it needs."""
        with page_lock(self.tree, page.due.language, page.due.page):
            work = Work.load(self.tree, page.context, page.due.language)
            if work.source is None:
                remove_orphan(work, result, allowed=self.remove_orphans)
            elif work.tasks().keys() <= outcomes.keys():
                write_page(self.tree, page.due.language, work, outcomes, result)
            else:
                return work
            page.journal.remove()
            return None
