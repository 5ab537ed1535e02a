"""Files: written whole or not at all, read within bounds."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from edgedocs.core.errors import BadInput, CannotRun

LARGEST_TEXT = 64 * 2**20
"""Bytes; no page, snippet, configuration or tokenizer that we read as text is larger."""


@contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """Write a file whole: a temporary file in the same folder, flushed to disk, then renamed over ``path``.

    If the block raises, or the process is killed, ``path`` keeps what it held before.

    Raises:
        CannotRun: if the folder is missing or cannot be written to, or the disk is full.
    """
    with AtomicFiles() as written, written.open(path) as stream:
        yield stream


class AtomicFiles:
    """Several files that belong together; use it in a ``with`` block.

    They are complete on disk before the first gets its name, and the one opened first gets its name last, after what
    was there before has gone. So whoever finds that one finds all of them; it is the one that names the others.
    If the block raises, or the process is killed before the renaming, everything stays as it was.
    """

    def __init__(self) -> None:
        self._written: list[tuple[Path, Path]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._publish()
        finally:
            for temporary, _ in self._written:
                temporary.unlink(missing_ok=True)

    @contextmanager
    def open(self, path: Path) -> Iterator[IO[bytes]]:
        """Write one of the files.

        Raises:
            CannotRun: if the folder is missing or cannot be written to, or the disk is full.
        """
        path = Path(path)
        try:
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        except OSError as error:
            raise CannotRun(
                f"cannot write here: {error.strerror}", where=path.parent, expected="a folder to write to"
            ) from error
        temporary = Path(name)
        self._written.append((temporary, path))
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(0o666 & ~_umask())
        except OSError as error:
            raise CannotRun(f"cannot write: {error.strerror or error}", where=path) from error

    def _publish(self) -> None:
        for temporary, path in reversed(self._written):
            try:
                if len(self._written) > 1 and path == self._written[-1][1]:
                    self._written[0][1].unlink(missing_ok=True)
                temporary.replace(path)
            except OSError as error:
                raise CannotRun(f"cannot write: {error.strerror or error}", where=path) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` whole."""
    with atomic_writer(path) as stream:
        stream.write(data)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, its line ends as they are, whole."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, document: Any) -> None:
    """Write JSON, indented by two, one line end at the end, whole."""
    write_bytes(path, json_bytes(document))


def json_bytes(document: Any) -> bytes:
    """JSON as it is written to files: indented by two, one line end at the end."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def read_bytes(path: Path, limit: int = LARGEST_TEXT) -> bytes:
    """The bytes of a file of at most ``limit`` bytes.

    Raises:
        BadInput: if there is no such file, or it is larger.
        CannotRun: if it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            # read() sets aside at once what it is asked for, so ask for the file's size; a pipe says 0.
            size = os.fstat(stream.fileno()).st_size
            data = stream.read((min(size, limit) if size else limit) + 1)
    except FileNotFoundError as error:
        raise BadInput("no such file", where=path) from error
    except OSError as error:
        # Opening a folder is one error on Windows and another elsewhere.
        if path.is_dir():
            raise BadInput("a folder, not a file", where=path) from error
        raise CannotRun(f"cannot read: {error.strerror}", where=path) from error
    if len(data) > limit:
        raise BadInput(f"larger than {limit} bytes", where=path, expected="a smaller file")
    return data


def read_text(path: Path, limit: int = LARGEST_TEXT) -> str:
    """The text of a UTF-8 file, line ends untouched.

    Raises:
        BadInput: if it is missing, larger than ``limit`` bytes, or not UTF-8 (the message names line and byte).
    """
    data = read_bytes(path, limit)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8",
            where=f"{path}:{line}",
            expected="UTF-8 text",
            remedy="save the file as UTF-8",
        ) from error


def read_json(path: Path, limit: int = LARGEST_TEXT, *, unique: bool = False) -> Any:
    """The document in a JSON file.

    Args:
        path: the file.
        limit: how many bytes it may have.
        unique: whether to refuse objects that have a name twice, whose last value would count.

    Raises:
        BadInput: if it is missing, too large, nested too deeply or no JSON (the message names line and column).
    """
    text = read_text(path, limit)
    try:
        return json.loads(text, object_pairs_hook=_unique if unique else None)
    except json.JSONDecodeError as error:
        raise BadInput(f"no JSON: {error.msg}", where=f"{path}:{error.lineno}:{error.colno}") from error
    except _TwiceError as error:
        raise BadInput(f"the name {error.name!r} occurs twice", where=path, expected="each name once") from error
    except (RecursionError, ValueError) as error:
        raise BadInput("nested too deeply, or with a number too long", where=path, expected="ordinary JSON") from error


class _TwiceError(Exception):
    def __init__(self, name: str) -> None:
        self.name = name[:80]
        super().__init__(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise _TwiceError(name)
        values[name] = value
    return values


def read_json_object(path: Path, remedy: str | None = None, *, unique: bool = False) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        BadInput: as :func:`read_json`, and if the document is no object; then with ``remedy``.
    """
    document = read_json(path, unique=unique)
    if not isinstance(document, dict):
        raise BadInput(f"holds a JSON {type(document).__name__}", where=path, expected="a JSON object", remedy=remedy)
    return document


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
