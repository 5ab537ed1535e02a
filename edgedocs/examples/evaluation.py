"""Evaluation: an example is run in a clean process and an empty folder, within its limits."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgedocs.core.errors import CannotRun
from edgedocs.core.files import write_json, write_text
from edgedocs.examples import child
from edgedocs.examples.console import read_session, resolve
from edgedocs.examples.network import without_network
from edgedocs.examples.outcome import ExampleError, Outcome
from edgedocs.examples.own_model import SHIPPED, VARIABLE, own_model

if TYPE_CHECKING:
    from edgedocs.examples import process
    from edgedocs.examples.example import Example
    from edgedocs.examples.facts import Scalar

_SETTINGS = {
    "COLUMNS": "80",
    "LINES": "24",
    "DO_NOT_TRACK": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "MPLBACKEND": "Agg",
    "NO_COLOR": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "0",
    "TERM": "dumb",
    "TRANSFORMERS_OFFLINE": "1",
    "TZ": "UTC",
}
"""The same on every machine: no network, no telemetry, no colours, no window, UTF-8, 80 columns."""

_LARGEST_FILE = 16 * 2**20


def evaluate(example: Example) -> Outcome:
    """Run an example to its end.

    Raises:
        ExampleError: if it raises, breaks a limit, prints what is not UTF-8, or lacks a fact or file that it records.
        CannotRun: if it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="edgedocs-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        for name in ("work", "control", "temporary"):
            (root / name).mkdir()
        outcome = _run_console(example, root) if example.kind == "console" else _run_python(example, root)
        return replace(outcome, files={name: _read_file(example, root / "work" / name) for name in example.files})


def environment(temporary: Path) -> dict[str, str]:
    """The environment variables of an example: the caller's without Python's own, and the same settings everywhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    scripts = sysconfig.get_path("scripts")
    kept["PATH"] = os.pathsep.join([scripts, kept.get("PATH", os.defpath)])
    # The example's folder is another than the caller's, to which a path of theirs is relative.
    kept[VARIABLE] = str(own_model() or SHIPPED)
    kept["MATPLOTLIBRC"] = str(Path(__file__).with_name("matplotlibrc"))
    return {**kept, **_SETTINGS, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}


def _run_python(example: Example, root: Path) -> Outcome:
    source = root / "control" / (example.snippet.name if example.snippet else f"{example.name}.py")
    # Code that stands on the page keeps the page's line numbers, so that a traceback names them.
    first_line = 0 if example.snippet else example.fence.body_line - 1
    write_text(source, example.code if example.kind == "doctest" else "\n" * first_line + example.code)
    result = root / "control" / "result.json"
    job = {
        "kind": example.kind,
        "example": example.id,
        "source": str(source),
        "shown": example.place,
        "first_line": first_line + 1,
        "facts": [request.name for request in example.facts],
        "result": str(result),
    }
    write_json(root / "control" / "job.json", job)
    command = [sys.executable, "-I", "-X", "utf8", child.__file__, str(root / "control" / "job.json")]
    finished = _run(example, command, root)
    errors = finished.errors.decode("utf-8", "replace").replace(str(source), _source_name(example))
    _check_end(example, finished, errors)
    return Outcome(_text(example, finished.output), finished.seconds, _read_facts(example, result))


def _run_console(example: Example, root: Path) -> Outcome:
    session = read_session(example.code, example.place)
    outputs = []
    seconds = 0.0
    for command in session:
        wanted = example.status if command is session[-1] else 0
        limits = replace(example.limits, seconds=max(0.0, example.limits.seconds - seconds))
        finished = _run(replace(example, limits=limits), resolve(command.words, example.place), root)
        seconds += finished.seconds
        errors = finished.errors.decode("utf-8", "replace")
        _check_end(example, finished, errors, wanted, f"$ {' '.join(command.words)}")
        # A terminal shows both; but notes of a command that succeeds are no part of what readers wait for.
        outputs.append(_text(example, finished.output + (finished.errors if wanted else b"")))
    return Outcome("".join(outputs), seconds, outputs=tuple(outputs))


def _read_facts(example: Example, result: Path) -> dict[str, Scalar]:
    if not example.facts:
        return {}
    if not result.is_file():
        raise ExampleError(
            f"example {example.id} ended the process before its facts could be read",
            where=example.place,
            expected="code that runs to its end",
        )
    document = json.loads(result.read_text(encoding="utf-8"))
    if document["problems"]:
        raise ExampleError(
            f"example {example.id}: {'; '.join(document['problems'])}",
            where=example.place,
            expected="a finite int or float, a str or a bool for each fact",
            remedy='correct facts="…", or convert the variable',
        )
    facts: dict[str, Scalar] = document["facts"]
    return facts


def _run(example: Example, command: list[str], root: Path) -> process.Finished:
    from edgedocs.examples import process  # here: a run that takes all verdicts from the cache starts nothing

    try:
        return process.run(without_network(command), root / "work", environment(root / "temporary"), example.limits)
    except OSError as error:
        raise CannotRun(f"cannot start {command[0]}: {error.strerror}", where=example.place) from error


def _source_name(example: Example) -> str:
    if example.snippet is None:
        return example.page.shown
    return f"{example.snippet.parent.name}/{example.snippet.name}"


def _check_end(example: Example, finished: process.Finished, errors: str, wanted: int = 0, command: str = "") -> None:
    limits = example.limits
    broken = {
        "time": (f"ran longer than {limits.seconds:g} s", "make it faster", "time-limit"),
        "memory": (f"took more than {limits.memory / 2**30:g} GiB of memory", "make it smaller", "memory-limit"),
        "output": (f"printed more than {limits.output:,} bytes", "print less", None),
    }
    if finished.broken is not None:
        what, remedy, attribute = broken[finished.broken]
        raise ExampleError(
            f"example {example.id} {what} and was ended",
            where=example.place,
            remedy=remedy + (f', or give the block {attribute}="…" with a reason="…"' if attribute else ""),
        )
    if finished.status != wanted:
        what = f"{command!r} of example {example.id}" if command else f"example {example.id}"
        ended = f"was ended by signal {-finished.status}" if finished.status < 0 else f"exited with {finished.status}"
        raise ExampleError(f"{what} {ended}\n{errors.rstrip()}", where=example.place, expected=f"exit status {wanted}")


def _text(example: Example, output: bytes) -> str:
    try:
        return output.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = output.count(b"\n", 0, error.start) + 1
        raise ExampleError(
            f"example {example.id} printed a byte that is not UTF-8: 0x{output[error.start]:02x} in line {line}",
            where=example.place,
            expected="UTF-8 text",
        ) from error


def _read_file(example: Example, path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
        raise ExampleError(
            f"example {example.id} did not write {path.name}" if not path.is_file() else f"{path.name} is too large",
            where=example.place,
            expected=f"a file of at most {_LARGEST_FILE:,} bytes in the working folder",
            remedy='write it there, or correct files="…"',
        )
    return path.read_bytes()
