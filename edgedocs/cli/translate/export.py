"""``edgedocs translate export``: translations as files for people's tools."""

from __future__ import annotations

from pathlib import Path

import click

from edgedocs.cli.output import emit_error, emit_json, emit_table, json_option
from edgedocs.cli.translate.options import languages_option, source_option, translations_option


@click.command()
@click.argument("pages", nargs=-1, metavar="[PAGE]...")
@languages_option
@click.option("--to", "form", type=click.Choice(["po"]), default="po", show_default=True, help="Format of the files.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default="po",
    show_default=True,
    help="Folder of the files; each language has a folder in it.",
)
@source_option
@translations_option
@json_option
@click.pass_context
def export(
    context: click.Context,
    pages: tuple[str, ...],
    languages: tuple[str, ...],
    form: str,
    output: Path,
    source: Path,
    translations: Path,
    as_json: bool,
) -> None:
    """Write each PAGE, or all of them, as a file for a translation tool; `translate import` takes it back.

    One PO file for each page and language. What is stale, failed or needs review is marked as fuzzy; findings, terms
    of the glossary and, where git knows it, the earlier source text stand beside it. A file with work that was not
    imported is not overwritten.

    \b
    Examples:
      edgedocs translate export --language cs --to po
      edgedocs translate export 04-gguf.md --language cs --output for-jana
      edgedocs translate import for-jana/cs/04-gguf.po
    """
    from edgedocs.core.errors import BadInput, EdgeDocsError, gathered
    from edgedocs.translation import Tree
    from edgedocs.translation.exchange.po import Exported, export_po

    tree = Tree.open(source, translations)
    codes = [tree.require_language(code) for code in languages] or tree.languages()
    if not codes:
        raise BadInput("no translations here", where=tree.translations, expected="a folder for each language")
    done: list[Exported] = []
    errors: list[EdgeDocsError] = []
    for code in codes:
        for page in [tree.page_name(page, code) for page in pages] or tree.pages():
            with gathered(errors):
                done.append(export_po(tree, code, page, output))
    if as_json:
        emit_json({"exported": [exported.as_dict() for exported in done], "format": form})
    elif done:
        rows = [(e.path.as_posix(), e.translated, e.fuzzy, e.untranslated) for e in done]
        emit_table(("file", "translated", "fuzzy", "untranslated"), rows)
    for failure in errors:
        emit_error(failure, as_json)
    context.exit(max((failure.exit_code for failure in errors), default=0))
