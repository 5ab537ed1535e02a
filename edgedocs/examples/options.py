"""Options: what the attributes of a code block ask for, read and checked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.examples.comparison import COMPARATORS, LARGEST_TOLERANCE, Comparison
from edgedocs.examples.example import FactRequest
from edgedocs.examples.facts import PROVENANCE
from edgedocs.examples.limits import Limits

if TYPE_CHECKING:
    from edgedocs.pages import Fence

_FACT = re.compile(r"(?P<name>[A-Za-z_]\w*)(?::(?P<kind>exact|environment|bounded:(?P<factor>\d+(?:\.\d+)?)))?")
_DEFAULT_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Options:
    """What the attributes of a block ask for; see :class:`edgedocs.examples.example.Example`."""

    comparison: Comparison = field(default_factory=Comparison)
    facts: tuple[FactRequest, ...] = ()
    files: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    status: int = 0


def read_options(fence: Fence, where: str) -> Options:
    """Read the attributes of a block that is run.

    Args:
        fence: the block.
        where: what an error calls its place.

    Raises:
        BadInput: if an attribute has a value that it cannot have.
    """
    attributes = fence.attributes
    comparison = _comparison(attributes, where)
    return Options(
        comparison=comparison,
        facts=_facts(attributes.get("facts", ""), comparison, where),
        files=_files(attributes.get("files", ""), where),
        requires=tuple(attributes.get("requires", "").split()),
        limits=_limits(attributes, where),
        status=_status(attributes.get("exit", "0"), where),
    )


def _comparison(attributes: dict[str, str], where: str) -> Comparison:
    name = attributes.get("output", "exact")
    if name not in COMPARATORS:
        raise BadInput(f"unknown comparison {name!r}", where=where, expected=f"one of {', '.join(COMPARATORS)}")
    if name == "environment" and not attributes.get("reason"):
        raise BadInput(
            'output="environment" without a reason',
            where=where,
            expected='reason="why the output depends on the machine"',
            remedy="add the reason; readers see it",
        )
    if name != "approx":
        for tolerance in ("rtol", "atol"):
            if tolerance in attributes:
                raise BadInput(f'{tolerance} without output="approx"', where=where, remedy="remove it, or add output")
        return Comparison(name)
    relative = _number(attributes.get("rtol", str(_DEFAULT_TOLERANCE)), "rtol", LARGEST_TOLERANCE, where)
    return Comparison("approx", relative, _number(attributes.get("atol", "0"), "atol", math.inf, where))


def _facts(text: str, comparison: Comparison, where: str) -> tuple[FactRequest, ...]:
    requests: dict[str, FactRequest] = {}
    for word in text.split():
        match = _FACT.fullmatch(word)
        if match is None or match["name"] in requests or match["name"] == PROVENANCE:
            raise BadInput(
                f"cannot record the fact {word!r}",
                where=where,
                expected="names of variables, each once; NAME:environment or NAME:bounded:FACTOR for those that vary",
            )
        factor = float(match["factor"]) if match["factor"] else None
        if factor is not None and factor < 1:
            raise BadInput(f"the factor of {word!r} is below 1", where=where, expected="a factor such as 2")
        given = (match["kind"] or "").partition(":")[0]
        varies = comparison.name == "environment" and not given
        kind = "bounded" if factor is not None else "environment" if given == "environment" or varies else "exact"
        requests[match["name"]] = FactRequest(match["name"], kind, factor)  # type: ignore[arg-type]
    return tuple(requests.values())


def _files(text: str, where: str) -> tuple[str, ...]:
    names = tuple(text.split())
    for name in names:
        if PurePosixPath(name).name != name or "\\" in name or name.startswith(".") or name.endswith((".out", ".json")):
            raise BadInput(
                f"cannot record the file {name!r}",
                where=where,
                expected="the plain name of a file in the example's working folder, not .out or .json",
            )
    return names


def _limits(attributes: dict[str, str], where: str) -> Limits:
    if not {"time-limit", "memory-limit"} & attributes.keys():
        return Limits()
    if not attributes.get("reason"):
        raise BadInput("another limit without a reason", where=where, expected='reason="why it needs more"')
    default = Limits()
    seconds = _number(attributes.get("time-limit", str(default.seconds)), "time-limit", 3600, where)
    gibibytes = _number(attributes.get("memory-limit", "4"), "memory-limit", 1024, where)
    return Limits(seconds, int(gibibytes * 2**30))


def _status(text: str, where: str) -> int:
    status = _number(text, "exit", 255, where)
    if not status.is_integer():
        raise BadInput(f'exit="{text}"', where=where, expected="a whole number from 0 to 255")
    return int(status)


def _number(text: str, name: str, largest: float, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= largest:
        expected = "a number that is not negative" if largest == math.inf else f"a number from 0 to {largest:g}"
        raise BadInput(f'{name}="{text}"', where=where, expected=expected)
    return value
