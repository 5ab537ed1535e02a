"""Identifier: the model of py3langid that tells languages apart, read when it is first needed, or ahead in a thread.

It is 4 MB of LZMA, which become 68 MB: more than half of a second. Unpacking lets other threads run meanwhile.
"""

from __future__ import annotations

import io
import lzma
import threading
from array import array
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from edgedocs.core.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TYPE_CODES = {2: "H", 4: "I", 8: "L"}


class Identifier(Protocol):
    """What is used of py3langid."""

    nb_classes: Iterable[str]

    def classify(self, text: str) -> tuple[str, float]:
        """The likeliest language and its share."""
        ...

    def rank(self, text: str) -> list[tuple[str, float]]:
        """All languages with their shares, the likeliest first."""
        ...


_lock = threading.Lock()
_loaded: list[Identifier] = []
_threads: list[threading.Thread] = []


def identifier() -> Identifier:
    """The model.

    Raises:
        CannotRun: if py3langid is not installed.
    """
    with _lock:
        if not _loaded:
            _loaded.append(_load())
        return _loaded[0]


def start() -> None:
    """Begin to read the model in a thread, if nothing has; without py3langid, nothing happens."""
    if not _loaded and not _threads:
        _threads.append(threading.Thread(target=_in_thread, name="identifier", daemon=True))
        _threads[0].start()


def is_under_way() -> bool:
    """Whether the thread is at work."""
    return any(thread.is_alive() for thread in _threads)


def finish() -> None:
    """Wait for the thread: a process is not forked beside one."""
    while _threads:
        _threads.pop().join()


def _in_thread() -> None:
    with suppress(CannotRun):
        identifier()


def _load() -> Identifier:
    try:
        from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
    except ImportError as error:
        raise CannotRun(
            "telling languages apart needs py3langid", remedy='pip install "edgedocs[translate]"'
        ) from error
    try:
        return _unpacked(LanguageIdentifier, MODEL_DIR / MODEL_FILE)
    except (AttributeError, KeyError, TypeError, ValueError):  # another version keeps its model otherwise
        model: Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        return model


def _unpacked(model: Any, path: Path) -> Identifier:
    """As ``LanguageIdentifier.from_model_file``, without the temporary file, which takes a third of the time."""
    import numpy as np

    with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as arrays:
        moves, rows = (_integers(arrays[name]) for name in ("nextmove", "nextmove_row"))
        output, classes = arrays["out_feat"].tolist(), arrays["classes"].tolist()
        unpacked: Identifier = model(arrays["ptc"], arrays["pc"], classes, moves, output, norm_probs=True, tk_row=rows)
        return unpacked


def _integers(values: Any) -> array[int]:
    found = array(_TYPE_CODES[values.dtype.itemsize])
    found.frombytes(memoryview(values).cast("B"))
    return found
