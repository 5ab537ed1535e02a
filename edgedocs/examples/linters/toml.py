"""TOML: version 1.0, as the standard library reads it; a repeated key is an error there."""

from __future__ import annotations

import re
import tomllib

from edgedocs.examples.linters.base import Finding, Linter

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


class TomlLinter(Linter):
    """Parses with the standard library."""

    languages = ("toml",)

    def parse(self, text: str) -> list[Finding]:
        """See the base class."""
        try:
            tomllib.loads(text)
        except ValueError as error:  # a number of too many digits is no TOMLDecodeError
            message = str(error)
            place = _PLACE.search(message)
            last = max(1, text.rstrip("\n").count("\n") + 1)
            line = int(place["line"]) if place and place["line"] else last if place else 1
            return [Finding(min(line, last), _PLACE.sub("", message))]
        return []


LINTER = TomlLinter()
