"""Commands: the reference of a command line that is made with click, from the commands themselves."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput
from edgedocs.publishing.reference.generated import GeneratedPage
from edgedocs.publishing.reference.wording import code, heading, paragraphs, sentence, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

_VERBATIM = "\b"
_EXAMPLES = re.compile(r"Examples?:\s*")


def commands_page(reference: str) -> GeneratedPage:
    """The page of a command line.

    Args:
        reference: where its group is: ``"edgedocs.cli:cli"``.

    Raises:
        BadInput: if there is no click command.
    """
    root = _load(reference)
    name = reference.partition(".")[0].partition(":")[0]
    parts = [
        f'---\ndescription: "All commands of {name} with their options, from the commands themselves."\n---',
        heading(1, "Command line", "command-line"),
        *_command(root, name, None, 2),
    ]
    return GeneratedPage("reference/commands", "\n\n".join(parts), reference)


def _load(reference: str) -> click.Command:
    import click

    module, _, attribute = reference.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadInput(
            f"no command line {reference!r}: {error}", where="mkdocs.yml", expected="MODULE:NAME of a click group"
        ) from error
    if not isinstance(found, click.Command):
        raise BadInput(
            f"{reference!r} is no click command", where="mkdocs.yml", expected="MODULE:NAME of a click group"
        )
    return found


def _command(command: click.Command, name: str, parent: click.Context | None, level: int) -> Iterator[str]:
    """A command: usage, what it does, examples, arguments and options; then its own commands."""
    import click

    context = click.Context(command, info_name=name, parent=parent)
    path = context.command_path
    if parent is not None:
        yield heading(min(level, 4), code(path), path.replace(" ", "-"))
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    yield f"{code(usage)}\n{{ .edgedocs-signature }}"
    yield from _help(command)
    rows = [record for parameter in command.get_params(context) if (record := _record(parameter, context))]
    if rows:
        yield table(("Option", "Meaning"), rows)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None and not found.hidden:
                yield from _command(found, child, context, level if parent is None else level + 1)


def _help(command: click.Command) -> Iterator[str]:
    """The help text; its examples as a list of commands."""
    for block in re.split(r"\n[ \t]*\n", inspect.cleandoc(command.help or "")):
        lines = [line for line in block.splitlines() if line.strip() != _VERBATIM]
        if not lines:
            continue
        if len(lines) < len(block.splitlines()):
            title, rest = (lines[0], lines[1:]) if _EXAMPLES.fullmatch(lines[0]) else ("", lines)
            yield from [sentence(title)] if title else []
            yield "\n".join(f"- {code(line)}" for line in _joined(rest))
        else:
            yield paragraphs(block)


def _joined(lines: list[str]) -> Iterator[str]:
    """Lines, with those that a backslash continues in one."""
    held = ""
    for line in lines:
        held += line.strip()
        if held.endswith("\\"):
            held = held[:-1]
            continue
        yield held
        held = ""
    if held:
        yield held


def _record(parameter: click.Parameter, context: click.Context) -> tuple[str, str] | None:
    found: Any = parameter.get_help_record(context)
    if found is None or not found[1] or getattr(parameter, "is_eager", False):  # the usage names all arguments
        return None
    return code(found[0]), sentence(found[1])
