"""History: earlier versions of files, from the git repository that holds them, if there is one.

git is asked twice at most, whatever the number of pages: once for the list of versions, once, as a process that stays,
for their contents. Without git, or outside of a repository, there simply is no history. Nothing is fetched, and neither
hooks nor filters nor other programs that a repository may name are run.
"""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.translation.header import hashes_of
from edgedocs.translation.interop import notebooks
from edgedocs.translation.segments import split

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from edgedocs.translation.segments import Segment

MOST_VERSIONS = 500
"""Of one file; older ones are not looked at."""

_LARGEST_LIST = 256 * 2**20
_LARGEST_FILE = 16 * 2**20
_SECONDS = 120.0
_COMMIT = "commit "


@dataclass(frozen=True)
class Version:
    """A file as a commit left it.

    Args:
        blob: the name of its contents in git.
        time: when it was committed, in seconds since 1970.
    """

    blob: str
    time: int


class History:
    """The versions of the files of a folder; to be closed, or used as a context."""

    def __init__(self, folder: Path, suffixes: Sequence[str], name: str = ".") -> None:
        """A history that asks git when it is first needed.

        Args:
            folder: the folder whose files are of interest.
            suffixes: how their names end, such as ``.md``.
            name: the one file or folder in it that is of interest, if not all.
        """
        self._folder = folder
        self._suffixes = tuple(suffixes)
        self._name = name
        self._contents: subprocess.Popen[bytes] | None = None
        self._hashes: dict[str, frozenset[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End git."""
        if self._contents is not None:
            self._contents.kill()
            self._contents.communicate()
            self._contents = None

    def versions(self, path: Path) -> Sequence[Version]:
        """The versions of a file, the newest first; none if git does not know it."""
        resolved = path.resolve()
        folder = self._folder.resolve()
        if not resolved.is_relative_to(folder):
            return ()
        return self._versions.get(resolved.relative_to(folder).as_posix(), [])[:MOST_VERSIONS]

    def text(self, version: Version) -> str | None:
        """What a version says; None if it is too large, not UTF-8 or not there."""
        data = self._read(version.blob)
        try:
            return None if data is None else data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def source(self, path: Path, original_hash: str) -> str | None:
        """The version of a source that has this hash, in any form that a checkout can give it; None if none has."""
        for version in self.versions(path):
            if version.blob not in self._hashes:
                text = self.text(version)
                self._hashes[version.blob] = frozenset() if text is None else hashes_of(text)
            if original_hash in self._hashes[version.blob]:
                return self.text(version)
        return None

    @cached_property
    def _versions(self) -> dict[str, list[Version]]:
        found: defaultdict[str, list[Version]] = defaultdict(list)
        time = 0
        for entry in self._log():
            if entry.startswith(_COMMIT):
                time = int(entry.removeprefix(_COMMIT))
            elif "\t" in entry:
                fields, name = entry.split("\t", 1)
                blob = fields.split(" ")[3]
                if blob.strip("0") and name.endswith(self._suffixes):
                    found[name].append(Version(blob, time))
        return found

    def _log(self) -> Iterator[str]:
        """Lines for commits, each followed by lines for the files that it changed."""
        command = [
            *("log", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-show-signature"),
            *("-z", "--relative", f"--format={_COMMIT}%ct", "--", self._name),
        ]
        try:
            done = subprocess.run(
                self._command(*command),
                capture_output=True,
                timeout=_SECONDS,
                env=_environment(),
                check=True,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError):
            return
        if len(done.stdout) > _LARGEST_LIST:
            return
        # With -z, a file is two fields: what changed, and its name.
        fields = iter(done.stdout.decode("utf-8", errors="surrogateescape").split("\0"))
        for entry in fields:
            plain = entry.strip("\n")
            yield f"{plain}\t{next(fields, '')}" if plain.startswith(":") else plain

    def _read(self, blob: str) -> bytes | None:
        if self._contents is None:
            try:
                self._contents = subprocess.Popen(
                    self._command("cat-file", "--batch"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                )
            except OSError:
                return None
        to, back = self._contents.stdin, self._contents.stdout
        assert to is not None, "a pipe"
        assert back is not None, "a pipe"
        try:
            to.write(f"{blob}\n".encode("ascii"))
            to.flush()
            return _answer(back)
        except (OSError, ValueError):
            return None

    def _command(self, *arguments: str) -> list[str]:
        settings = (
            "core.fsmonitor=false",
            "core.hooksPath=/dev/null",
            "log.showSignature=false",
            "core.quotePath=false",
        )
        options = [part for setting in settings for part in ("-c", setting)]
        return ["git", "--no-pager", "--literal-pathspecs", *options, "-C", str(self._folder), *arguments]


def earlier_segments(path: Path, digests: Collection[str]) -> dict[str, Segment]:
    """Segments that a page had in an earlier commit, by their hashes; those that are not found are left out.

    Args:
        path: the page, or notebook.
        digests: hashes of the segments looked for.
    """
    wanted = set(digests)
    found: dict[str, Segment] = {}
    if not wanted:
        return found
    resolved = path.resolve()
    with History(resolved.parent, (resolved.suffix,), resolved.name) as history:
        for version in history.versions(resolved):
            for segment in _segments(history.text(version) or "", path):
                if segment.digest in wanted:
                    found.setdefault(segment.digest, segment)
            if wanted <= found.keys():
                break
    return found


def _segments(text: str, path: Path) -> tuple[Segment, ...]:
    try:
        return split(notebooks.page_text(text, path), "").segments
    except BadInput:
        return ()


def _answer(stream: IO[bytes]) -> bytes | None:
    fields = stream.readline().split()
    if len(fields) != 3:
        return None
    size = int(fields[2])
    if size > _LARGEST_FILE:
        left = size + 1
        while left and (part := stream.read(min(left, 2**20))):
            left -= len(part)
        return None
    data = stream.read(size)
    stream.read(1)
    return data if len(data) == size and fields[1] == b"blob" else None


def _environment() -> dict[str, str]:
    """That of this process without what would point git elsewhere, and with what keeps it from waiting or fetching."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
