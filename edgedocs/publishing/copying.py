"""Copying: the text that the copy button gives, which is the text that was tested."""

from __future__ import annotations

_PROMPT = "$ "
_CONTINUED = "> "
_STATEMENT = (">>> ", "... ")


def console_commands(session: str) -> str:
    r"""The commands of a console session, without prompts and outputs.

    Args:
        session: lines as the console shows them: a command follows ``$ ``; after one that ends with a backslash comes
            its next line, with or without ``> ``.
    """
    commands: list[str] = []
    continued = False
    for line in session.splitlines():
        if continued:
            commands.append(line.removeprefix(_CONTINUED))
        elif line.startswith(_PROMPT):
            commands.append(line.removeprefix(_PROMPT))
        else:
            continue
        continued = commands[-1].endswith("\\")
    return "\n".join(commands)


def session_source(session: str) -> str:
    """The statements of an interactive Python session, without prompts and outputs.

    Args:
        session: lines as the interpreter shows them, ``>>> `` before a statement and ``... `` before its further lines.
    """
    lines = [line for line in session.splitlines() if f"{line} ".startswith(_STATEMENT)]
    return "".join(f"{line[4:]}\n" for line in lines)
