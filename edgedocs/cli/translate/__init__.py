"""Commands about translations: one module each, imported when it is asked for."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "status": "status",
    "check": "check",
    "sync": "sync",
    "review": "review",
    "record": "record",
    "repair": "repair",
    "import": "import_tree",
    "export": "export",
    "add-language": "add_language",
}
"""Command names, in the order of the work, with their modules; the command in it is called as the module."""


class _Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, COMMANDS[cmd_name])
        return command


@click.group(cls=_Commands)
def translate() -> None:
    """Keep translated pages in step with their source.

    \b
    Examples:
      edgedocs translate status
      edgedocs translate check --language cs
      edgedocs translate sync --language cs --dry-run
      edgedocs translate record cs 04-gguf.md
    """
