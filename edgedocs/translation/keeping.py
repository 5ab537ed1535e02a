"""Keeping: which pages of a run were looked at before, and what is to be kept of those that are looked at now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edgedocs.translation.checks.base import Finding
    from edgedocs.translation.findings_cache import FindingsCache

Job = tuple[str, bool, list[str]]
"""A page, whether the source has it, and the languages in which to look at it."""

TRANSIENT = "unreadable"
"""The check of findings that are not kept: what cannot be read today may be readable tomorrow."""


class Kept:
    """The pages of a run beside what is kept of them.

    Args:
        cache: what earlier runs found; None if there is none, and nothing is to be kept.
        key: names all that the findings of a page in a language depend on; None if that is not known.
        jobs: the pages.
    """

    def __init__(
        self, cache: FindingsCache | None, key: Callable[[str, bool, str], str | None], jobs: Sequence[Job]
    ) -> None:
        self._cache = cache
        self._key = key
        self._all = jobs
        self._keys: dict[tuple[str, str], str | None] = {}
        self.findings: list[Finding] = []
        self.jobs: list[Job] = []
        for page, has_source, languages in jobs:
            left = [code for code in languages if cache is None or not self._take(page, has_source, code)]
            if left:
                self.jobs.append((page, has_source, left))

    def _take(self, page: str, has_source: bool, code: str) -> bool:
        """Take over what is known of a pair; whether anything is."""
        name = self._keys[code, page] = self._key(page, has_source, code)
        found = self._cache.get(code, page, name) if self._cache is not None and name else None
        if found is None:
            return False
        self.findings += found
        return True

    def add(self, job: Job, findings: Iterable[Finding]) -> None:
        """Keep what was found in a page now, unless it was changed while it was looked at."""
        if self._cache is None:
            return
        page, has_source, languages = job
        found = list(findings)
        for code in languages:
            some = [finding for finding in found if finding.language == code]
            name = self._keys[code, page]
            if any(finding.check == TRANSIENT for finding in some):
                continue
            if name and name == self._key(page, has_source, code):
                self._cache.put(code, page, name, some)

    def save(self, *, everything: bool) -> None:
        """Write the cache.

        Args:
            everything: whether these were all pages of the tree; what is known of others is forgotten then.
        """
        if self._cache is None:
            return
        if everything:
            self._cache.keep_only((code, page) for page, _, languages in self._all for code in languages)
        self._cache.save()
