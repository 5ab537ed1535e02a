"""Memory: what earlier builds of the same process made, kept under all that it was made of.

A page that is built again is made of what it was made of before, except for what somebody has just edited. So each
costly step is asked for by a key that holds everything it reads: texts, not times of change. What is found under that
key is what the step would make; anything else that has changed is another key.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Result = TypeVar("Result")


class Memory:
    """Results of costly steps.

    A build that is done calls :meth:`forget`, so that what no page needs any more does not pile up.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}
        self._used: dict[str, Any] = {}

    def recall(self, key: str, make: Callable[[], Result], keep: Callable[[Result], bool] | None = None) -> Result:
        """The result of a step, made now if it was not made of the same before.

        Whoever gets it must not change it: others get the same.

        Args:
            key: from :func:`digest`, of the step's name and of all that it reads.
            make: the step.
            keep: whether the result may be kept; always by default.
        """
        if key not in self._used:
            made = self._kept[key] if key in self._kept else make()
            if keep is not None and not keep(made):
                return made
            self._used[key] = made
        result: Result = self._used[key]
        return result

    def forget(self) -> None:
        """Keep only what was asked for since the last call."""
        self._kept, self._used = self._used, {}


def digest(*parts: object) -> str:
    """A key: the hash of texts, and of other values as they are written in Python.

    Args:
        parts: texts, bytes, and values whose ``repr`` says all that they hold.
    """
    found = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        found.update(f"{type(part).__name__} {len(data)}\n".encode())
        found.update(data)
    return found.hexdigest()


def digest_of_files(root: Path, files: Iterable[Path]) -> str:
    """The hash of files: of their paths below a folder, and of what they hold."""
    found = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        found.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode("utf-8", "surrogatepass"))
    return found.hexdigest()
