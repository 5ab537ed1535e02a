"""JSON: as RFC 8259 has it, so no comments, no NaN, and no key twice in one object."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from edgedocs.examples.linters.base import Finding, Linter

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,\n]')


class JsonLinter(Linter):
    """Parses with the standard library, then looks for keys that an object has twice."""

    languages = ("json",)

    def parse(self, text: str) -> list[Finding]:
        """See the base class."""
        try:
            json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
        except json.JSONDecodeError as error:
            return [Finding(error.lineno, error.msg)]
        except _ConstantError as error:
            return [Finding(_line_of_constant(text, str(error)), f"{error} is no JSON")]
        return _repeated_keys(text)


class _ConstantError(ValueError):
    """NaN or Infinity, which Python reads and other parsers refuse."""


def _refuse(name: str) -> NoReturn:
    raise _ConstantError(name)


def _line_of_constant(text: str, name: str) -> int:
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', lambda match: " " * len(match[0]), text)
    return text.count("\n", 0, outside.find(name)) + 1


def _repeated_keys(text: str) -> list[Finding]:
    """Keys that one object of a valid JSON text has twice."""
    found: list[Finding] = []
    objects: list[dict[str, int]] = []
    line = 1
    pending: tuple[str, int] | None = None
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n":
            line += 1
        elif token[0] == '"':
            pending = token, line
        elif token in "{[":
            objects.append({})
        elif token in "}]":
            objects.pop()
        elif token == ":" and pending is not None:
            key = json.loads(pending[0])
            if key in objects[-1]:
                found.append(Finding(pending[1], f"the key {key!r} stands in line {objects[-1][key]} already"))
            objects[-1].setdefault(key, pending[1])
    return found


LINTER = JsonLinter()
