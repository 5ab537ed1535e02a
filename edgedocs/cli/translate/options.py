"""Options that the commands about translations share."""

from __future__ import annotations

from pathlib import Path

import click

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
languages_option = click.option(
    "--language", "languages", multiple=True, help="Only this language; may be given several times."
)
