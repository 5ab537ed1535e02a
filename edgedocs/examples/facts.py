"""Facts: values of an example that prose refers to, as they were recorded when the example ran.

The facts of example ``quantize`` on page ``04-gguf`` lie in ``snippets/04-gguf/quantize.facts.json``::

    {
      "saving": {"value": 0.71875, "kind": "exact"},
      "provenance": {"date": "…", "versions": {"edgedocs": "…"}, …}
    }

Reading them needs neither the example nor what it imports, so a site is built from the records alone.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from edgedocs.core.errors import BadInput
from edgedocs.core.files import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".facts.json"
PROVENANCE = "provenance"
"""The key of a record that is no fact; an example cannot record a variable of this name."""

NOT_RUN = "not_run"
"""The key of a provenance that says when an example could not be recorded, and which requirements were missing."""

_NUMBERS = ("tolerance", "absolute", "factor")

FactKind = Literal["exact", "bounded", "environment"]
Scalar = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Fact:
    """One recorded value.

    Args:
        value: the value.
        kind: ``exact`` is verified on each run; ``bounded`` may change by ``factor``; ``environment`` is kept from the
            run that recorded it.
        tolerance: for an exact number of an example whose output is compared approximately, its relative tolerance.
        absolute: for such a number, the difference that is allowed close to zero.
        factor: for a bounded number, how many times larger or smaller it may be.
    """

    value: Scalar
    kind: FactKind = "exact"
    tolerance: float | None = None
    absolute: float | None = None
    factor: float | None = None

    def admits(self, value: Scalar) -> bool:
        """Whether a new run that gave ``value`` confirms this fact."""
        if self.kind == "environment":
            return True
        if not (_is_number(value) and _is_number(self.value)):
            return type(value) is type(self.value) and value == self.value
        new, old = float(value), float(self.value)
        if self.kind == "bounded":
            factor = self.factor or 1.0
            return new == old or (new * old > 0 and 1 / factor <= new / old <= factor)
        if self.tolerance is not None:
            return math.isclose(new, old, rel_tol=self.tolerance, abs_tol=self.absolute or 0.0)
        return type(value) is type(self.value) and value == self.value

    def as_dict(self) -> dict[str, Scalar]:
        """The fact as it is recorded."""
        document: dict[str, Scalar] = {"value": self.value, "kind": self.kind}
        for key in _NUMBERS:
            if (number := getattr(self, key)) is not None:
                document[key] = number
        return document


@dataclass(frozen=True, slots=True)
class Record:
    """What one example recorded: its facts by name, and when, with what and where it ran."""

    facts: dict[str, Fact]
    provenance: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record.

        Raises:
            BadInput: if it is missing, no JSON, or no record of facts.
        """
        document = read_json(path)
        if not isinstance(document, dict):
            raise BadInput("no record of facts", where=path, expected="a JSON object")
        provenance = document.pop(PROVENANCE, {})
        if not isinstance(provenance, dict):
            raise BadInput(f"{PROVENANCE!r} is no JSON object", where=path, expected="date, versions and machine")
        return cls({name: _read_fact(entry, name, path) for name, entry in document.items()}, provenance)

    def write(self, path: Path) -> None:
        """Write the record, whole."""
        facts = {name: fact.as_dict() for name, fact in self.facts.items()}
        write_json(path, {**facts, PROVENANCE: self.provenance})


@dataclass(frozen=True, slots=True)
class Facts:
    """All recorded facts of a documentation: ``records[page][example]``."""

    records: dict[str, dict[str, Record]]

    def resolve(self, page: str, reference: str, where: str | None = None) -> Fact:
        """The fact that ``reference`` (``"quantize.saving"``) names on a page (``"04-gguf"``).

        Args:
            page: name of the page that the example stands on.
            reference: the example's id and the fact's name, joined by a dot.
            where: what the error calls the place of the reference, ``"docs/04-gguf.md:12"``.

        Raises:
            BadInput: if there is no such fact; the message lists those of the example, or of the page.
        """
        example, _, name = reference.partition(".")
        record = self.records.get(page, {}).get(example)
        if record is not None and name in record.facts:
            return record.facts[name]
        known = self._known(page, example)
        close = difflib.get_close_matches(reference, known, n=1)
        raise BadInput(
            f"unknown fact {page}#{reference}",
            where=where,
            expected=f"one of {', '.join(known)}" if known else f"an example of {page} that records facts",
            remedy=f"did you mean {close[0]!r}?"
            if close
            else f'add {name!r} to facts="…" of the example, then run pytest docs/ --update-outputs',
        )

    def _known(self, page: str, example: str) -> list[str]:
        examples = self.records.get(page, {})
        wanted = [example] if example in examples else sorted(examples)
        return [f"{identifier}.{name}" for identifier in wanted for name in sorted(examples[identifier].facts)]


def load(snippets: Path) -> Facts:
    """All facts recorded below a snippets folder.

    Raises:
        BadInput: if a record cannot be read.
    """
    records: dict[str, dict[str, Record]] = {}
    for path in sorted(snippets.rglob(f"*{SUFFIX}")):
        page = path.parent.relative_to(snippets).as_posix()
        records.setdefault(page, {})[path.name.removesuffix(SUFFIX)] = Record.read(path)
    return Facts(records)


def record_path(snippets: Path, page: str, example: str) -> Path:
    """Where the facts of an example are recorded."""
    return snippets / page / f"{example}{SUFFIX}"


def as_scalar(value: object) -> Scalar | None:
    """The value as a file of JSON can hold it, or None if it is no finite scalar; a NumPy scalar counts as its item.

    An integer that no float comes near (beyond 1.8e308) is none, nor a text that is no Unicode (half of a pair).
    """
    item = getattr(value, "item", None)
    if not isinstance(value, (bool, int, float, str)) and callable(item) and getattr(value, "ndim", None) == 0:
        value = item()
    try:
        if isinstance(value, (int, float)) and not math.isfinite(value):
            return None
        if isinstance(value, str):
            value.encode()
    except (OverflowError, UnicodeEncodeError):
        return None
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return None


def _is_number(value: Scalar) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _read_fact(entry: object, name: str, path: Path) -> Fact:
    if isinstance(entry, dict) and set(entry) <= {"value", "kind", *_NUMBERS}:
        value = as_scalar(entry.get("value"))
        numbers = [entry.get(key) for key in _NUMBERS]
        suitable = all(number is None or isinstance(number, (int, float)) for number in numbers)
        if value is not None and entry.get("kind") in get_args(FactKind) and suitable:
            return Fact(value, entry["kind"], *numbers)
    raise BadInput(
        f"cannot read the fact {name!r}",
        where=path,
        expected=f'{{"value": a finite scalar, "kind": one of {", ".join(get_args(FactKind))}}}',
        remedy="record it again: pytest docs/ --update-outputs",
    )
