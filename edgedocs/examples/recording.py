"""Recording: what an example gave is compared with what is recorded and shown, or recorded anew."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from edgedocs.core import provenance
from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_text, write_bytes, write_text
from edgedocs.examples.comparison import plain
from edgedocs.examples.console import read_session
from edgedocs.examples.facts import Fact, Record, Scalar, record_path
from edgedocs.examples.outcome import ExampleError, Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.examples.example import Example, FactRequest
    from edgedocs.examples.project import Project

UPDATE = "if the new result is right, record it: pytest docs/ --update-outputs"
_LONGEST_DIFFERENCE = 200


def check(project: Project, example: Example, outcome: Outcome) -> None:
    """Compare what an example gave with what is recorded.

    Raises:
        ExampleError: if anything differs or is not recorded; the message names all of it.
    """
    problems = [
        *_output_problems(project, example, outcome),
        *_fact_problems(project, example, outcome),
        *_file_problems(project, example, outcome),
    ]
    if problems:
        raise ExampleError("\n".join(problems), where=example.place, remedy=UPDATE)


def update(project: Project, example: Example, outcome: Outcome) -> None:
    """Record what an example gave, each file whole. What still verifies stays as it was recorded.

    Raises:
        ExampleError: if output that stands on the page itself differs; pages are written by people.
    """
    literal = [problem for problem in _literal_problems(example, outcome) if problem]
    if literal:
        raise ExampleError("\n".join(literal), where=example.place, remedy="correct the page")
    folder = project.snippets / example.page.name
    folder.mkdir(parents=True, exist_ok=True)
    environment = example.comparison.name == "environment"
    recorded = any(expected.recorded for expected in example.expected)
    if recorded and (environment or _recorded_output_problem(project, example, outcome)):
        write_text(project.snippets / example.output_target, outcome.output)
    for name, data in outcome.files.items():
        if environment or _file_problem(project, example, name, data):
            write_bytes(folder / name, data)
    path = record_path(project.snippets, example.page.name, example.name)
    if not (example.facts or environment):
        path.unlink(missing_ok=True)
    elif environment or _fact_problems(project, example, outcome):
        facts = {request.name: _fact(example, request, outcome.facts[request.name]) for request in example.facts}
        Record(facts, provenance.provenance("numpy", *example.requires)).write(path)


def _output_problems(project: Project, example: Example, outcome: Outcome) -> list[str]:
    recorded = any(expected.recorded for expected in example.expected)
    found = [_recorded_output_problem(project, example, outcome) if recorded else None]
    return [problem for problem in [*found, *_literal_problems(example, outcome)] if problem]


def _recorded_output_problem(project: Project, example: Example, outcome: Outcome) -> str | None:
    path = project.snippets / example.output_target
    if not path.is_file():
        return f"the output of example {example.id} is not recorded: there is no {project.shown(path)}"
    return _difference(example, read_text(path), outcome.output, project.shown(path))


def _literal_problems(example: Example, outcome: Outcome) -> list[str | None]:
    problems = [
        _difference(example, expected.fence.body, outcome.output, example.page.place(expected.fence.body_line))
        for expected in example.expected
        if not expected.recorded
    ]
    if example.kind == "console" and not example.expected:
        session = read_session(example.code, example.place)
        for command, output in zip(session, outcome.outputs, strict=True):
            problems.append(
                _difference(example, command.output, output, f"{example.place}: $ {' '.join(command.words)}")
            )
    return problems


def _difference(example: Example, expected: str, actual: str, source: str) -> str | None:
    if example.comparison.admits(expected, actual):
        return None
    lines = list(
        difflib.unified_diff(plain(expected).split("\n"), plain(actual).split("\n"), source, "this run", lineterm="")
    )
    if len(lines) > _LONGEST_DIFFERENCE:
        lines = [*lines[:_LONGEST_DIFFERENCE], f"… {len(lines) - _LONGEST_DIFFERENCE} more lines"]
    comparison = "" if example.comparison.name == "exact" else f" (compared as {example.comparison.name})"
    return "\n".join([f"example {example.id} printed something else than {source} shows{comparison}", *lines])


def _fact(example: Example, request: FactRequest, value: Scalar) -> Fact:
    if request.kind == "exact" and example.comparison.name == "approx" and isinstance(value, float):
        return Fact(value, "exact", tolerance=example.comparison.relative, absolute=example.comparison.absolute or None)
    return Fact(value, request.kind, factor=request.factor)


def _fact_problems(project: Project, example: Example, outcome: Outcome) -> list[str]:
    path = record_path(project.snippets, example.page.name, example.name)
    environment = example.comparison.name == "environment"
    if not path.is_file():
        needed = example.facts or environment
        return [f"what example {example.id} records is missing: there is no {project.shown(path)}"] if needed else []
    try:
        record = Record.read(path)
    except BadInput as error:
        return [str(error)]
    problems = []
    for request in example.facts:
        value = outcome.facts[request.name]
        new, old = _fact(example, request, value), record.facts.get(request.name)
        if old is None:
            problems.append(f"the fact {example.id}.{request.name} is not recorded in {project.shown(path)}")
        elif (new.kind, new.tolerance, new.absolute, new.factor) != (old.kind, old.tolerance, old.absolute, old.factor):
            problems.append(
                f"the fact {example.id}.{request.name} is recorded as {old.as_dict()}, but now {new.as_dict()}"
            )
        elif not old.admits(value):
            problems.append(
                f"the fact {example.id}.{request.name} is {value!r}; {project.shown(path)} has {old.value!r}"
            )
    wanted = {request.name for request in example.facts}
    problems += [
        f"{project.shown(path)} has a fact {name!r} that the example does not record"
        for name in record.facts
        if name not in wanted
    ]
    if not wanted and not environment:
        problems.append(f"{project.shown(path)} is left over; example {example.id} records nothing")
    return problems


def _file_problems(project: Project, example: Example, outcome: Outcome) -> list[str]:
    found = [_file_problem(project, example, name, data) for name, data in outcome.files.items()]
    return [problem for problem in found if problem]


def _file_problem(project: Project, example: Example, name: str, data: bytes) -> str | None:
    path: Path = project.snippets / example.page.name / name
    if not path.is_file():
        return f"the file {name} of example {example.id} is not recorded: there is no {project.shown(path)}"
    if example.comparison.admits_file(name, path.read_bytes(), data):
        return None
    return f"example {example.id} wrote another {name} than {project.shown(path)}"
