"""Recording: what an example gave is compared with what is recorded and shown, or recorded anew."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_text, write_bytes, write_text
from edgedocs.core.provenance import provenance
from edgedocs.examples.comparison import plain
from edgedocs.examples.console import read_session
from edgedocs.examples.difference import describe
from edgedocs.examples.facts import NOT_RUN, Fact, Record, Scalar, record_path
from edgedocs.examples.outcome import ExampleError, Outcome
from edgedocs.examples.requirements import distributions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edgedocs.examples.example import Example, FactRequest
    from edgedocs.examples.project import Project

UPDATE = "if the new result is right, record it: pytest docs/ --update-outputs"
OUTPUT_HASH = "output_sha256"
"""The key of a record's provenance that holds the SHA-256 of the recorded output."""

FACTS_HASH = "facts_sha256"
"""The key that holds the SHA-256 of the facts, if one of them may differ from run to run."""


def check(project: Project, example: Example, outcome: Outcome) -> None:
    """Compare what an example gave with what is recorded.

    Raises:
        ExampleError: if anything differs or is not recorded; the message names all of it.
    """
    problems = _problems(project, example, outcome)
    if problems:
        raise ExampleError("\n".join(problems), where=example.place, remedy=UPDATE)


def update(project: Project, example: Example, outcome: Outcome) -> None:
    """Record what an example gave, all of it from this one run, each file whole.

    What still verifies stays as it was recorded, except where nothing is compared.

    Raises:
        ExampleError: if output that stands on the page itself differs, or bounds do not hold: people write those.
    """
    by_hand = [problem for problem in _literal_problems(example, outcome) if problem]
    if example.comparison.name == "bound":
        by_hand += _output_problems(project, example, outcome)
    if by_hand:
        raise ExampleError("\n".join(by_hand), where=example.place, remedy="correct what is written by hand")
    path = record_path(project.snippets, example.page.name, example.name)
    marked = path.is_file() and NOT_RUN in _provenance(path)
    if example.comparison.name != "environment" and not marked and not _problems(project, example, outcome):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, data in outcome.files.items():
        write_bytes(path.parent / name, data)
    facts = {request.name: _fact(example, request, outcome.facts[request.name]) for request in example.facts}
    origin = provenance("numpy", *distributions(example.requires))
    if _is_recorded(example):
        write_text(project.snippets / example.output_target, outcome.output)
        origin[OUTPUT_HASH] = _hash(outcome.output)
    if _any_varies(facts):
        origin[FACTS_HASH] = _hash_of_facts(facts)
    Record(facts, origin).write(path)


def record_not_run(project: Project, example: Example, missing: list[str]) -> None:
    """Note that an example was not run when outputs were recorded last; what was recorded of it before stays.

    Args:
        project: the project.
        example: the example.
        missing: the names of its requirements that were missing.
    """
    path = record_path(project.snippets, example.page.name, example.name)
    record = Record.read(path) if path.is_file() else Record({})
    known = record.provenance.get(NOT_RUN)
    if isinstance(known, dict) and known.get("missing") == missing:
        return
    mark = {"date": provenance()["date"], "missing": missing}
    path.parent.mkdir(parents=True, exist_ok=True)
    Record(record.facts, {**record.provenance, NOT_RUN: mark}).write(path)


def edited_by_hand(project: Project, example: Example) -> Iterator[tuple[Path, str]]:
    """The recorded files of an example that are not what it gave when recorded, each with what is wrong; runs nothing.

    Args:
        project: the project.
        example: the example.
    """
    output = project.snippets / example.output_target
    if output.is_file() and (problem := _edit_problem(project, example, read_text(output))):
        yield output, problem
    path = record_path(project.snippets, example.page.name, example.name)
    if example.records and path.is_file() and _are_facts_edited(Record.read(path)):
        yield path, f"its facts are not what example {example.id} gave when recorded"


def _are_facts_edited(record: Record) -> bool:
    return _any_varies(record.facts) and record.provenance.get(FACTS_HASH) != _hash_of_facts(record.facts)


def _provenance(path: Path) -> dict[str, Any]:
    try:
        return Record.read(path).provenance
    except BadInput:
        return {}


def _problems(project: Project, example: Example, outcome: Outcome) -> list[str]:
    return [
        *_output_problems(project, example, outcome),
        *_fact_problems(project, example, outcome),
        *_file_problems(project, example, outcome),
    ]


def _is_recorded(example: Example) -> bool:
    """Whether the page shows output that is recorded by a run; bounds are not, people write them."""
    return example.comparison.name != "bound" and any(expected.recorded for expected in example.expected)


def _any_varies(facts: Mapping[str, Fact]) -> bool:
    """Whether a fact could be changed by hand and no run would contradict it."""
    return any(fact.kind != "exact" or fact.tolerance is not None for fact in facts.values())


def _hash_of_facts(facts: Mapping[str, Fact]) -> str:
    return _hash(json.dumps({name: fact.as_dict() for name, fact in facts.items()}, sort_keys=True))


def _hash(text: str) -> str:
    return hashlib.sha256(plain(text).encode()).hexdigest()


def _output_problems(project: Project, example: Example, outcome: Outcome) -> list[str]:
    problems = list(_literal_problems(example, outcome))
    if any(expected.recorded for expected in example.expected):
        problems.insert(0, _recorded_output_problem(project, example, outcome))
    return [problem for problem in problems if problem]


def _recorded_output_problem(project: Project, example: Example, outcome: Outcome) -> str | None:
    path = project.snippets / example.output_target
    if not path.is_file():
        return f"the output of example {example.id} is not recorded: there is no {project.shown(path)}"
    text = read_text(path)
    return _difference(example, text, outcome.output, project.shown(path)) or _edit_problem(project, example, text)


def _edit_problem(project: Project, example: Example, text: str) -> str | None:
    """Tells of a recorded output that was changed by hand, also where a comparison would let it pass."""
    record = record_path(project.snippets, example.page.name, example.name)
    if not _is_recorded(example) or not record.is_file():
        return None
    if _provenance(record).get(OUTPUT_HASH) == _hash(text):
        return None
    return f"{example.output_target} was changed by hand: it is not what example {example.id} printed when recorded"


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
    comparison = example.comparison
    if excess := comparison.excess(expected):
        return f"example {example.id}: {excess}; correct the tolerance"
    if comparison.admits(expected, actual):
        return None
    how = "" if comparison.name == "exact" else f" (compared as {comparison.name})"
    differs = describe(comparison, expected, actual, source)
    return f"example {example.id} printed something else than {source} shows{how}\n{differs}"


def _fact(example: Example, request: FactRequest, value: Scalar) -> Fact:
    if request.kind == "exact" and example.comparison.name == "approx" and isinstance(value, float):
        return Fact(value, "exact", tolerance=example.comparison.relative, absolute=example.comparison.absolute or None)
    return Fact(value, request.kind, factor=request.factor)


def _fact_problems(project: Project, example: Example, outcome: Outcome) -> list[str]:
    path = record_path(project.snippets, example.page.name, example.name)
    shown = project.shown(path)
    if not example.records:
        return []
    if not path.is_file():
        return [f"what example {example.id} records is missing: there is no {shown}"]
    try:
        record = Record.read(path)
    except BadInput as error:
        return [str(error)]
    wanted = {request.name for request in example.facts}
    left_over = [
        f"{shown} has a fact {name!r} that the example does not record" for name in record.facts.keys() - wanted
    ]
    compared = [
        _fact_problem(f"{example.id}.{request.name}", record.facts.get(request.name), new, shown)
        for request in example.facts
        for new in [_fact(example, request, outcome.facts[request.name])]
    ]
    if _are_facts_edited(record):
        left_over.append(f"{shown} was changed by hand: its facts are not what example {example.id} gave when recorded")
    return [problem for problem in [*compared, *sorted(left_over)] if problem]


def _fact_problem(name: str, old: Fact | None, new: Fact, shown: str) -> str | None:
    if old is None:
        return f"the fact {name} is not recorded in {shown}"
    if replace(old, value=new.value) != new:
        return f"the fact {name} is recorded in {shown} as {old.as_dict()}, but now it is {new.as_dict()}"
    if not old.admits(new.value):
        return f"the fact {name} is {new.value!r}; {shown} has {old.value!r}"
    return None


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
