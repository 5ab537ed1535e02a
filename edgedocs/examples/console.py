"""Console: a session of commands after ``$``, run without a shell, and the output that stands below each."""

from __future__ import annotations

import shlex
import shutil
import sys
import sysconfig
from dataclasses import dataclass

from edgedocs.core.errors import BadInput, CannotRun

PROMPT = "$ "
_SHELL = frozenset({"&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1"})


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a session: its words, and the output that the page shows below it."""

    words: tuple[str, ...]
    output: str


def read_session(text: str, where: str) -> list[Command]:
    r"""The commands of a console block; a backslash at the end of a line continues the command.

    Raises:
        BadInput: if the block does not begin with a command, or a command needs a shell.
    """
    commands: list[Command] = []
    lines = iter(text.replace("\r\n", "\n").splitlines())
    for line in lines:
        if line.startswith(PROMPT):
            command = line.removeprefix(PROMPT)
            while command.endswith("\\"):
                command = command[:-1] + " " + next(lines, "").removeprefix("> ")
            commands.append(Command(_words(command, where), ""))
        elif commands:
            commands[-1] = Command(commands[-1].words, f"{commands[-1].output}{line}\n")
        else:
            raise BadInput("the console block does not begin with a command", where=where, expected="$ command")
    return commands


def resolve(words: tuple[str, ...], where: str | None = None) -> list[str]:
    """The command with its program found: ``python`` and installed commands are those of this environment.

    Args:
        words: the command.
        where: what an error calls its place.

    Raises:
        CannotRun: if there is no such program.
    """
    name, *arguments = words
    if name in ("python", "python3"):
        return [sys.executable, *arguments]
    program = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if program is not None:
        return [program, *arguments]
    if name == "edgedocs":
        return [sys.executable, "-m", "edgedocs", *arguments]
    raise CannotRun(f"no program {name!r}", where=where, expected="a command of this environment", remedy="install it")


def _words(command: str, where: str) -> tuple[str, ...]:
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars="&|;<>")
        lexer.whitespace_split = True
        lexer.commenters = ""
        words = tuple(lexer)
    except ValueError as error:
        raise BadInput(f"cannot read the command {command!r}: {error}", where=where) from error
    if not words or not _SHELL.isdisjoint(words) or any(not word.strip("&|;<>") for word in words):
        raise BadInput(
            f"the command {command!r} needs a shell" if words else "an empty command",
            where=where,
            expected="one program and its arguments after each $; no pipes, redirections or &&",
            remedy="write one command a line",
        )
    return words
