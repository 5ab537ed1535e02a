"""``edgedocs examples``: what the code blocks of a documentation are for, and what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_json

if TYPE_CHECKING:
    from edgedocs.examples.inventory import Entry, Inventory

FOLDER = click.Path(path_type=Path)


@click.group("examples")
def examples() -> None:
    """The code blocks of the pages; `pytest docs/` runs them."""


@examples.command("list")
@click.option("--docs", type=FOLDER, default=Path("docs"), show_default=True, help="Folder of the pages.")
@click.option("--snippets", type=FOLDER, help="Folder that pages include from.  [default: snippets beside the pages]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_examples(docs: Path, snippets: Path | None, as_json: bool) -> int:
    """List every code block with its kind and the verdict of the last `pytest docs/`.

    Exits with 1 if an example failed, with 2 if a page is wrong.
    """
    from edgedocs.examples.inventory import Inventory
    from edgedocs.examples.project import Project

    inventory = Inventory.of(Project.open(docs, snippets))
    if as_json:
        problems = [problem.as_dict() for problem in inventory.problems]
        emit_json({**inventory.as_dict(), **({"problems": problems} if problems else {})})
    else:
        for entry in inventory.entries:
            click.echo(_line(entry))
        click.echo(", ".join(f"{count} {name}" for name, count in inventory.as_dict()["summary"].items()))
        click.echo(str(inventory.share))
    return _exit_code(inventory, as_json)


@examples.command("lint")
@click.option("--docs", type=FOLDER, default=Path("docs"), show_default=True, help="Folder of the pages.")
@click.option("--snippets", type=FOLDER, help="Folder that pages include from.  [default: snippets beside the pages]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def lint_examples(docs: Path, snippets: Path | None, as_json: bool) -> int:
    """Tell numbers that look measured and were typed by hand, and shown blocks that cannot be right. Runs nothing.

    Exits with 1 if there is a finding, with 2 if a page is wrong.
    """
    from edgedocs.examples.inventory import Inventory
    from edgedocs.examples.project import Project

    inventory = Inventory.of(Project.open(docs, snippets))
    findings = inventory.findings()
    if as_json:
        problems = [problem.as_dict() for problem in inventory.problems]
        share = inventory.share.as_dict()
        emit_json({"findings": findings, "environment": share, **({"problems": problems} if problems else {})})
    else:
        for found in findings:
            click.echo(f"{found['page']}:{found['line']}: {found['severity']}: {found['message']}")
        click.echo(f"{len(findings)} findings; {inventory.linted()}")
    return _exit_code(inventory, as_json) or int(bool(findings))


def _line(entry: Entry) -> str:
    reason = f"  ({entry.verdict.reason})" if entry.verdict.reason else ""
    return f"{entry.page}:{entry.line:<4} {entry.kind:8} {entry.verdict.name:11} {entry.id}{reason}"


def _exit_code(inventory: Inventory, as_json: bool) -> int:
    if inventory.problems:
        if not as_json:
            for problem in inventory.problems:
                click.echo(f"error: {problem}", err=True)
        return 2
    return int(any(entry.verdict.name == "failed" for entry in inventory.entries))
