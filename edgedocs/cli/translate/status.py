"""``edgedocs translate status``: what is not in step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_error, emit_json, emit_table, json_option
from edgedocs.cli.translate.options import languages_option, source_option, translations_option

if TYPE_CHECKING:
    from edgedocs.translation.overview import Overview


@click.command()
@languages_option
@source_option
@translations_option
@json_option
@click.pass_context
def status(context: click.Context, languages: tuple[str, ...], source: Path, translations: Path, as_json: bool) -> None:
    """Show what is not in step: pages and, with their lines, segments.

    Exit code 0: everything is fresh; 1: something is stale, missing, orphaned, failed or needs review; 2: a page
    or an option cannot be right.

    \b
    Examples:
      edgedocs translate status
      edgedocs translate status --language cs --json
      edgedocs translate status --source docs --translations translations
    """
    from edgedocs.translation import Tree, overview

    found = overview(Tree.open(source, translations), languages)
    if as_json:
        emit_json(found.as_dict())
    else:
        _print_overview(found)
    for error in found.errors:
        emit_error(error, as_json)
    context.exit(found.exit_code)


def _print_overview(found: Overview) -> None:
    rows = [(e.language, e.page, e.status.state, _counts(e.status.counts)) for e in found.entries]
    emit_table(("language", "page", "state", "segments"), rows)
    for entry in found.entries:
        document = entry.status.as_dict()
        changes = [(c["source_line"], c["line"], c["state"], c["kind"], c["words"]) for c in document["changes"]]
        changes += [(d["source_line"], d["line"], d["check"], "", d["message"]) for d in document["differences"]]
        if changes:
            click.echo(f"\n{entry.language} {entry.page}")
            texts = [tuple("—" if cell is None else cell for cell in change) for change in changes]
            emit_table(("source line", "line", "state", "kind", "text"), texts)
    unrecorded = [e for e in found.entries if not e.status.recorded and e.status.state in ("stale", "needs-review")]
    if unrecorded:
        click.echo("\nWithout records, a page is judged whole. When its translation is right, record it:")
    for entry in unrecorded:
        click.echo(f"  edgedocs translate record {entry.language} {entry.page}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items())
