"""Attribute lists: ``{#id .class key="value"}`` as the attr_list extension reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ITEM = re.compile(
    r"""[ \t]*(?:
        \#(?P<id>[^\s}#."'=]+)
      | \.(?P<class>[^\s}#."'=]+)
      | (?P<key>[A-Za-z_][\w:-]*)(?:=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'}]+)))?
    )(?=[ \t]|$)""",
    re.VERBOSE,
)


@dataclass(slots=True)
class Attributes:
    """What an attribute list says.

    Args:
        id: the identifier, if there is one.
        classes: the classes, in order.
        values: the keys and their values, in order; a key without a value has its own name as value.
        problem: what cannot be read, as a sentence without a full stop; None if all can.
    """

    id: str | None = None
    classes: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    problem: str | None = None


def parse_attributes(text: str) -> Attributes:
    """Read what stands between the braces of an attribute list, or the bare ``key="value"`` options of a fence."""
    found = Attributes()
    place = 0
    text = text.rstrip(" \t")
    while place < len(text):
        item = _ITEM.match(text, place)
        if item is None:
            found.problem = f"cannot read {text[place:].strip()!r} in the attribute list"
            break
        place = item.end()
        if item["id"]:
            repeated = found.id is not None
            found.id = item["id"]
        elif item["class"]:
            repeated = False
            found.classes.append(item["class"])
        else:
            repeated = item["key"] in found.values
            found.values[item["key"]] = _value(item)
        if repeated:
            found.problem = f"{item[0].strip()!r} repeats an attribute of this list"
    return found


def _value(item: re.Match[str]) -> str:
    for quoting in ("double", "single", "bare"):
        if item[quoting] is not None:
            return item[quoting]
    return item["key"]
