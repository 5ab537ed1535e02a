"""Copying: the text that the copy button gives, which is the text that was tested."""

from __future__ import annotations

import re

_PROMPT = re.compile(r"[ \t]*(?:\$|>)[ \t](?P<command>.*)")
_CONTINUED = re.compile(r"[ \t]*>[ \t](?P<command>.*)")


def console_commands(body: str) -> str:
    """The commands of a console session, without prompts and outputs.

    Args:
        body: lines as the console shows them; a command follows ``$ ``, and the next line of one that ends with a
            backslash follows ``> `` or stands as it is.
    """
    commands = []
    continued = False
    for line in body.splitlines():
        match = _PROMPT.fullmatch(line) if not continued else _CONTINUED.fullmatch(line)
        if match and (continued or line.lstrip().startswith("$")):
            commands.append(match["command"])
        elif continued:
            commands.append(line)
        else:
            continue
        continued = commands[-1].endswith("\\")
    return "\n".join(commands)


def session_source(body: str) -> str:
    """The statements of an interactive Python session, without prompts and outputs.

    Args:
        body: lines as the interpreter shows them: ``>>> `` before a statement's first line, ``... `` before the others.
    """
    lines = [line[4:] for line in body.splitlines() if line.startswith((">>> ", "... ")) or line in (">>>", "...")]
    return "".join(f"{line}\n" for line in lines)
