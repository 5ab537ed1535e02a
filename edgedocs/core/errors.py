"""The errors that EdgeDocs raises on purpose, and what each means for the command line's exit code."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class EdgeDocsError(Exception):
    """Something went wrong that the user can understand and mend.

    Args:
        what: what is wrong, as a sentence without a full stop.
        where: the file, the place in it, or the name at fault.
        expected: what would have been right.
        remedy: what to do now.
    """

    exit_code = 3

    def __init__(
        self,
        what: str,
        *,
        where: str | Path | None = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.expected = expected
        self.remedy = remedy
        super().__init__(self._message())

    def _message(self) -> str:
        message = self.what if self.where is None else f"{self.where}: {self.what}"
        if self.expected is not None:
            message += f"; expected {self.expected}"
        if self.remedy is not None:
            message += f"\nremedy: {self.remedy}"
        return message

    def as_dict(self) -> dict[str, str | int | None]:
        """The error as JSON-ready data, as ``--json`` prints it."""
        return {
            "error": self.what,
            "kind": type(self).__name__,
            "where": self.where,
            "expected": self.expected,
            "remedy": self.remedy,
            "exit_code": self.exit_code,
        }


class BadInput(EdgeDocsError):  # noqa: N818 - the name says whose fault it is
    """A file, a name or an option that cannot be right, whatever the machine."""

    exit_code = 2


class CannotRun(EdgeDocsError):  # noqa: N818 - as above
    """The request is right, but this machine cannot carry it out: a missing requirement, or failing I/O."""

    exit_code = 3


@contextmanager
def gathered(errors: list[EdgeDocsError]) -> Iterator[None]:
    """Put an error that the block raises into a list, so that what comes after the block goes on.

    Args:
        errors: gets the error.
    """
    try:
        yield
    except EdgeDocsError as error:
        errors.append(error)
