"""Grid: one model in several types, on several backends, measured on the same texts.

What is done is kept in a work folder: each converted model under a name that tells how it was made, each row
of the grid in a file of its own. A grid that was interrupted, or killed, goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from edgedocs import converters, runners
from edgedocs.artifact import Artifact
from edgedocs.containers.gguf import is_gguf
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun, EdgeDocsError
from edgedocs.core.progress import Progress
from edgedocs.core.provenance import provenance, versions
from edgedocs.inspection import inspect
from edgedocs.measurement.recorded import RecordedReference
from edgedocs.measurement.report import described
from edgedocs.measurement.texts import Texts
from edgedocs.measurement.windows import Method, Window, Windows
from edgedocs.runners import Runner
from edgedocs.runners.sources import Source, is_checkpoint, locate

WORK = Path(".edgedocs") / "compare"
"""The work folder where none is named."""


@dataclass(frozen=True)
class Cell:
    """One place of the grid.

    Attributes:
        type: the type to convert to, as the converter has it.
        backend: the runner's name.
        converter: the converter's name.
    """

    type: str
    backend: str
    converter: str


@dataclass(frozen=True)
class Comparison:
    """A grid, measured.

    Attributes:
        document: what ``schema.json`` beside this module calls ``comparison``, JSON-ready.
        reused: rows that were measured before and are still true.
    """

    document: dict[str, Any]
    reused: int

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows that were measured, in the order of types and backends asked for."""
        rows: list[dict[str, Any]] = self.document["rows"]
        return rows

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Type, backend and error of what could not be measured."""
        failed: list[dict[str, Any]] = self.document["failed"]
        return failed


def compare(
    source: Source,
    types: Sequence[str],
    text: str | Path | Texts,
    backends: Sequence[str] | None = None,
    *,
    work: Path = WORK,
    context: int | None = None,
    windows: int | None = None,
    stride: int | None = None,
    method: Method = "overlapping",
    imatrix: Path | None = None,
    reference_backend: str | None = None,
    progress: Progress | None = None,
    command: str | None = None,
    finished: Callable[[dict[str, Any]], None] | None = None,
) -> Comparison:
    """Convert a model to each type, and measure each on each backend beside the model itself.

    Args:
        source: a checkpoint, its folder, ``"tiny"``, or a GGUF file that is not quantized.
        types: types of any converter, such as ``q4_k_m``; a type that is two converters' is measured with each whose
            format a backend loads.
        text: one text, the path of one, or several.
        backends: the runners' names; None takes for each type the first that is installed.
        work: the folder that keeps what is done; about as large as the converted models.
        context: tokens a window.
        windows: measure only so many windows from the start of each text.
        stride: tokens from window to window.
        method: how windows are cut.
        imatrix: an importance matrix, for the types of GGUF.
        reference_backend: what runs the model itself; None takes the first that loads it.
        progress: called with the windows done and the windows in all, over the whole grid.
        command: the command that asks for this, for the record.
        finished: called with each row when it is kept.

    Raises:
        BadInput: if the model, a text, a type, a backend or an option cannot be right.
        CannotRun: if a named backend is not installed, the reference fails, or the work folder cannot be used. What
            goes wrong with one row alone does not end the grid; see :attr:`Comparison.failed`.
    """
    path = locate(source)
    texts = text if isinstance(text, Texts) else Texts.of(text)
    cells = _cells(types, backends, path)
    with _locked(work), runners.load(path, backend=reference_backend) as reference:
        rule = Windows.of(reference, context, stride, method)
        pieces = texts.cut(reference, rule, windows)
        settings = {
            "texts": texts.hashes(),
            "windows": windows,
            "context": rule.context,
            "stride": rule.stride,
            "method": rule.method,
            "reference": described(reference, path),
        }
        grid = _Grid(path, texts, pieces, rule, settings, work, imatrix, progress, len(cells))
        rows, failed, reused = [], [], 0
        with RecordedReference(reference, _flat(pieces), work) as recorded:
            for cell in cells:
                try:
                    row, was_kept = grid.row(cell, recorded, reference)
                except EdgeDocsError as error:
                    failed.append({"type": cell.type, "backend": cell.backend, "error": error.as_dict()})
                    continue
                except MemoryError:
                    full = CannotRun("out of memory", remedy="close other programs, or measure a smaller context")
                    failed.append({"type": cell.type, "backend": cell.backend, "error": full.as_dict()})
                    continue
                rows.append(row)
                reused += was_kept
                if finished is not None:
                    finished(row)
            of_reference = grid.reference_row(recorded, reference)
    document = {
        "measurement": "comparison",
        "model": path.name or path.resolve().name,
        "rows": rows,
        "failed": failed,
        **{key: settings[key] for key in ("texts", "context", "stride", "method")},
        "imatrix": grid.described_imatrix(),
        "reference": of_reference,
        "command": command,
        "provenance": provenance("numpy", *{runners.registry.get(cell.backend).distribution for cell in cells}),
    }
    return Comparison(document, reused)


class _Grid:
    """What all cells have in common."""

    def __init__(
        self,
        path: Path,
        texts: Texts,
        pieces: dict[str, list[Window]],
        rule: Windows,
        settings: dict[str, Any],
        work: Path,
        imatrix: Path | None,
        progress: Progress | None,
        cells: int,
    ) -> None:
        self._path, self._texts, self._pieces, self._rule = path, texts, pieces, rule
        self._settings, self._work, self._progress = settings, work, progress
        self._imatrix = imatrix
        self._source_hash = settings["reference"]["sha256"]
        self._imatrix_hash = None if imatrix is None else files.sha256(_existing(imatrix))
        self._windows = len(_flat(pieces))
        self._total = self._windows * (cells + 1)
        self._done = 0

    def row(self, cell: Cell, recorded: RecordedReference, reference: Runner) -> tuple[dict[str, Any], bool]:
        """The row of a cell, and whether it was measured before."""
        artifact = self._converted(cell)
        runner_type = runners.registry.get(cell.backend)
        key = {
            "type": cell.type,
            "backend": cell.backend,
            "sha256": artifact.sha256,
            "versions": versions("edgedocs", "numpy", runner_type.distribution),
            **self._settings,
        }
        kept = self._work / "rows" / f"{_digest(key)}.json"
        if kept.is_file():
            row = files.read_json_object(kept, "remove it; it is measured again then")
            self._advance(self._windows)
            return row, True
        recorded.fill(self._advance)
        with runner_type.load(artifact.path, **_fitting(runner_type, self._rule.context)) as runner:
            self._texts.check_tokens(runner, reference)
            scores = self._texts.score(runner, self._pieces, recorded, self._step())
            row = {
                "type": cell.type,
                "backend": cell.backend,
                "format": artifact.format,
                "artifact": artifact.path.name,
                "sha256": artifact.sha256,
                "size_bytes": artifact.size_bytes,
                "bits_per_weight": inspect(artifact.path).bits_per_weight,
                "precision": dict(runner.precision),
                **scores,
                "provenance": provenance("numpy", runner.distribution),
            }
        kept.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(kept, row)
        return row, False

    def reference_row(self, recorded: RecordedReference, reference: Runner) -> dict[str, Any]:
        """What the model itself predicts, measured before or now."""
        known: dict[str, Any] = self._settings["reference"]
        used = versions("edgedocs", "numpy", reference.distribution)
        kept = self._work / "rows" / f"{_digest({'row': 'reference', 'versions': used, **self._settings})}.json"
        if kept.is_file():
            self._advance(self._total - self._done)
            return files.read_json_object(kept, "remove it; it is measured again then")
        recorded.fill(self._advance)
        scores = self._texts.score(recorded.replayed(reference), self._pieces)
        kept.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(kept, known | scores)
        self._advance(self._total - self._done)
        return known | scores

    def described_imatrix(self) -> dict[str, Any] | None:
        """Which importance matrix the types of GGUF were made with, for the record."""
        if self._imatrix is None:
            return None
        opened = ImportanceMatrix.open(self._imatrix)
        return {"sha256": self._imatrix_hash, "datasets": list(opened.datasets), "chunks": opened.chunks}

    def _converted(self, cell: Cell) -> Artifact:
        """The model in the cell's type: what the work folder keeps, if it was made in the same way."""
        matrix = self._imatrix if cell.converter == "gguf" else None
        recipe = {
            "source": self._source_hash,
            "converter": cell.converter,
            "type": cell.type,
            "imatrix": None if matrix is None else self._imatrix_hash,
            "versions": versions("edgedocs"),
        }
        suffix = ".gguf" if cell.converter == "gguf" else ""
        target = self._work / "models" / f"{cell.converter}-{cell.type}-{_digest(recipe)}{suffix}"
        if target.exists():
            artifact = Artifact.describe(target)
            if artifact.manifest():
                return artifact
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_gguf(self._path):
            from edgedocs.converters.gguf import quantize

            return quantize(self._path, target, cell.type, imatrix=matrix)
        options: dict[str, Any] = {} if matrix is None else {"imatrix": matrix}
        return converters.convert(self._path, target, to=cell.converter, type=cell.type, **options)

    def _advance(self, windows: int) -> None:
        self._done = min(self._done + windows, self._total)
        if self._progress is not None:
            self._progress(self._done, self._total)

    def _step(self) -> Progress:
        return lambda done, total: self._advance(1)


def _cells(types: Sequence[str], backends: Sequence[str] | None, path: Path) -> list[Cell]:
    """The places of the grid that can be, in order.

    Raises:
        BadInput: if a type or a backend is unknown, or fits none of the others.
        CannotRun: if a backend is asked for that does not work here, or none does.
    """
    if not types:
        raise BadInput("no types to compare", expected="at least one, such as q4_k_m")
    if path.is_dir() and not is_checkpoint(path):
        raise BadInput(
            "not a model that can be converted", where=path, expected="a checkpoint folder, a GGUF file, or 'tiny'"
        )
    for name in backends or ():
        state = runners.registry.get(name).available()
        if not state.ok:
            raise CannotRun(f"runner {name} cannot run: {state.reason}", remedy=state.remedy)
    known = [converters.registry.get("gguf")] if is_gguf(path) else list(converters.registry)
    cells: list[Cell] = []
    used: set[str] = set()
    for wanted in dict.fromkeys(one.lower() for one in types):
        fitting = [one.name for one in known if wanted in one.types]
        if not fitting:
            every = sorted({name for one in known for name in one.types})
            raise BadInput(f"unknown type {wanted!r}", expected=f"one of {', '.join(every)}")
        found = _of_type(wanted, fitting, backends)
        used |= {cell.backend for cell in found}
        cells += found
    if unused := [name for name in backends or () if name not in used]:
        raise BadInput(
            f"backend {unused[0]} loads none of the types {', '.join(types)}",
            expected=f"a type that is stored as one of: {', '.join(runners.registry.get(unused[0]).formats)}",
        )
    return cells


def _of_type(wanted: str, fitting: list[str], backends: Sequence[str] | None) -> list[Cell]:
    pairs = [
        Cell(wanted, runner.name, converter)
        for runner in (map(runners.registry.get, backends) if backends else runners.registry)
        for converter in fitting
        if converter in runner.formats
    ]
    if not pairs:
        raise BadInput(
            f"none of the backends {', '.join(backends or runners.registry.names())} loads the type {wanted}",
            expected=f"a backend that loads {' or '.join(fitting)}",
        )
    if backends:
        return pairs
    installed = [pair for pair in pairs if runners.registry.get(pair.backend).available().ok]
    if not installed:
        state = runners.registry.get(pairs[0].backend).available()
        raise CannotRun(f"nothing that is installed loads the type {wanted}: {state.reason}", remedy=state.remedy)
    return installed[:1]


def _fitting(runner_type: type[Runner], context: int) -> dict[str, Any]:
    """The context for a runner that can be told one; others make room as they go."""
    from inspect import signature

    return {"context": context} if "context" in signature(runner_type).parameters else {}


def _digest(key: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]


def _flat(pieces: dict[str, list[Window]]) -> list[Window]:
    return [window for several in pieces.values() for window in several]


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise BadInput("no such file", where=path)
    return path


@contextmanager
def _locked(work: Path) -> Iterator[None]:
    """Keep others out of the work folder, and remove what a killed process was writing."""
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"cannot write here: {error.strerror}", where=work, expected="a folder to write to") from error
    lock = FileLock(work / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise CannotRun(
            "another comparison is at work here", where=work, remedy="wait for it, or name another folder with --work"
        ) from error
    try:
        for left in work.glob("*/.*.tmp"):
            _remove(left)
        yield
    finally:
        lock.release()


def _remove(path: Path) -> None:
    if path.is_dir():
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
