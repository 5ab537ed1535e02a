"""``edgedocs translate repair``: put text right whose bytes were read in the wrong encoding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_json, emit_table, json_option

if TYPE_CHECKING:
    from edgedocs.translation.repair import Repair

_SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file is damaged.")
@click.option("--output", type=click.Path(path_type=Path), help="Write here and leave FILE as it is.")
@json_option
@click.pass_context
def repair(context: click.Context, file: Path, check: bool, output: Path | None, as_json: bool) -> None:
    """Repair a FILE whose UTF-8 was read in another encoding, such as “KvalitnÃ­” for “Kvalitní”.

    A line is restored where its bytes determine every character. Where bytes were dropped, the line stays as it is
    and the characters that are lost are listed, with what they can have been: nothing is guessed. A translated page
    keeps its header and its records; records of damaged text are brought up to date.

    Exit code 0: clean, or all restored; 1: damaged (with --check) or something is lost; 2: not a UTF-8 file.

    \b
    Examples:
      edgedocs translate repair translations/cs/04-gguf.md --check
      edgedocs translate repair translations/cs/04-gguf.md
      edgedocs translate repair damaged.md --output restored.md --json
    """
    from edgedocs.translation.repair import repair as repair_file

    done = repair_file(file, output, check=check)
    if as_json:
        emit_json(done.as_dict())
    else:
        _print(done, output or file)
    context.exit(done.exit_code(check))


def _print(done: Repair, target: Path) -> None:
    found = done.diagnosis
    if not found.damaged:
        click.echo(f"clean: {done.path.as_posix()}")
        return
    read_as = f", UTF-8 read as {found.codec}" if found.codec else ""
    click.echo(f"damaged: {done.path.as_posix()}, {len(found.lines)} lines{read_as}")
    if found.ambiguous:
        click.echo(f"not repairable: {' and '.join(found.ambiguous)} explain it alike, and would give different texts")
    if done.diagnosis.unproven and not done.proved:
        names = " and ".join(done.diagnosis.unproven)
        click.echo(f"not repairable: {names} may have spoiled or dropped more than the text shows; nothing is written")
    if done.lost:
        click.echo(f"not wholly repairable: {len(done.lost)} characters are lost; their lines are left as they are")
        rows = [(loss.line, loss.column, loss.damaged, " ".join(loss.candidates) or "any") for loss in done.lost]
        emit_table(("line", "column", "left of it", "can have been"), rows[:_SHOWN])
        if len(rows) > _SHOWN:
            click.echo(f"and {len(rows) - _SHOWN} more; --json lists all")
    if done.written:
        click.echo(f"repaired: {target.as_posix()}")
