"""Baseline: findings that a project knows of, so that only new ones fail.

An entry names check, language, page and a hash of the message and of the text in which the finding is, so edits
elsewhere, above or below, leave it alone. When the text itself changes, its finding is new and must be mended.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.translation.normalization import normalize, unify_line_ends
from edgedocs.translation.reporting.places import file_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from edgedocs.translation.checks.base import Finding
    from edgedocs.translation.tree import Tree

VERSION = 1
_KEYS = ("check", "language", "page", "text")
_REMEDY = "write it anew with --update-baseline"

Entry = tuple[str, str, str, str]
"""Check, language, page and hash."""


@dataclass(frozen=True)
class Baseline:
    """What is known.

    Args:
        entries: how often each may occur.
        messages: what each says, for people.
    """

    entries: Counter[Entry]
    messages: dict[Entry, str]

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Read a baseline.

        Raises:
            BadInput: if it is missing, no JSON or malformed.
        """
        document = files.read_json_object(path, _REMEDY)
        listed = document.get("findings")
        if document.get("version") != VERSION or not isinstance(listed, list):
            raise BadInput("no baseline", where=path, expected=f"version {VERSION} and findings", remedy=_REMEDY)
        entries: Counter[Entry] = Counter()
        messages = {}
        for number, one in enumerate(listed, 1):
            count = one.get("count", 1) if isinstance(one, dict) else 0
            texts = [one.get(key) for key in _KEYS] if isinstance(one, dict) else []
            whole = isinstance(count, int) and not isinstance(count, bool) and count > 0
            if not whole or not texts or not all(isinstance(text, str) for text in texts):
                what = f"entry {number} is malformed"
                raise BadInput(what, where=path, expected=f"the texts {', '.join(_KEYS)}, and a count", remedy=_REMEDY)
            check, language, page, text = map(str, texts)
            entries[check, language, page, text] += count
            messages[check, language, page, text] = str(one.get("message", ""))
        return cls(entries, messages)

    @classmethod
    def of(cls, tree: Tree, findings: Sequence[Finding]) -> Baseline:
        """A baseline that knows these findings."""
        keys = _keys(tree, findings)
        return cls(Counter(keys), {key: finding.message for key, finding in zip(keys, findings, strict=True)})

    def split(self, tree: Tree, findings: Sequence[Finding]) -> tuple[list[Finding], Baseline]:
        """The findings that are new, and what is known and no longer found."""
        left = Counter(self.entries)
        new = []
        for key, finding in zip(_keys(tree, findings), findings, strict=True):
            if left[key] > 0:
                left[key] -= 1
            else:
                new.append(finding)
        return new, Baseline(+left, self.messages)

    def within(self, languages: Collection[str], pages: Collection[str], checks: Collection[str]) -> Baseline:
        """The entries that a run could have found: of these languages, pages and checks; an empty one is all."""
        limits = (checks, languages, pages)
        kept = {
            key: count
            for key, count in self.entries.items()
            if all(not limit or part in limit for part, limit in zip(key, limits, strict=False))
        }
        return Baseline(Counter(kept), self.messages)

    def __add__(self, other: Baseline) -> Baseline:
        return Baseline(self.entries + other.entries, {**self.messages, **other.messages})

    def __sub__(self, other: Baseline) -> Baseline:
        return Baseline(self.entries - other.entries, self.messages)

    def as_list(self) -> list[dict[str, Any]]:
        """The entries as JSON-ready data, sorted."""
        return [
            {**dict(zip(_KEYS, key, strict=True)), "count": count, "message": self.messages.get(key, "")}
            for key, count in sorted(self.entries.items())
        ]

    def save(self, path: Path) -> None:
        """Write it whole.

        Raises:
            CannotRun: if it cannot be written.
        """
        files.write_json(path, {"version": VERSION, "findings": self.as_list()})


def fingerprints(tree: Tree, findings: Sequence[Finding]) -> list[str]:
    """For each finding a hash of its message and of the text in which it is, whatever the line number."""
    lines: dict[Path, list[str]] = {}
    found = []
    for finding in findings:
        path, line = file_of(tree, finding)
        if path not in lines:
            lines[path] = _lines(path)
        text = lines[path][line - 1] if line and line <= len(lines[path]) else ""
        message = f"{finding.check}\n{finding.message}\n{normalize(text).strip()}"
        found.append(hashlib.sha256(message.encode("utf-8", "replace")).hexdigest()[:16])
    return found


def _keys(tree: Tree, findings: Sequence[Finding]) -> list[Entry]:
    prints = fingerprints(tree, findings)
    return [(f.check, f.language, f.page, text) for f, text in zip(findings, prints, strict=True)]


def _lines(path: Path) -> list[str]:
    try:
        return unify_line_ends(files.read_text(path)).split("\n")
    except EdgeDocsError:
        return []
