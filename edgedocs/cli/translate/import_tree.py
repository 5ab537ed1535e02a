"""``edgedocs translate import``: take over what another tool or a person translated."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_error, emit_json, emit_table, json_option, progress_bar
from edgedocs.cli.translate.options import languages_option, source_option, translations_option
from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from edgedocs.translation import Tree
    from edgedocs.translation.interop.importing import Import


@click.command("import")
@click.argument("catalogs", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE.po]...")
@click.option(
    "--state",
    type=click.Choice(["machine", "reviewed"]),
    default="machine",
    show_default=True,
    help="Who answers for what no person is known to have edited: a machine, or a person who has reviewed it.",
)
@click.option("--keep-footer", is_flag=True, help="Leave the sentence on how a page was made in the page.")
@click.option("--no-history", is_flag=True, help="Do not ask git for older versions of sources and translations.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and write nothing.")
@languages_option
@source_option
@translations_option
@json_option
@click.pass_context
def import_tree(
    context: click.Context,
    catalogs: tuple[Path, ...],
    state: str,
    keep_footer: bool,
    no_history: bool,
    dry_run: bool,
    languages: tuple[str, ...],
    source: Path,
    translations: Path,
    as_json: bool,
) -> None:
    """Take over the pages that Co-op Translator made; or, given FILE.po, the translations in these catalogs.

    Each page gets a header and a record for each of its segments; its text stays as it is, and nothing is translated
    again. Where a page's source has changed, git is asked for the version that was translated, so that only what
    really changed becomes stale; and for the page as the tool left it, so that what people edited since is theirs.
    The sentence on how the page was made is taken off, since the site shows a notice of its own.

    Pages that have records are left alone, so the command can be repeated.

    Exit code 0: all pages were taken over; 2: a page, a state file or an option cannot be right, the other pages were
    taken over; 3: a page could not be written.

    \b
    Examples:
      edgedocs translate import --source . --translations translations --dry-run
      edgedocs translate import --source . --translations translations --language cs
      edgedocs translate import cs.po
    """
    from edgedocs.translation import Tree

    tree = Tree.open(source, translations)
    if catalogs:
        _import_catalogs(context, tree, catalogs, languages, dry_run=dry_run, as_json=as_json)
        return
    from edgedocs.translation.interop import importing

    options = importing.Options(state, keep_footer, not no_history, dry_run)
    with progress_bar("importing", hidden=as_json) as progress:
        found = importing.import_tree(tree, languages, options, progress)
    if as_json:
        emit_json({**found.as_dict(), "dry_run": dry_run})
    else:
        _print(found, dry_run)
    for error in found.errors:
        emit_error(error, as_json)
    context.exit(found.exit_code)


def _print(found: Import, dry_run: bool) -> None:
    imported = [page for page in found.pages if page.outcome == "imported"]
    rows = [
        (page.language, page.page, page.status.state, page.origin, _counts(page.status.counts), page.edited)
        for page in imported
        if page.status is not None
    ]
    if rows:
        emit_table(("language", "page", "state", "translated from", "segments", "edited"), rows)
    for page in found.pages:
        if page.outcome in {"missing", "orphan"}:
            noted = f": {page.note}" if page.note else ""
            click.echo(f"{page.language} {page.page}: {_OTHERWISE[page.outcome]}{noted}")
    outcomes: Counter[str] = Counter(page.outcome for page in found.pages)
    verb = "would import" if dry_run else "imported"
    others = "".join(f", {outcomes[outcome]} {words}" for outcome, words in _SUMMARY.items() if outcomes[outcome])
    click.echo(f"{verb} {outcomes['imported']} pages{others}")


_OTHERWISE = {"missing": "no translation", "orphan": "its source is gone; left as it is"}
_SUMMARY = {
    "recorded": "have records already",
    "missing": "without translation",
    "orphan": "without source",
    "failed": "failed",
}


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _import_catalogs(
    context: click.Context,
    tree: Tree,
    catalogs: tuple[Path, ...],
    languages: tuple[str, ...],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from edgedocs.translation.exchange.po import import_po

    if dry_run or len(languages) > 1:
        raise BadInput(
            "options that catalogs do not have",
            where="--dry-run" if dry_run else "--language",
            expected="at most one language and no dry run",
        )
    done = import_po(tree, catalogs, tree.require_language(languages[0]) if languages else None)
    errors = [error for catalog in done for error in catalog.errors]
    if as_json:
        emit_json({"catalogs": [catalog.as_dict() for catalog in done]})
    else:
        for catalog in done:
            changed = sum(len(page.made) for page in catalog.pages)
            click.echo(f"{catalog.path.as_posix()}: {changed} segments changed, {catalog.fuzzy} fuzzy")
            for finding in catalog.findings:
                click.echo(f"  {finding.page}:{finding.line or ''} {finding.message}")
    for error in errors:
        emit_error(error, as_json)
    context.exit(max((catalog.exit_code for catalog in done), default=0))
