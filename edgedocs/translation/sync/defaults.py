"""Defaults: what a tree's ``translate.toml`` says of the translator that sync uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.translation.language import read_toml
from edgedocs.translation.tree import SETTINGS_NAME

if TYPE_CHECKING:
    from edgedocs.translation.tree import Tree

TABLE = "translator"
_KINDS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "model": str,
    "requests_per_minute": (int, float),
    "budget": (int, float),
    "price": list,
    "timeout": (int, float),
    "jobs": int,
}

_ELSEWHERE = {
    "key": "set EDGEDOCS_API_KEY in the environment instead",
    "endpoint": "say --endpoint, or set EDGEDOCS_ENDPOINT in the environment: a file that comes with a project does "
    "not say where its texts and your key are sent",
}
"""What does not belong into the settings, by a part of its name, and where it belongs."""


def defaults(tree: Tree) -> dict[str, Any]:
    """The table ``[translator]`` of the settings, by the names of the options; empty if there is none.

    Raises:
        BadInput: if it has an unknown key or a value of the wrong kind; a key of an endpoint does not belong there.
    """
    path = tree.translations / SETTINGS_NAME
    table = read_toml(path).get(TABLE, {}) if path.is_file() else {}
    if not isinstance(table, dict):
        raise BadInput(f"{TABLE!r} is no table", where=path, expected=f"a table [{TABLE}]")
    for key, value in table.items():
        if key not in _KINDS:
            remedy = _ELSEWHERE.get(next((part for part in _ELSEWHERE if part in key.casefold()), ""))
            raise BadInput(f"unknown key {TABLE}.{key}", where=path, expected=", ".join(_KINDS), remedy=remedy)
        pair = key != "price" or (len(value) == 2 and all(isinstance(v, int | float) for v in value))
        if not isinstance(value, _KINDS[key]) or isinstance(value, bool) or not pair:
            raise BadInput(f"{TABLE}.{key} is {value!r}", where=path, expected=_expected(key))
    return dict(table)


def _expected(key: str) -> str:
    if key == "price":
        return "two numbers: US dollars for a million tokens sent and received"
    return "a text" if _KINDS[key] is str else "a number"
