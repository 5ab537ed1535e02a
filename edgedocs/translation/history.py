"""History: texts that segments of a page had before, as git remembers them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from edgedocs.translation.segments import split

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from edgedocs.translation.segments import Segment

MOST_VERSIONS = 200
"""How many versions of a page are looked through, from the newest."""

_SECONDS = 30
_LARGEST = 2**22


def earlier_segments(path: Path, digests: Collection[str]) -> dict[str, Segment]:
    """Segments that a page had in an earlier commit, by their hashes; those that are not found are left out.

    Nothing is found without git, outside a repository, or in a shallow copy that lacks the commit.

    Args:
        path: the page.
        digests: hashes of the segments looked for.
    """
    wanted = set(digests)
    found: dict[str, Segment] = {}
    for text in _versions(path) if wanted else ():
        for segment in _segments(text):
            if segment.digest in wanted:
                found.setdefault(segment.digest, segment)
        if wanted <= found.keys():
            break
    return found


def _segments(text: str) -> tuple[Segment, ...]:
    from edgedocs.core.errors import BadInput

    try:
        return split(text, "").segments
    except BadInput:
        return ()


def _versions(path: Path) -> Iterator[str]:
    """The texts that a page had, the newest first."""
    listed = _git(path, "log", f"--max-count={MOST_VERSIONS}", "--format=%H", "--", path.name)
    for commit in (listed or b"").split():
        content = _git(path, "show", f"{commit.decode()}:./{path.name}")
        if content is not None and len(content) <= _LARGEST:
            yield content.decode("utf-8", errors="replace")


def _git(path: Path, *arguments: str) -> bytes | None:
    command = ["git", "-c", "core.quotepath=off", *arguments]
    try:
        done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
