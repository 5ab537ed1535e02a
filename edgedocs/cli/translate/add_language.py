"""``edgedocs translate add-language``: what a language begins with."""

from __future__ import annotations

from pathlib import Path

import click

from edgedocs.cli.output import emit_json, json_option
from edgedocs.cli.translate.options import source_option, translations_option


@click.command(name="add-language")
@click.argument("language")
@source_option
@translations_option
@json_option
def add_language(language: str, source: Path, translations: Path, as_json: bool) -> None:
    """Write what LANGUAGE begins with, by its code of BCP 47, such as pt-BR.

    Makes a folder with language.toml: name, direction of writing and plural rule from Unicode's locale data, and the
    texts of the site in English, to be translated. Beside it comes a glossary.tsv for terms. The site finds the
    language by its folder.

    \b
    Examples:
      edgedocs translate add-language pl
      edgedocs translate add-language ar --json
    """
    from edgedocs.publishing.adding import add_language as add

    added = add(source, translations, language)
    if as_json:
        emit_json(added.as_dict())
        return
    click.echo(
        f"added {added.name} ({added.code}), written {'right to left' if added.direction == 'rtl' else 'left to right'}"
    )
    for path in added.written:
        click.echo(f"  {path.as_posix()}")
    click.echo(
        f"translate the texts in {added.written[0].as_posix()}, and list your terms in the glossary; then one of:"
    )
    click.echo(f"  edgedocs translate sync --language {added.code} --translator openai --dry-run")
    click.echo(f"  edgedocs translate export --language {added.code} --to po")
