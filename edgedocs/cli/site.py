"""``edgedocs site``: a documentation of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from edgedocs.cli.output import emit_json, json_option


@click.group()
def site() -> None:
    """A documentation of your own that runs, translated, built with MkDocs.

    \b
    Example:
      edgedocs site new my-docs
    """


@site.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--language",
    "languages",
    multiple=True,
    default=("cs",),
    show_default=True,
    help="Code of a language beside English; may be given several times.",
)
@json_option
def new(folder: Path, languages: tuple[str, ...], as_json: bool) -> None:
    """Write a small documentation into DIR, which must be new or empty.

    It has a page with an example of each kind, recorded outputs, and translations: Czech ones are complete, other
    languages have the texts of the site to translate. `pytest docs/` in it passes, and `mkdocs build` builds it.

    \b
    Examples:
      edgedocs site new my-docs
      edgedocs site new my-docs --language cs --language pl --json
    """
    from edgedocs.publishing.scaffolding import scaffold

    done = scaffold(folder, languages)
    if as_json:
        emit_json(done.as_dict())
        return
    click.echo(f"wrote {done.path}: {len(done.files)} files, languages: {', '.join(('en', *done.languages))}")
    for code in done.languages:
        if code not in done.translated:
            click.echo(f"translate the texts in {done.path / 'translations' / code / 'language.toml'}")
    click.echo(f"next: cd {shlex.quote(str(done.path))}, then pytest docs/ and mkdocs serve")
