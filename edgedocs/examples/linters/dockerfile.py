"""Dockerfiles: instructions, their order and form, continued lines and here-documents.

The rules are those of Docker's reference of the Dockerfile. What an instruction does is not checked.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.examples.linters.base import Finding, Linter

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTRUCTIONS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_LISTS = frozenset({"CMD", "ENTRYPOINT", "SHELL", "VOLUME"})
"""Instructions that take a JSON list; a text with a bracket that is no JSON silently means something else."""

_DIRECTIVE = re.compile(r"#[ \t]*(?P<name>[A-Za-z]+)[ \t]*=[ \t]*(?P<value>\S+)")
_HERE = re.compile(r"(?<!<)<<(?P<dash>-?)(?P<quote>[\"']?)(?P<name>[A-Za-z_]\w*)(?P=quote)(?=\s|$|[;|&>)])")
_FROM = re.compile(r"(?:--platform=\S+\s+)?[^\s-]\S*(?:\s+AS\s+[a-z][a-z0-9_.-]*)?\s*", re.IGNORECASE)
_PAIR = re.compile(r"[^\s=]+(?:=.*|\s+\S.*)", re.DOTALL)
_FLAGS = re.compile(r"(?:--[a-z][\w-]*(?:=\S*)?\s+)*")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its name in capitals, the rest of it with continued lines joined, its first line."""

    name: str
    rest: str
    line: int


class DockerfileLinter(Linter):
    """Reads instruction by instruction."""

    languages = ("dockerfile", "docker", "containerfile")

    def parse(self, text: str) -> list[Finding]:
        """See the base class."""
        found: list[Finding] = []
        instructions = list(_instructions(text.split("\n"), found))
        first = next((each for each in instructions if each.name != "ARG"), None)
        if first is None or first.name != "FROM":
            found.append(Finding(first.line if first else 1, "FROM has to come first; only ARG may stand before it"))
        for instruction in instructions:
            what = _problem(instruction.name, instruction.rest)
            if what is not None:
                found.append(Finding(instruction.line, what))
        return sorted(found, key=lambda finding: finding.line)


def _escape(lines: list[str]) -> str:
    """The character that continues a line; a parser directive at the top can choose it."""
    for line in lines:
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None:
            break
        if match["name"].lower() == "escape":
            return match["value"]
    return "\\"


def _instructions(lines: list[str], found: list[Finding]) -> Iterator[Instruction]:
    escape = _escape(lines)
    place = 0
    while place < len(lines):
        start = place
        parts: list[str] = []
        continued = False
        while place < len(lines):
            bare = lines[place].strip()
            place += 1
            # A comment between continued lines is no part of the instruction.
            if not bare.startswith("#") and (bare or not continued):
                continued = bare.endswith(escape)
                parts.append(bare.removesuffix(escape))
            if not continued:
                break
        text = " ".join(parts).strip()
        if not text:
            continue
        if continued:
            found.append(Finding(place, "the text ends in a continued line"))
        name, _, rest = text.partition(" ")
        if name.upper() in ("RUN", "COPY", "ADD"):
            place = _after_here_documents(rest, lines, place, start + 1, found)
        yield Instruction(name.upper(), rest.strip(), start + 1)


def _after_here_documents(rest: str, lines: list[str], place: int, line: int, found: list[Finding]) -> int:
    """The place after the here-documents that an instruction opens."""
    for match in _HERE.finditer(rest):
        while place < len(lines):
            end = lines[place].lstrip("\t") if match["dash"] else lines[place]
            place += 1
            if end == match["name"]:
                break
        else:
            found.append(Finding(line, f"the here-document {match['name']} does not end"))
    return place


def _problem(name: str, rest: str) -> str | None:
    if name not in INSTRUCTIONS:
        return f"unknown instruction {name}"
    if not rest:
        return f"{name} without an argument"
    match name:
        case "FROM":
            return None if _FROM.fullmatch(rest) else "FROM takes an image and, after AS, a name in small letters"
        case "ENV" | "LABEL":
            return None if _PAIR.fullmatch(rest) else f"{name} takes NAME=VALUE"
        case "COPY" | "ADD":
            return _copy_problem(name, rest)
        case "HEALTHCHECK":
            return _healthcheck_problem(_FLAGS.sub("", rest, count=1))
        case "ONBUILD":
            return _onbuild_problem(rest)
    return _list_problem(name, rest) if name in _LISTS else None


def _onbuild_problem(rest: str) -> str | None:
    name, _, inner = rest.partition(" ")
    if name.upper() in ("FROM", "ONBUILD", "MAINTAINER"):
        return f"ONBUILD cannot trigger {name.upper()}"
    return _problem(name.upper(), inner.strip())


def _healthcheck_problem(rest: str) -> str | None:
    name, _, inner = rest.partition(" ")
    if name.upper() == "NONE" and not inner:
        return None
    if name.upper() != "CMD" or not inner:
        return "HEALTHCHECK takes NONE, or CMD and a command"
    return _list_problem("CMD", inner.strip())


def _copy_problem(name: str, rest: str) -> str | None:
    rest = _FLAGS.sub("", rest, count=1)
    if rest.startswith("["):
        return _list_problem(name, rest)
    return None if len(rest.split()) > 1 else f"{name} takes a source and a destination"


def _list_problem(name: str, rest: str) -> str | None:
    if not rest.startswith("["):
        return "SHELL takes a JSON list" if name == "SHELL" else None
    try:
        words = json.loads(rest)
    except ValueError:
        return f"the list after {name} is no JSON; its texts stand in double quotes"
    return None if words and all(isinstance(word, str) for word in words) else f"{name} takes a list of texts"


LINTER = DockerfileLinter()
