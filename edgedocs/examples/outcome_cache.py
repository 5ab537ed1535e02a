"""Outcome cache: an example that passed is not run again while nothing that its outcome depends on has changed.

Its kept verdict carries a key. The key covers the example and what it recorded
(:func:`edgedocs.examples.verdicts.digest`), the programs that it calls, and its surroundings
(:mod:`edgedocs.examples.surroundings`). A failure is never reused, nor is anything on a reader's own model, and a run
that records does not vouch for what it recorded.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import CannotRun
from edgedocs.examples.console import read_session, resolve
from edgedocs.examples.surroundings import program_stamp, surroundings
from edgedocs.examples.verdicts import Verdict

if TYPE_CHECKING:
    from edgedocs.examples.example import Example

REUSED = ("passed", "environment")
"""Verdicts that a later run may take over."""


def key(example: Example, digest: str) -> str:
    """The key of an example's outcome on this machine.

    Args:
        example: the example.
        digest: the hash of it and of what it recorded.
    """
    # Code that stands on the page runs with the page's line numbers.
    place = example.fence.body_line if example.snippet is None else example.snippet.name
    parts = [at_start(), digest, example.id, example.kind, place, _programs(example)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def reusable(entry: object, wanted: str) -> Verdict | None:
    """The verdict in a kept entry, if it may be taken over under the key ``wanted``; damage in it is no hit."""
    if not isinstance(entry, dict) or entry.get("key") != wanted or entry.get("name") not in REUSED:
        return None
    reason, seconds = entry.get("reason"), entry.get("seconds")
    suitable = isinstance(reason, str | None) and isinstance(seconds, int | float | None)
    return Verdict(entry["name"], reason, seconds) if suitable else None


@cache
def at_start() -> str:
    """The surroundings as they were when this process asked first, which it does before any example runs."""
    return surroundings()


def disown_if_changed(verdicts: dict[str, dict[str, Any]]) -> None:
    """Take the keys off the verdicts of a run if the surroundings changed while it ran."""
    if any("cached" not in verdict for verdict in verdicts.values()) and surroundings() != at_start():
        for verdict in verdicts.values():
            verdict.pop("key", None)


def counted(verdicts: dict[str, dict[str, Any]]) -> int:
    """How many of the verdicts of a run were taken over."""
    return sum(bool(verdict.get("cached")) for verdict in verdicts.values())


def _programs(example: Example) -> list[str]:
    """What tells the versions of the programs of a console apart."""
    if example.kind != "console":
        return []
    found = []
    for command in read_session(example.code, example.place):
        try:
            found.append(program_stamp(resolve(command.words)[0]))
        except CannotRun:
            found.append("missing")
    return found
