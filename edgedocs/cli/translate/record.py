"""``edgedocs translate record``: note that a page translates its source as it is now."""

from __future__ import annotations

from pathlib import Path

import click

from edgedocs.cli.output import emit_json, json_option
from edgedocs.cli.translate.options import source_option, translations_option


@click.command()
@click.argument("language")
@click.argument("pages", nargs=-1, required=True, metavar="PAGE...")
@click.option(
    "--state",
    type=click.Choice(["machine", "reviewed"]),
    help="State of every segment; give it for pages that people wrote. Without it, what was recorded before and is "
    "unchanged keeps its state, what a person edited since is recorded as edited, and the rest as machine.",
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
    assumed = sum(recorded.assumed for recorded in done)
    if assumed:
        count = f"{assumed} segments are" if assumed > 1 else "a segment is"
        told = (
            f"{count} recorded as a machine's, which sync may translate again; if people wrote them: --state reviewed"
        )
        click.echo(told, err=True)
