"""Verdicts: what became of each example, kept from one run of pytest for those who ask later.

They lie in pytest's cache (``.pytest_cache/v/edgedocs/verdicts``). A verdict counts as long as the example and what it
recorded are what they were.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from edgedocs.core.errors import CannotRun, EdgeDocsError
from edgedocs.core.files import read_json, write_json
from edgedocs.examples.facts import record_path

if TYPE_CHECKING:
    import pytest

    from edgedocs.examples.example import Example
    from edgedocs.examples.project import Project

VerdictName = Literal[
    "passed", "environment", "own-model", "failed", "not-run", "unverified", "shown", "linted", "not-linted"
]
CACHE_KEY = "edgedocs/verdicts"
LARGEST_NUMBER = 10_000
"""Of verdicts that are kept."""

_CACHE_FILE = Path(".pytest_cache") / "v" / "edgedocs" / "verdicts"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an example.

    Args:
        name: ``passed``: it ran and gave what is recorded. ``environment``: it ran; its output is not compared.
            ``own-model``: it ran on the reader's own model and gave something else there. ``failed``.
            ``not-run``: something that it requires is missing. ``unverified``: no run is known.
            ``shown``: a block that is never run. ``linted``: it is not run, but was parsed. ``not-linted``: what
            would parse it is missing.
        reason: why it failed or was not run, or why its output is not compared.
        seconds: how long it took, if it ran.
    """

    name: VerdictName
    reason: str | None = None
    seconds: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON-ready data."""
        return asdict(self)


def digest(project: Project, example: Example) -> str:
    """A hash of everything that the verdict on an example depends on in this project."""
    recorded = [
        project.snippets / example.output_target,
        record_path(project.snippets, example.page.name, example.name),
    ]
    recorded += [project.snippets / example.page.name / name for name in example.files]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None for path in recorded]
    shown = [expected.fence.body for expected in example.expected]
    parts = [example.code, sorted(example.fence.attributes.items()), contents, shown]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def known_verdicts(project: Project) -> dict[str, Any]:
    """What the last runs of pytest kept, by example id; empty if nothing was kept.

    Where pytest keeps it depends on the folder that it runs in; the file that was written last counts.
    """
    places = [folder / _CACHE_FILE for folder in (project.docs, *project.docs.parents)]
    return read_verdicts(max((path for path in places if path.is_file()), key=_time_of_change, default=places[0]))


def read_verdicts(path: Path) -> dict[str, Any]:
    """The verdicts in a file, by example id; empty if it is missing or damaged."""
    try:
        document = read_json(path)
    except EdgeDocsError:
        return {}
    return document if isinstance(document, dict) else {}


def verdicts_file(config: pytest.Config) -> Path:
    """Where a run of pytest keeps verdicts."""
    return Path(config.rootpath, config.getini("cache_dir"), "v", CACHE_KEY)


def keep_verdicts(config: pytest.Config, known: dict[str, Any], new: dict[str, dict[str, Any]]) -> None:
    """Keep the verdicts of a run beside those of earlier ones, of which the oldest are dropped some time.

    The file is written whole, so that no other run ever reads half of it. If it cannot be written, that is a warning.

    Args:
        config: pytest's configuration, with its cache.
        known: the verdicts of earlier runs, by example id.
        new: those of this run.
    """
    kept = {name: verdict for name, verdict in known.items() if isinstance(verdict, dict) and name not in new}
    for name, verdict in new.items():
        kept[name] = {key: value for key, value in verdict.items() if key not in ("docs", "cached")}
    path = verdicts_file(config)
    if not path.parent.is_dir() and config.cache is not None:
        config.cache.set(CACHE_KEY, {})  # which makes the folders, with what belongs into them
    try:
        write_json(path, dict(list(kept.items())[-LARGEST_NUMBER:]))
    except CannotRun as error:
        warnings.warn(f"the verdicts are not kept: {error}", stacklevel=2)


def verdict_of(known: dict[str, Any], project: Project, example: Example) -> Verdict:
    """The verdict on an example, if one is kept and still counts."""
    entry = known.get(example.id)
    if not isinstance(entry, dict) or entry.get("digest") != digest(project, example):
        return Verdict("unverified", "not run since it was changed")
    return Verdict(entry["name"], entry.get("reason"), entry.get("seconds"))


def _time_of_change(path: Path) -> int:
    return path.stat().st_mtime_ns
