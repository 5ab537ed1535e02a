"""Finding: one thing that is wrong with a documentation, and where."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import EdgeDocsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHECKS = ("configuration", "sources", "outputs", "headings", "images", "build", "rendering", "links", "html")
"""What findings are about, in the order in which a site is made."""

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::\d+)?")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong.

    Args:
        file: the file, from the project's folder on.
        line: its line there, from 1.
        check: one of :data:`CHECKS`.
        message: what is wrong, and what was expected.
        remedy: what to do, if that is known.
    """

    file: str
    line: int
    check: str
    message: str
    remedy: str | None = None

    def __str__(self) -> str:
        remedy = f"\nremedy: {self.remedy}" if self.remedy else ""
        return f"{self.file}:{self.line}: {self.message}{remedy}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready data."""
        return asdict(self)


class FindingsError(EdgeDocsError):
    """A site that was not built, for what is wrong with it."""

    exit_code = 1

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = in_order(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, by file and line."""
    return sorted(set(findings), key=lambda found: (found.file, found.line, CHECKS.index(found.check), found.message))


def from_error(error: BaseException, check: str, root: Path, file: str) -> Iterator[Finding]:
    """The findings that an error tells of.

    Args:
        error: an error of ours, which may hold several, or another, whose text is all there is.
        check: what the findings are about.
        root: the project's folder.
        file: the file at fault where the error names none.
    """
    parts = getattr(error, "errors", None) or getattr(error, "problems", None)
    if parts:
        for part in parts:
            yield from from_error(part, check, root, file)
        return
    if not isinstance(error, EdgeDocsError):
        yield Finding(file, 1, check, str(error))
        return
    named, line = _place(error.where, root)
    message = error.what if named or not error.where else f"{error.where}: {error.what}"
    if error.expected is not None:
        message += f"; expected {error.expected}"
    yield Finding(named or file, line, check, message, error.remedy)


def _place(where: str | None, root: Path) -> tuple[str | None, int]:
    """The file and the line that a message names; no file if it names something else."""
    if where is None:
        return None, 1
    match = _PLACE.fullmatch(where)
    name, line = (match["file"], int(match["line"])) if match else (where, 1)
    path = root / name  # an absolute name stays what it is
    if path.is_relative_to(root):
        relative = path.relative_to(root).as_posix()
        if match or path.exists():
            return relative, line
    elif path.exists():
        return name, line
    return None, 1
