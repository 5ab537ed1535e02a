"""Checking: every check on a segment, on a page, on a whole tree."""

from __future__ import annotations

import os
import statistics
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.core.processors import processors
from edgedocs.translation import glossary, identifier, inline_parts, plots, seal, workers
from edgedocs.translation.checks import checks
from edgedocs.translation.checks import plots as plot_check
from edgedocs.translation.checks.base import Finding
from edgedocs.translation.classification import SegmentStatus
from edgedocs.translation.findings_cache import key_of
from edgedocs.translation.interop import footers, notebooks
from edgedocs.translation.interop.origins import Origins
from edgedocs.translation.interop.state_file import FILE_NAME as STATE_FILE
from edgedocs.translation.keeping import Kept
from edgedocs.translation.language import FILE_NAME as LANGUAGE_FILE
from edgedocs.translation.language import bare
from edgedocs.translation.pairs import PageContext, PagePair, SegmentPair
from edgedocs.translation.segments import Segment, split
from edgedocs.translation.status import PageStatus, SourcePage, status_of
from edgedocs.translation.translated_page import TranslatedPage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edgedocs.core.progress import Progress
    from edgedocs.translation.checks.base import Check
    from edgedocs.translation.findings_cache import FindingsCache
    from edgedocs.translation.keeping import Job
    from edgedocs.translation.segments import Outline
    from edgedocs.translation.tree import Tree

UNREADABLE = "unreadable"
"""The check of a finding about a file that cannot be read; such a finding is never left out."""

_SAMPLE = 60
"""Pages of a language from which it is learnt how long its translations are."""


def selected(only: Iterable[str] = ()) -> list[Check]:
    """The checks of these names, all if there is none.

    Raises:
        BadInput: if there is no such check.
    """
    return [checks.get(name.replace("-", "_")) for name in only] if only else list(checks)


def check_segment(context: PageContext, source: Segment, target_text: str, only: Iterable[str] = ()) -> list[Finding]:
    """What is wrong with a text that is to become the translation of a segment.

    Args:
        context: language, page and glossary.
        source: the segment.
        target_text: the text, with the markers and the indentation that it shall have in the page.
        only: names of checks; all if empty.
    """
    pair = SegmentPair(context, source, Segment(source.kind, target_text, source.line, source.place))
    found = [f for check in selected(only) for f in (*check.segment(pair), *check.answer(pair))]
    return _sorted(found)


def check_page(pair: PagePair, only: Iterable[str] = ()) -> list[Finding]:
    """What is wrong with a page and with each of its segments.

    Args:
        pair: the page and its translation.
        only: names of checks; all if empty.
    """
    return _sorted(_on_page(pair, selected(only)))


def check_tree(
    tree: Tree,
    languages: Sequence[str] = (),
    pages: Sequence[str] = (),
    only: Sequence[str] = (),
    processes: int | None = 1,
    progress: Progress | None = None,
    cache: FindingsCache | None = None,
) -> list[Finding]:
    """What is wrong with the translations of a tree. A page that cannot be read is a finding; the others go on.

    Args:
        tree: source and translations.
        languages: codes; all of the tree's languages if empty.
        pages: names of pages; all, orphans included, if empty.
        only: names of checks; all if empty.
        processes: how many to use; if None, one for each processor where enough is to be checked.
        progress: told how many pages of the source are done.
        cache: what earlier runs found, which is brought up to date; if None, all is looked at.

    Returns:
        The findings, sorted by language, page and line, each once.

    Raises:
        BadInput: if there is no such language or check.
    """
    codes = [tree.require_language(code) for code in languages] or tree.languages()
    if not codes:
        raise BadInput("no translations here", where=tree.translations, expected="a folder for each language")
    run = _Run(tree, codes, selected(only))
    wanted = {code: frozenset(tree.translated_pages(code)) for code in codes}
    sources = frozenset(tree.pages())
    names = sorted(set(pages) if pages else sources.union(*wanted.values()))
    jobs = [(name, name in sources, [c for c in codes if name in sources or name in wanted[c]]) for name in names]
    run.learn([(name, found) for name, has_source, found in jobs if has_source], wanted)
    kept = Kept(cache, run.key, jobs)
    findings = [*run.findings, *kept.findings, *(() if pages else run.unused_labels(sorted(sources)))]
    total, done = len(jobs), len(jobs) - len(kept.jobs)
    for job, some in _all(run, kept.jobs, processes):
        findings += some
        kept.add(job, some)
        done += 1
        if progress:
            progress(done, total)
    kept.save(everything=not (languages or pages))
    return _sorted(findings)


def _all(run: _Run, jobs: list[Job], processes: int | None) -> Iterator[tuple[Job, list[Finding]]]:
    """The findings of each page; several processes begin with the largest.

    While the identifier is read, which processes that are forked then have, pages are read for them.
    """
    if processes is None:
        processes = processors() if workers.is_much(sum(len(languages) for _, _, languages in jobs)) else 1
    if processes > 1:
        jobs = sorted(jobs, key=run.size, reverse=True)
        identifier.start()
        for job in jobs if workers.can_fork(beside=1) else ():
            if not identifier.is_under_way():
                break
            run.prepare(job)
        identifier.finish()
    yield from zip(jobs, workers.mapped(run.page, jobs, processes), strict=True)


class _Run:
    """What is the same for all pages of a run."""

    def __init__(self, tree: Tree, languages: Sequence[str], chosen: Sequence[Check]) -> None:
        self.tree = tree
        self.checks = list(chosen)
        self.findings: list[Finding] = []
        self.plot_labels: dict[str, tuple[plots.PlotLabel, ...]] = {}
        self._has_plots = plot_check.CHECK in self.checks
        self._plots: dict[str, tuple[plots.Plot, ...]] = {}
        self.contexts = {code: self._context(code) for code in languages}
        self.origins = Origins(tree)
        self._prepared: dict[str, list[PagePair | Finding]] = {}
        for code in languages:
            if error := self.origins.state_file(code).error:
                self.findings.append(_unreadable(code, STATE_FILE, error))

    def _context(self, code: str) -> PageContext:
        folder = self.tree.translations / code
        try:
            language = self.tree.language(code)
        except EdgeDocsError as error:
            self.findings.append(_unreadable(code, LANGUAGE_FILE, error))
            language = bare(code)
        try:
            terms = glossary.load(folder)
        except EdgeDocsError as error:
            self.findings.append(_unreadable(code, glossary.FILE_NAME, error))
            terms = ()
        try:
            self.plot_labels[code] = plots.load(folder)
        except EdgeDocsError as error:
            self.findings.append(_unreadable(code, plots.FILE_NAME, error))
        known = self.plot_labels.get(code)
        labels = None if known is None else tuple(one.label for one in known)
        source_folder = Path(os.path.relpath(self.tree.source.resolve(), folder.resolve())).as_posix()
        return PageContext(language, "", terms, source_folder, plot_labels=labels)

    def _context_of(self, code: str, page: str) -> PageContext:
        return replace(self.contexts[code], page=page, plots=self._plots_of(page))

    def _plots_of(self, page: str) -> tuple[plots.Plot, ...]:
        """The plots of a page of the source; none if it cannot be read, which another finding says."""
        if not self._has_plots or notebooks.is_notebook(page):
            return ()
        if page not in self._plots:
            try:
                path = self.tree.source_path(page)
                text = files.read_text(path) if path.is_file() else ""
                self._plots[page] = plots.plots_of(self.tree, page, text)
            except EdgeDocsError:
                self._plots[page] = ()
        return self._plots[page]

    def unused_labels(self, sources: Sequence[str]) -> Iterator[Finding]:
        """The labels that languages have and no plot of any page."""
        if not self._has_plots or not any(self.plot_labels.values()):
            return
        there = {label for page in sources for plot in self._plots_of(page) for label in plot.labels}
        for code, labels in self.plot_labels.items():
            for one in labels:
                if one.label not in there:
                    yield plot_check.unused(code, one)

    def learn(self, pages: Sequence[tuple[str, list[str]]], translated: dict[str, frozenset[str]]) -> None:
        """Learn how long translations into each language are, from as many pages as it takes."""
        for code, context in self.contexts.items():
            there = [name for name, _ in pages if name in translated[code]]
            sample = there[:: max(1, len(there) // _SAMPLE)]
            ratios = [ratio for name in sample if (ratio := self._ratio(code, name))]
            if len(ratios) >= 5:
                self.contexts[code] = replace(context, ratio=round(statistics.median(ratios), 2))

    def _ratio(self, code: str, page: str) -> float:
        try:
            original = files.read_text(self.tree.source_path(page))
            text = files.read_text(self.tree.translation_path(code, page))
            body = footers.split(TranslatedPage.parse(text, page).body)[0]
        except EdgeDocsError:
            return 0
        return len(body) / len(original) if original and not notebooks.is_notebook(page) else 0

    def key(self, page: str, has_source: bool, code: str) -> str | None:
        """A name for all that the findings of a pair depend on; None if it cannot be read."""
        paths = [self.tree.source_path(page)] if has_source else []
        try:
            paths.append(self.tree.translation_path(code, page))
            texts = [path.read_bytes() if path.is_file() else b"" for path in paths]
        except (OSError, EdgeDocsError):
            return None
        there = [f"{has_source} {path.is_file()}" for path in paths]
        known = repr((self._context_of(code, page), self.origins.header(code, page), there))
        return key_of((known.encode("utf-8", "surrogatepass"), *texts))

    def size(self, job: Job) -> int:
        """About how much work a page is: large ones are begun first, so that at the end none is waited for."""
        name, has_source, languages = job
        try:
            return self.tree.source_path(name).stat().st_size * len(languages) if has_source else 0
        except (OSError, EdgeDocsError):
            return 0

    def prepare(self, job: Job) -> None:
        """Read a page in its languages, so that :meth:`page` need not."""
        self._prepared[job[0]] = [*self._pairs(job)]

    def page(self, job: Job) -> list[Finding]:
        """What is wrong with a page in its languages."""
        inline_parts.forget()
        found: list[Finding] = []
        for pair in self._prepared.pop(job[0], None) or self._pairs(job):
            found += [pair] if isinstance(pair, Finding) else _on_page(pair, self.checks)
        return found

    def _pairs(self, job: Job) -> Iterator[PagePair | Finding]:
        """The page with each of its translations, or why they cannot be read."""
        name, has_source, languages = job
        try:
            source = SourcePage.load(self.tree.source_path(name)) if has_source else None
            if source is not None:
                _ = source.outline
        except EdgeDocsError as error:
            yield from (_unreadable(code, name, error, source=True) for code in languages)
            return
        for code in languages:
            context = self._context_of(code, name)
            try:
                yield _pair(self.tree, self.origins, context, source, code)
            except EdgeDocsError as error:
                yield _unreadable(code, name, error)


def _pair(tree: Tree, origins: Origins, context: PageContext, source: SourcePage | None, code: str) -> PagePair:
    path = tree.translation_path(code, context.page)
    if not path.is_file():
        return PagePair(context, source, None, None, PageStatus("missing"))
    where = path.as_posix()
    text = notebooks.page_text(files.read_text(path), path)
    translation = origins.complete(TranslatedPage.parse(text, where), code, context.page)
    outline = _outline(translation, source, where)
    if source is not None and seal.held(text, source.hash) is not None:
        both = zip(source.outline.segments, outline.segments, strict=False)
        statuses = tuple(SegmentStatus("fresh", old, new) for old, new in both)
        status = PageStatus("fresh", statuses, recorded=True)
    else:
        status = status_of(source, translation, where, outline)
    return PagePair(context, source, translation, outline, status)


def _outline(translation: TranslatedPage, source: SourcePage | None, where: str) -> Outline:
    """The outline without the footer, which on a page that another tool made may have no mark but its words."""
    made_elsewhere = translation.header is not None and translation.records is None
    if made_elsewhere and source is not None and not footers.split(source.text, without_link=True)[1]:
        body, footer = footers.split(translation.body, without_link=True)
        if footer:
            return split(body, where, translation.body_line)
    return translation.outline(where)


def _on_page(pair: PagePair, chosen: Sequence[Check]) -> list[Finding]:
    stale = pair.status.state == "stale" and not pair.status.recorded
    findings: list[Finding] = []
    for check in chosen:
        found = [*check.page(pair), *check.segments(pair)]
        findings += [replace(finding, severity="info") for finding in found] if stale and check.compares else found
    return findings


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(set(findings), key=_place)


def _place(finding: Finding) -> tuple[str, str, int, int, str, str]:
    line = finding.line or finding.source_line or 0
    return finding.language, finding.page, line, finding.source_line or 0, finding.check, finding.message


def _unreadable(language: str, page: str, error: EdgeDocsError, *, source: bool = False) -> Finding:
    text = f"{'the source' if source else 'it'} cannot be read: {error.what}"
    if error.expected:
        text += f"; expected {error.expected}"
    line = _line(error)
    remedy = error.remedy or "correct the file"
    here, there = (None, line) if source else (line, None)
    return Finding(language, page, here, there, UNREADABLE, "error", text, remedy)


def _line(error: EdgeDocsError) -> int | None:
    """The line in a place such as ``docs/a.md:12`` or ``a.json:3:7``."""
    numbers = [part for part in (error.where or "").split(":")[1:] if part.isdecimal()]
    return int(numbers[0]) if numbers else None
