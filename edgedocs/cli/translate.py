"""Commands about translations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_error, emit_json, emit_table, json_option

if TYPE_CHECKING:
    from edgedocs.translation.overview import Overview

source_option = click.option(
    "--source", type=click.Path(path_type=Path), default="docs", show_default=True, help="Folder of the source pages."
)
translations_option = click.option(
    "--translations",
    type=click.Path(path_type=Path),
    default="translations",
    show_default=True,
    help="Folder with a folder for each language.",
)


@click.group()
def translate() -> None:
    """Keep translated pages in step with their source.

    \b
    Examples:
      edgedocs translate status
      edgedocs translate record cs 04-gguf.md
    """


@translate.command()
@click.option("--language", "languages", multiple=True, help="Only this language; may be given several times.")
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


@translate.command()
@click.argument("language")
@click.argument("pages", nargs=-1, required=True, metavar="PAGE...")
@click.option(
    "--state",
    type=click.Choice(["machine", "reviewed"]),
    help="State of every segment. Without it, what was recorded before and is unchanged keeps its state, what a person "
    "edited since is recorded as edited, and the rest as machine.",
)
@source_option
@translations_option
@json_option
def record(
    language: str, pages: tuple[str, ...], state: str | None, source: Path, translations: Path, as_json: bool
) -> None:
    """Record that each PAGE in LANGUAGE translates the source as it is now.

    The page must have the same pieces, code, facts and heading ids as its source; its text is not changed. Later,
    `translate status` compares both with what was recorded. `machine`: may be translated again when its source
    changes; `reviewed`: a person answers for it, so it is not overwritten.

    \b
    Examples:
      edgedocs translate record cs 04-gguf.md
      edgedocs translate record cs index.md 04-gguf.md --state reviewed
    """
    from edgedocs.translation import Tree
    from edgedocs.translation import record as record_page

    tree = Tree.open(source, translations)
    tree.require_language(language)
    done = [record_page(tree, language, tree.page_name(page, language), state) for page in pages]
    if as_json:
        documents = [{"path": r.path.as_posix(), "segments": r.segments, "changed": r.changed} for r in done]
        emit_json({"recorded": documents})
        return
    for recorded in done:
        verb = "recorded" if recorded.changed else "unchanged:"
        click.echo(f"{verb} {recorded.path.as_posix()}, {recorded.segments} segments")
